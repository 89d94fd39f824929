package appconfigapi_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata/types"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
	"github.com/lambdakit/lambdakit/params"
)

// scripted answers as a test says.
type scripted struct {
	mu       sync.Mutex
	start    *appconfigdata.StartConfigurationSessionInput
	startErr error
	starts   int
	gets     int
	getErr   error
	noToken  bool
	interval int32
	delay    time.Duration
	now, max int // calls at the same time
}

func (s *scripted) StartConfigurationSession(_ context.Context, in *appconfigdata.StartConfigurationSessionInput, _ ...func(*appconfigdata.Options)) (*appconfigdata.StartConfigurationSessionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start = in
	s.starts++
	return &appconfigdata.StartConfigurationSessionOutput{InitialConfigurationToken: aws.String("t")}, s.startErr
}

func (s *scripted) GetLatestConfiguration(ctx context.Context, _ *appconfigdata.GetLatestConfigurationInput, _ ...func(*appconfigdata.Options)) (*appconfigdata.GetLatestConfigurationOutput, error) {
	s.mu.Lock()
	s.gets++
	s.now++
	s.max = max(s.max, s.now)
	delay, err := s.delay, s.getErr
	s.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if err != nil {
		return nil, err
	}
	out := &appconfigdata.GetLatestConfigurationOutput{
		Configuration: fmt.Append(nil, "v", s.gets), VersionLabel: aws.String("label"), NextPollIntervalInSeconds: s.interval,
	}
	if !s.noToken {
		out.NextPollConfigurationToken = aws.String("next")
	}
	return out, nil
}

func TestFetch_NeedsAnApplicationAndAnEnvironment(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{{"", "prod"}, {"shop", ""}, {"", ""}} {
		s := new(scripted)
		if v, err := appconfigapi.New(s, test[0], test[1], nil).Fetch(t.Context(), "flags"); err == nil || v != (params.Value{}) || s.starts > 0 {
			t.Errorf("%q: got %v, %v, want an error and no request", test, v, err)
		}
	}
}

func TestFetch_MinPollInterval(t *testing.T) {
	t.Parallel()
	for interval, want := range map[time.Duration]int32{0: -1, -time.Second: -1, 15 * time.Second: 15, 15500 * time.Millisecond: 16, time.Nanosecond: 1} {
		s := new(scripted)
		v, err := appconfigapi.New(s, "shop", "prod", &appconfigapi.Options{MinPollInterval: interval}).Fetch(t.Context(), "flags")
		if v != (params.Value{Text: "v1", Version: "label"}) || err != nil {
			t.Errorf("got %#v, %v", v, err)
		}
		got := int32(-1)
		if s.start.RequiredMinimumPollIntervalInSeconds != nil {
			got = *s.start.RequiredMinimumPollIntervalInSeconds
		}
		if got != want {
			t.Errorf("%v: got %d s, want %d", interval, got, want)
		}
	}
}

func TestFetch_Errors(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*scripted{"start": {startErr: &types.ResourceNotFoundException{}}, "get": {getErr: &types.ResourceNotFoundException{}}} {
		source := appconfigapi.New(s, "shop", "prod", nil)
		for range 2 {
			if v, err := source.Fetch(t.Context(), "flags"); v != (params.Value{}) || !errors.Is(err, params.ErrNotFound) {
				t.Errorf("%s: got %v, %v, want ErrNotFound", name, v, err)
			}
		}
		if s.starts != 2 || (s.gets == 2) != (name == "get") {
			t.Errorf("%s: got %d sessions and %d fetches, want a new session for each try", name, s.starts, s.gets)
		}
	}
}

// The service wants a pause between two calls, also while the Cache asks for fresh values.
func TestFetch_KeepsThePollInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{interval: 60}
		source := appconfigapi.New(s, "shop", "prod", nil)
		for i, test := range []struct {
			pause time.Duration
			want  string
		}{{0, "v1"}, {59 * time.Second, "v1"}, {time.Second, "v2"}, {59 * time.Second, "v2"}} {
			time.Sleep(test.pause)
			if v, err := source.Fetch(t.Context(), "flags"); v.Text != test.want || err != nil {
				t.Errorf("%d: got %q, %v, want %q", i, v.Text, err, test.want)
			}
		}
	})
}

