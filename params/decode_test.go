package params_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

func TestDecoders(t *testing.T) {
	t.Parallel()
	f := newFake("int", " 42\n", "float", "1e3", "bool", "TRUE", "duration", "1m30s", "base64", "aGk=\n", "addr", "10.0.0.1", "level", "warn", "json", `{"a":[1]}`, "null", "null")
	cache := open(t, f, nil)
	ctx := t.Context()
	for name, get := range map[string]func() (any, error){
		"42":         func() (any, error) { return cache.Int(ctx, "int") },
		"1000":       func() (any, error) { return cache.Float(ctx, "float") },
		"true":       func() (any, error) { return cache.Bool(ctx, "bool") },
		"1m30s":      func() (any, error) { return cache.Duration(ctx, "duration") },
		"[104 105]":  func() (any, error) { return cache.Base64(ctx, "base64") },
		"10.0.0.1":   func() (any, error) { return params.UnmarshalText[netip.Addr](ctx, cache, "addr") },
		"WARN":       func() (any, error) { return params.UnmarshalText[slog.Level](ctx, cache, "level") },
		"map[a:[1]]": func() (any, error) { return params.JSON[map[string]any](ctx, cache, "json") },
		"<nil>":      func() (any, error) { return params.JSON[any](ctx, cache, "null") },
	} {
		for range 2 {
			if got, err := get(); err != nil || fmt.Sprint(got) != name {
				t.Errorf("%v, %v; want %s", got, err, name)
			}
		}
	}
	wantCalls(t, f, 9)
}

// errorsOf decodes a text with everything there is.
func errorsOf(ctx context.Context, s params.Getter, name string) []error {
	var errs []error
	keep := func(_ any, err error) { errs = append(errs, err) }
	get := func(v any, err error) { keep(v, err) }
	i, err := s.Int(ctx, name)
	get(i, err)
	f, err := s.Float(ctx, name)
	get(f, err)
	b, err := s.Bool(ctx, name)
	get(b, err)
	d, err := s.Duration(ctx, name)
	get(d, err)
	b64, err := s.Base64(ctx, name)
	get(b64, err)
	a, err := params.UnmarshalText[netip.Prefix](ctx, s, name)
	get(a, err)
	tm, err := params.UnmarshalText[time.Time](ctx, s, name)
	get(tm, err)
	j, err := params.JSON[map[string]int](ctx, s, name)
	get(j, err)
	st, err := params.JSON[struct{ A lambdakit.Secret }](ctx, s, name)
	get(st, err)
	return errs
}

func TestDecodeErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	const value = "~hunter2~"
	for _, text := range []string{value, `"` + value + `"`, `{"` + value + `":1.5}`, `{"A":5,"` + value + `":"x"}`} {
		cache := open(t, newFake("a", text), nil)
		for _, err := range errorsOf(t.Context(), cache, "a") {
			if err == nil {
				continue
			}
			d, ok := errors.AsType[*params.DecodeError](err)
			if !ok || d.Name != "a" || d.Want == "" || !strings.HasPrefix(err.Error(), "params: ") || !strings.Contains(err.Error(), `"a"`) {
				t.Errorf("got %#v, want a DecodeError with the name", err)
			}
			js, _ := json.Marshal(err)
			shown := fmt.Sprintf("%v %+v %#v %s %q %s", err, err, err, err, err, js)
			if strings.Contains(shown, "hunter2") || strings.Count(shown, err.Error()) != 5 {
				t.Errorf("got %s, want the text of the error five times and no value", shown)
			}
		}
	}
}

func TestDecodeErrorsHaveTheirCause(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "x"), nil)
	_, err := cache.Int(t.Context(), "a")
	if _, ok := errors.AsType[*strconv.NumError](err); !ok || !errors.Is(err, strconv.ErrSyntax) {
		t.Errorf("got %v, want a *strconv.NumError in the chain", err)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, strconv.ErrRange) || errors.Is(err, params.ErrNotFound) {
		t.Errorf("got another error in the chain of %v, want the one of strconv alone", err)
	}
	_, err = params.JSON[int](t.Context(), cache, "a")
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok {
		t.Errorf("got %v, want a *json.SyntaxError in the chain", err)
	}
	own := errors.New("own x")
	_, err = params.NewDecoder("thing", func([]byte) (int, error) { return 1, own }).Get(t.Context(), cache, "a")
	if !errors.Is(err, own) || err.Error() != `params: the value of "a" does not decode as thing` {
		t.Errorf("got %v, want the error of the decoder behind a fixed text", err)
	}
}

