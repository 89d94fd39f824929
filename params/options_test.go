package params_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestOptionsThatAreWrong(t *testing.T) {
	t.Parallel()
	if _, err := params.New(nil, nil); err == nil {
		t.Error("got no error without a source, want one")
	}
	for name, o := range map[string]params.Options{
		"MaxRecords":   {MaxRecords: -1},
		"MaxBytes":     {MaxBytes: -1},
		"FetchTimeout": {FetchTimeout: -1},
		"RefreshAhead": {MaxAge: time.Minute, RefreshAhead: 54 * time.Second},
	} {
		if _, err := params.New(newFake(), &o); err == nil || !strings.HasPrefix(err.Error(), "params: ") || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error that names %s", err, name)
		}
	}
	if _, err := params.New(newFake(), &params.Options{MaxAge: -1, MaxStale: -1, NotFoundAge: -1, RefreshAhead: -1}); err != nil {
		t.Error(err)
	}
	if _, err := params.New(newFake(), &params.Options{MaxAge: time.Minute, RefreshAhead: 53 * time.Second}); err != nil {
		t.Error(err)
	}
}

// ageOf returns how old values get, by what is fetched in 1000 s; 0 is each time.
func TestMaxAgeFromTheEnvironment(t *testing.T) {
	const variable = "POWERTOOLS_PARAMETERS_MAX_AGE"
	for _, bad := range []string{"x", "-1", "1.5", "5m", "99999999999999999999", "31536001", "0x10"} {
		t.Setenv(variable, bad)
		if _, err := params.New(newFake(), nil); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%q: got %v, want an error that names the variable", bad, err)
		}
		if _, err := params.New(newFake(), &params.Options{MaxAge: time.Second}); err != nil {
			t.Errorf("%q with MaxAge: got %v, want no error", bad, err)
		}
	}
	for text, want := range map[string]time.Duration{"31536000": 365 * 24 * time.Hour, "": 5 * time.Minute, "60": time.Minute, " 60 ": time.Minute, "1": time.Second, "0": 0} {
		t.Setenv(variable, text)
		c := newClock()
		f := newFake("a", "1")
		cache := open(t, f, &params.Options{Now: c.Now})
		wantGet(t, cache, "a", "1")
		if want > 0 {
			c.turn(want * 89 / 100)
			wantGet(t, cache, "a", "1")
			wantCalls(t, f, 1)
			c.turn(want)
		}
		wantGet(t, cache, "a", "1")
		wantCalls(t, f, 2)
	}
	t.Setenv(variable, "0")
	c := newClock()
	f := newFake("a", "1")
	cache := open(t, f, &params.Options{Now: c.Now, MaxAge: time.Hour})
	wantGet(t, cache, "a", "1")
	wantGet(t, cache, "a", "1")
	wantCalls(t, f, 1) // the program wins
}
