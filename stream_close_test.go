package lambdakit_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
)

// methods is a reader whose other methods do as they are told.
type methods struct {
	io.Reader
	contentType func() string
	close       func() error
	closed      int
}

func (m *methods) ContentType() string {
	if m.contentType != nil {
		return m.contentType()
	}
	return "text/plain"
}

func (m *methods) Close() error {
	m.closed++
	if m.close != nil {
		return m.close()
	}
	return nil
}

// ended returns a middleware and what it saw at the ends.
func ended() (lambdakit.Middleware, *[]string) {
	log, outer, _ := recorders()
	return outer, log
}

func last(log *[]string) string { return (*log)[len(*log)-1] }

func TestPanicInContentTypeEndsTheInvocation(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	defer func() {
		if v := recover(); v != "ct" || last(log) != "outer end panic=ct" {
			t.Errorf("recovered %v: %q", v, *log)
		}
	}()
	serve(&methods{Reader: strings.NewReader(""), contentType: func() string { panic("ct") }}, mw)(t.Context(), []byte(`{}`))
}

func TestPanicInCloseEndsTheInvocation(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	s, err := serve(&methods{Reader: strings.NewReader("x"), close: func() error { panic("close") }}, mw)(t.Context(), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if v := recover(); v != "close" || last(log) != "outer end panic=close" {
			t.Errorf("recovered %v: %q", v, *log)
		}
	}()
	s.Close()
}

func TestUnusedStreamsAreClosed(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	fails := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			return errors.Join(next(ctx, inv), boom)
		}
	}
	replaces := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			err := next(ctx, inv)
			inv.SetResponse([]byte(`"other"`))
			return err
		}
	}
	for name, mw := range map[string]lambdakit.Middleware{"error": fails, "replaced": replaces} {
		m := &methods{Reader: strings.NewReader("x")}
		if s, err := serve(m, mw)(t.Context(), []byte(`{}`)); err == nil {
			s.Close()
		}
		if m.closed != 1 {
			t.Errorf("%s: closed %d times", name, m.closed)
		}
	}
}

func TestReadErrorThatLooksLikeClosing(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	r, w := io.Pipe()
	w.CloseWithError(io.ErrClosedPipe)
	s, _ := serve(r, mw)(t.Context(), []byte(`{}`))
	if _, err := io.ReadAll(s); err != io.ErrClosedPipe || last(log) != "outer end err=io: read/write on closed pipe" {
		t.Errorf("%v: %q", err, *log)
	}
}

// lateReader panics in Read once it is closed.
type lateReader struct{ closed chan struct{} }

func (r lateReader) Read([]byte) (int, error) { <-r.closed; panic("late") }
func (r lateReader) Close() error             { close(r.closed); return nil }

func TestReadThatPanicsDuringClose(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	s, _ := serve(lateReader{make(chan struct{})}, mw)(t.Context(), []byte(`{}`))
	done := make(chan error)
	go func() {
		_, err := s.Read(make([]byte, 1))
		done <- err
	}()
	func() {
		defer func() { recover() }() // where Read was first
		s.Close()
	}()
	if err := <-done; err == nil {
		t.Error("no error")
	}
	if n := len(*log); n != 3 {
		t.Errorf("%q", *log)
	}
}

func TestGoexitInAHookEndsTheInvocationAllTheSame(t *testing.T) {
	mw, log := ended()
	h := lambdakit.Wrap(echo, mw, onEnd(func(*lambdakit.Invocation) { runtime.Goexit() }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Invoke(context.Background(), []byte(`{}`))
	}()
	<-done
	if last(log) != "outer end" {
		t.Errorf("%q", *log)
	}
	lambdakit.Shutdown() // does not wait for ever
	lambdakit.WrapFunc(func(ctx context.Context) {
		if lambdakit.Current() != lambdakit.FromContext(ctx) {
			t.Error("the earlier invocation is still live")
		}
	}).Invoke(t.Context(), nil)
}

func TestShutdownFromAHook(t *testing.T) {
	h := lambdakit.WrapFunc(lambdakit.Shutdown,
		onEnd(func(*lambdakit.Invocation) { lambdakit.Shutdown() }),
		onDeadline(func(*lambdakit.Invocation) { lambdakit.Shutdown() }))
	if _, err := h.Invoke(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestRecoveredPanics(t *testing.T) {
	t.Parallel()
	retry := func(next lambdakit.Handler) lambdakit.Handler {
		try := func(ctx context.Context, inv *lambdakit.Invocation) (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = errors.New("recovered")
					if inv.Panic() == nil {
						t.Error("the middleware does not see the panic")
					}
				}
			}()
			return next(ctx, inv)
		}
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			if err := try(ctx, inv); err == nil {
				return nil
			}
			return next(ctx, inv)
		}
	}
	for want, second := range map[string]func(){"outer end": func() {}, "outer end panic=2": func() { panic(2) }} {
		mw, log := ended()
		calls := 0
		h := lambdakit.WrapFunc(func() {
			if calls++; calls == 1 {
				panic(1)
			}
			second()
		}, mw, retry)
		func() {
			defer func() { recover() }()
			h.Invoke(t.Context(), nil)
		}()
		if last(log) != want {
			t.Errorf("%q, want %q", *log, want)
		}
	}
}

// stubborn refuses its first decoding with an error of encoding/json.
type stubborn struct{ calls int }

func (s *stubborn) UnmarshalJSON([]byte) error {
	if s.calls++; s.calls == 1 {
		return new(order).unmarshal(`{bad`)
	}
	return nil
}

func TestDecodingOfATypesOwnIsNotRepeated(t *testing.T) {
	t.Parallel()
	fn := func(_ context.Context, s stubborn) (int, error) { return s.calls, nil }
	sameAsBare(t, fn, lambdakit.Wrap(fn), `{}`)
	_, err := lambdakit.Wrap(fn).Invoke(t.Context(), []byte(`{}`))
	var e *lambdakit.EventError
	if !errors.As(err, &e) || e.Offset != -1 {
		t.Errorf("%v", err)
	}
}

func TestEventErrorNamesNoKeysOfMaps(t *testing.T) {
	t.Parallel()
	type sub struct {
		Values map[string]struct{ N int }
		order
	}
	h := lambdakit.Wrap(func(context.Context, struct{ Sub []*sub }) (any, error) { return nil, nil })
	for _, event := range []string{`{"Sub":[{"Values":{"hunter2":{"N":"x"}}}]}`, `{"Sub":[{"id":1}]}`, `{"Sub":{"hunter2":1}}`} {
		_, err := h.Invoke(t.Context(), []byte(event))
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), `field "Sub`) {
			t.Errorf("%v", err)
		}
	}
}