// A DecodeError of another package has no cause.
func TestDecodeErrorsWithoutACause(t *testing.T) {
	t.Parallel()
	err := error(&params.DecodeError{Name: "a", Want: "b"})
	if _, ok := errors.AsType[*strconv.NumError](err); ok || errors.Is(err, nil) || errors.Is(err, errDown) {
		t.Errorf("got a cause of %v, want none", err)
	}
}

func TestDecodersGiveTheErrorsOfTheSource(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake(), nil)
	for _, err := range errorsOf(t.Context(), cache, "none") {
		if !errors.Is(err, params.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	}
}

func TestADecoderThatCallsGoexit(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "x"), nil)
	d := params.NewDecoder("thing", func([]byte) (int, error) { runtime.Goexit(); return 0, nil })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Get(t.Context(), cache, "a")
	}()
	<-ended
	if v, err := d.Get(t.Context(), cache, "a"); err == nil || v != 0 {
		t.Errorf("got %d, %v, want an error", v, err)
	}
}

func TestADecoderThatPanics(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "x"), nil)
	var calls int
	d := params.NewDecoder("thing", func(text []byte) (int, error) {
		calls++
		panic("cannot make sense of " + string(text) + "hunter2")
	})
	for range 3 {
		v, err := d.Get(t.Context(), cache, "a")
		if _, ok := errors.AsType[*params.DecodeError](err); !ok || v != 0 || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, %v, want 0 and a DecodeError without the text of the panic", v, err)
		}
	}
	if calls != 1 {
		t.Errorf("got %d calls of the decoder, want 1", calls)
	}
}

func TestDecodedOnceForEachValue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		cache := open(t, f, nil)
		var calls atomic.Int64
		d := params.NewDecoder("text", func(text []byte) (string, error) { calls.Add(1); return string(text), nil })
		for _, step := range []struct {
			text  string
			calls int64
		}{{"1", 1}, {"1", 1}, {"2", 2}, {"1", 3}} {
			f.set("a", step.text)
			for range 3 {
				if v, err := d.Get(t.Context(), cache, "a"); v != step.text || err != nil {
					t.Errorf("got %q, %v, want %q", v, err, step.text)
				}
			}
			if n := calls.Load(); n != step.calls {
				t.Errorf("%q: got %d calls of the decoder, want %d", step.text, n, step.calls)
			}
			time.Sleep(6 * time.Minute)
		}
		wantCalls(t, f, 4)
	})
}

// All that waited for one fetch decode at the same moment.
func TestDecodedOnceForAllWhoWaited(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake("a", "1")
		f.slow(time.Second)
		cache := open(t, f, nil)
		var calls atomic.Int64
		slow := params.NewDecoder("text", func(text []byte) (string, error) {
			calls.Add(1)
			time.Sleep(time.Millisecond)
			return string(text), nil
		})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if v, err := slow.Get(t.Context(), cache, "a"); v != "1" || err != nil {
					t.Errorf("got %q, %v, want 1", v, err)
				}
			})
		}
		wg.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("got %d calls of the decoder for 100 callers, want 1", n)
		}
		// A crowd must not use up the room for what the value is decoded to otherwise.
		var others atomic.Int64
		other := params.NewDecoder("text", func(text []byte) (int, error) { others.Add(1); return len(text), nil })
		for range 10 {
			other.Get(t.Context(), cache, "a")
		}
		if n := others.Load(); n != 1 {
			t.Errorf("got %d calls of the second decoder, want 1", n)
		}
	})
}

func TestDecodeErrorsOfJSONNameTheType(t *testing.T) {
	t.Parallel()
	_, err := params.JSON[map[string]int](t.Context(), open(t, newFake("a", "x"), nil), "a")
	if want := `params: the value of "a" does not decode as JSON that fits map[string]int`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMoreDecodersThanAreRemembered(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "1"), nil)
	for i := range 100 {
		d := params.NewDecoder("text", func([]byte) (int, error) { return i, nil })
		for range 2 {
			if v, err := d.Get(t.Context(), cache, "a"); v != i || err != nil {
				t.Errorf("got %d, %v, want %d", v, err, i)
			}
		}
	}
}