func TestFetch_AnAnswerWithoutATokenEndsTheSession(t *testing.T) {
	t.Parallel()
	s := &scripted{noToken: true, interval: 60}
	source := appconfigapi.New(s, "shop", "prod", nil)
	for i := range 2 {
		if v, err := source.Fetch(t.Context(), "flags"); v.Text != fmt.Sprint("v", i+1) || err != nil {
			t.Errorf("got %q, %v", v.Text, err)
		}
	}
	if s.starts != 2 {
		t.Errorf("got %d sessions, want 2", s.starts)
	}
}

func TestFetch_SessionsEndBeforeTheirTokensDo(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]int{23*time.Hour + 45*time.Minute - 1: 1, 23*time.Hour + 45*time.Minute: 2} {
		now := time.Unix(1e9, 0)
		s := new(scripted)
		source := appconfigapi.New(s, "shop", "prod", &appconfigapi.Options{Now: func() time.Time { return now }})
		source.Fetch(t.Context(), "flags")
		now = now.Add(age)
		source.Fetch(t.Context(), "flags")
		if s.starts != want {
			t.Errorf("%v: got %d sessions, want %d", age, s.starts, want)
		}
	}
}

// afterFreeze returns now after a time for which the environment was frozen: the wall clock has moved on, and
// the monotonic clock in the value has not.
func afterFreeze(t *testing.T, now time.Time, d time.Duration) time.Time {
	t.Helper()
	moved := now.Add(d)
	(*struct {
		wall      uint64
		monotonic int64
	})(unsafe.Pointer(&moved)).monotonic -= int64(d)
	if moved.Sub(now) != 0 || moved.Round(0).Sub(now.Round(0)) != d {
		t.Fatal("time.Time has other fields than this test expects")
	}
	return moved
}

func TestFetch_TimeInTheFreezerCounts(t *testing.T) {
	t.Parallel()
	s := &scripted{interval: 60}
	now := time.Now()
	source := appconfigapi.New(s, "shop", "prod", &appconfigapi.Options{Now: func() time.Time { return now }})
	for i, frozen := range []time.Duration{0, time.Minute, 24 * time.Hour} {
		now = afterFreeze(t, now, frozen)
		if _, err := source.Fetch(t.Context(), "flags"); err != nil || s.gets != i+1 {
			t.Errorf("after %v: got %v and %d calls, want %d", frozen, err, s.gets, i+1)
		}
	}
	if s.starts != 2 {
		t.Errorf("got %d sessions, want a second one after a day", s.starts)
	}
}

// A token is good for one call, so that calls of a session go one after another.
func TestFetch_OneCallAtATimeForEachProfile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{delay: time.Second}
		source := appconfigapi.New(s, "shop", "prod", nil)
		start := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { source.Fetch(t.Context(), "flags") })
		}
		wg.Wait()
		if s.max != 1 || time.Since(start) != 3*time.Second {
			t.Errorf("got %d calls at the same time in %v, want 1 in 3 s", s.max, time.Since(start))
		}
		for _, profile := range []string{"a", "b"} {
			wg.Go(func() { source.Fetch(t.Context(), profile) })
		}
		wg.Wait()
		if s.max != 2 {
			t.Errorf("got %d calls at the same time, want 2 for two profiles", s.max)
		}
	})
}

func TestFetch_TheWaitForAnotherCallEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{delay: time.Hour}
		source := appconfigapi.New(s, "shop", "prod", nil)
		go source.Fetch(t.Context(), "flags")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if v, err := source.Fetch(ctx, "flags"); v != (params.Value{}) || !errors.Is(err, context.DeadlineExceeded) || s.gets != 1 {
			t.Errorf("got %v, %v, want the error of the context", v, err)
		}
		time.Sleep(time.Hour)
	})
}

func TestFetch_ProfilesAreBounded(t *testing.T) {
	t.Parallel()
	s := new(scripted)
	source := appconfigapi.New(s, "shop", "prod", nil)
	for i := range 1000 {
		if _, err := source.Fetch(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := source.Fetch(t.Context(), "one more"); err == nil || v != (params.Value{}) || s.starts != 1000 {
		t.Errorf("got %v, %v after %d sessions, want an error after 1000", v, err, s.starts)
	}
	if _, err := source.Fetch(t.Context(), "0"); err != nil {
		t.Errorf("got %v for a known profile, want its value", err)
	}
}
