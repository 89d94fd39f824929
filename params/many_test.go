package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

func TestManyWithPartialErrors(t *testing.T) {
	t.Parallel()
	f := newFake("a", "1", "b", "2")
	f.fail("denied", params.WithKind(errDown, params.ErrAccessDenied))
	for name, source := range map[string]params.Source{"many": many{f}, "one": f} {
		cache := open(t, source, nil)
		got, err := cache.Many(t.Context(), "a", "none", "denied", "b", "none", "a")
		if fmt.Sprint(got) != "map[a:1 b:2]" || !errors.Is(err, params.ErrNotFound) || !errors.Is(err, params.ErrAccessDenied) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if n := strings.Count(err.Error(), "none"); n != 1 {
			t.Errorf("%s: got the error %d times in %v, want once", name, n, err)
		}
		clear(got)
		wantGet(t, cache, "a", "1")
	}
	if got, err := open(t, f, nil).Many(t.Context()); got == nil || len(got) != 0 || err != nil {
		t.Errorf("no names: %v, %v", got, err)
	}
}

// results is a source whose answer for many is what the test says.
type results struct {
	*fake
	answer map[string]params.Result
	err    error
}

func (r *results) FetchMany(context.Context, []string) (map[string]params.Result, error) {
	return r.answer, r.err
}

func TestManyOfASourceThatIsSloppy(t *testing.T) {
	t.Parallel()
	ok := params.Result{Value: params.Value{Text: "1"}}
	for name, test := range map[string]struct {
		answer map[string]params.Result
		err    error
		got    string
		is     error
	}{
		"nil":         {nil, nil, "map[]", params.ErrNotFound},
		"other names": {map[string]params.Result{"x": ok, "A": ok}, nil, "map[]", params.ErrNotFound},
		"one of two":  {map[string]params.Result{"a": ok}, nil, "map[a:1]", params.ErrNotFound},
		"both":        {map[string]params.Result{"a": ok, "b": ok}, errDown, "map[]", errDown},
	} {
		got, err := open(t, &results{newFake(), test.answer, test.err}, nil).Many(t.Context(), "a", "b")
		if fmt.Sprint(got) != test.got || !errors.Is(err, test.is) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestManyInAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1", "b", "2")
		var reports int
		cache := open(t, many{f}, &params.Options{OnError: func(error) { reports++ }})
		cache.Many(t.Context(), "a", "b")
		time.Sleep(time.Hour)
		f.fail("", errDown)
		for range 3 {
			got, err := cache.Many(t.Context(), "a", "b")
			if fmt.Sprint(got) != "map[a:1 b:2]" || err != nil {
				t.Errorf("%v, %v", got, err)
			}
			got, err = cache.Many(t.Context(), "a", "new")
			if fmt.Sprint(got) != "map[a:1]" || !errors.Is(err, errDown) {
				t.Errorf("%v, %v", got, err)
			}
		}
		if reports != 2 {
			t.Errorf("got %d reports, want 2", reports)
		}
	})
}

func TestManyOneByOneIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, most atomic.Int64
		cache := open(t, params.SourceFunc(func(context.Context, string) (params.Value, error) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return params.Value{}, nil
		}), nil)
		var names []string
		for i := range 40 {
			names = append(names, fmt.Sprint(i))
		}
		start := time.Now()
		if got, err := cache.Many(t.Context(), names...); len(got) != 40 || err != nil {
			t.Errorf("%d, %v", len(got), err)
		}
		if most.Load() > 10 || time.Since(start) > 10*time.Second {
			t.Errorf("got %d fetches at the same time, %v in all, want at most 10 and 10 s", most.Load(), time.Since(start))
		}
	})
}
