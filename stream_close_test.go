package lambdakit_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
)

// methods is a reader with configurable Close and ContentType methods.
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

// ended returns a middleware and the list of outcomes that it records at the end.
func ended() (lambdakit.Middleware, *[]string) {
	log, outer, _ := recorders()
	return outer, log
}

// wantLast checks the last call that a recorder recorded.
func wantLast(t *testing.T, log *[]string, want string) {
	t.Helper()
	if got := (*log)[len(*log)-1]; got != want {
		t.Errorf("got the last call %q, want %q", got, want)
	}
}

func TestPanicInContentTypeEndsTheInvocation(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	defer func() {
		if v := recover(); v != "ct" {
			t.Errorf("got the panic %v, want ct", v)
		}
		wantLast(t, log, "outer end panic=ct")
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
		if v := recover(); v != "close" {
			t.Errorf("got the panic %v, want close", v)
		}
		wantLast(t, log, "outer end panic=close")
	}()
	s.Close()
}

func TestStream_CloserThatIsClosedEarlyIsNoFailure(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	broken := errors.New("cannot close")
	s, err := serve(&methods{Reader: strings.NewReader("never read"), close: func() error { return broken }}, mw)(t.Context(), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != broken {
		t.Errorf("got the error %v, want %v", err, broken)
	}
	wantLast(t, log, "outer end")
}

func TestStream_GoexitEndsTheInvocation(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]io.Reader{
		"Read":  readerFunc(func([]byte) (int, error) { runtime.Goexit(); return 0, nil }),
		"Close": &methods{Reader: strings.NewReader("x"), close: func() error { runtime.Goexit(); return nil }},
	} {
		mw, log := ended()
		s, err := serve(r, mw)(t.Context(), []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // Goexit ends this goroutine
			defer close(done)
			if name == "Read" {
				s.Read(make([]byte, 1))
			} else {
				s.Close()
			}
			t.Errorf("%s: got a return, want the end of the goroutine", name)
		}()
		<-done
		wantLast(t, log, "outer end err="+lambdakit.ErrGoexit.Error())
		if _, err := s.Read(make([]byte, 1)); err != lambdakit.ErrGoexit {
			t.Errorf("%s: got the error %v of a later Read, want ErrGoexit", name, err)
		}
	}
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
			t.Errorf("%s: got %d calls of Close, want 1", name, m.closed)
		}
	}
}

func TestReadErrorThatLooksLikeClosing(t *testing.T) {
	t.Parallel()
	mw, log := ended()
	r, w := io.Pipe()
	w.CloseWithError(io.ErrClosedPipe)
	s, _ := serve(r, mw)(t.Context(), []byte(`{}`))
	if _, err := io.ReadAll(s); err != io.ErrClosedPipe {
		t.Errorf("got the error %v, want %v", err, io.ErrClosedPipe)
	}
	wantLast(t, log, "outer end err=io: read/write on closed pipe")
}

// lateReader panics in a Read after Close.
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
		defer func() { recover() }() // Close panics if Read panicked first
		s.Close()
	}()
	if err := <-done; err == nil {
		t.Error("got no error of Read, want one")
	}
	if n := len(*log); n != 3 {
		t.Errorf("got the calls %q, want three", *log)
	}
}

// The test is not parallel: it replaces os.Stderr.
func TestRead_PanicAfterTheEndIsReported(t *testing.T) {
	mw, log := ended()
	begun, release := make(chan struct{}), make(chan struct{})
	s, err := serve(readerFunc(func([]byte) (int, error) { close(begun); <-release; panic("late") }), mw)(t.Context(), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	report := standardError(t, func() {
		done := make(chan error)
		go func() {
			_, err := s.Read(make([]byte, 1))
			done <- err
		}()
		<-begun
		s.Close()
		close(release)
		if document, ok := (<-done).(messages.InvokeResponse_Error); !ok || document.Message != "late" {
			t.Errorf("got the error %+v, want late", document)
		}
	})
	if want := "lambdakit: the response stream's Read panicked after the stream had ended: late\n"; report != want {
		t.Errorf("got the report %q, want %q", report, want)
	}
	wantLast(t, log, "outer end")
}

func TestGoexitInAHook_EndsTheInvocation(t *testing.T) {
	mw, log := ended()
	h := lambdakit.Wrap(echo, mw, onEnd(func(*lambdakit.Invocation) { runtime.Goexit() }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Invoke(context.Background(), []byte(`{}`))
	}()
	<-done
	wantLast(t, log, "outer end")
	lambdakit.Shutdown() // must return
	lambdakit.WrapFunc(func(ctx context.Context) {
		if lambdakit.Current() != lambdakit.FromContext(ctx) {
			t.Error("got an earlier invocation that is still live, want only the current one")
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
						t.Error("got no Panic in the middleware that recovers, want one")
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
		wantLast(t, log, want)
	}
}

// stubborn fails its first decoding with an error of encoding/json.
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
		t.Errorf("got %v, want an EventError without an offset", err)
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
			t.Errorf("got %v, want an error that names the field and no key of a map", err)
		}
	}
}
