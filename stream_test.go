package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errtype"
)

type page struct {
	io.Reader
	closed int
}

func (p *page) ContentType() string { return "text/html" }
func (p *page) Close() error        { p.closed++; return nil }

func serve(r io.Reader, mw ...lambdakit.Middleware) func(context.Context, []byte) (*lambdakit.Stream, error) {
	f := lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { return r, nil }, mw...)
	return func(ctx context.Context, event []byte) (*lambdakit.Stream, error) { return f(ctx, event) }
}

func TestStream_IsNotReadAfterItsEnd(t *testing.T) {
	t.Parallel()
	reads := 0
	fn := lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) {
		return readerFunc(func([]byte) (int, error) { reads++; return 0, io.EOF }), nil
	})
	s, err := fn(t.Context(), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := s.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("got %d and %v, want io.EOF", n, err)
		}
	}
	if reads != 1 {
		t.Errorf("got %d reads, want 1", reads)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A nil response gives null, for every kind of type that can be nil.
func TestWrapStream_NilOfAnyKind(t *testing.T) {
	t.Parallel()
	var response []byte
	streams := false
	fn := lambdakit.WrapStream(func(context.Context, any) (readerFunc, error) { return nil, nil }, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			err := next(ctx, inv)
			response, streams = inv.Response(), inv.Streams()
			return err
		}
	})
	var event any
	ctx := handlertrace.NewContext(t.Context(), handlertrace.HandlerTrace{RequestEvent: func(_ context.Context, v any) { event = v }})
	s, err := fn(ctx, []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(event); got != "map[a:1]" {
		t.Errorf("hook of handlertrace: got the event %s, want map[a:1]", got)
	}
	if got, err := io.ReadAll(s); string(got) != "null" || err != nil {
		t.Errorf("got %s and %v, want null", got, err)
	}
	if string(response) != "null" || !streams {
		t.Errorf("middleware: got the response %q, streams %v, want null and true", response, streams)
	}
}

func TestStreamEndsAtEOF(t *testing.T) {
	t.Parallel()
	log, outer, inner := recorders()
	p := &page{Reader: strings.NewReader("<html>")}
	s, err := serve(p, outer, inner)(t.Context(), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.ContentType() != "text/html" {
		t.Errorf("got the content type %q, want text/html", s.ContentType())
	}
	if n := len(*log); n != 4 {
		t.Errorf("before it was read: got the calls %q, want no end", *log)
	}
	if all, err := io.ReadAll(s); string(all) != "<html>" || err != nil {
		t.Errorf("got %q and %v, want <html>", all, err)
	}
	wantLast(t, log, "outer end")
	s.Close()
	if len(*log) != 6 || p.closed != 1 {
		t.Errorf("after Close: got the calls %q and %d calls of Close, want 6 and 1", *log, p.closed)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("got no error of Read after the end, want one")
	}
}

func TestStreamClosedEarlyIsNoFailure(t *testing.T) {
	t.Parallel()
	log, outer, _ := recorders()
	s, _ := serve(strings.NewReader("never read"), outer)(t.Context(), []byte(`{}`))
	s.Close()
	wantLast(t, log, "outer end")
	if s.ContentType() != "application/octet-stream" {
		t.Errorf("got the content type %q, want application/octet-stream", s.ContentType())
	}
}

func TestStreamReadError(t *testing.T) {
	t.Parallel()
	log, outer, _ := recorders()
	boom := errors.New("boom")
	s, _ := serve(io.MultiReader(strings.NewReader("part"), iotest.ErrReader(boom)), outer)(t.Context(), []byte(`{}`))
	all, err := io.ReadAll(s)
	if string(all) != "part" || err != boom {
		t.Errorf("got %q and %v, want part and %v", all, err, boom)
	}
	wantLast(t, log, "outer end err=boom")
}

type storedError struct{ error }

func (storedError) ErrorType(errtype.Mark) string { return "another" }

func TestStreamReadErrorKeepsItsType(t *testing.T) {
	t.Parallel()
	boom := storedError{errors.New("boom")}
	var ended error
	s, _ := serve(iotest.ErrReader(boom), onEnd(func(inv *lambdakit.Invocation) { ended = inv.Err() }))(t.Context(), []byte(`{}`))
	_, err := io.ReadAll(s)
	if document, ok := err.(messages.InvokeResponse_Error); !ok || document.Type != "another" || document.Message != "boom" || ended != boom {
		t.Errorf("got the error %#v and the end %v, want the type another and %v", err, ended, boom)
	}
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic(errors.New("in Read")) }

func TestStreamPanicInRead(t *testing.T) {
	t.Parallel()
	log, outer, _ := recorders()
	s, _ := serve(panickingReader{}, outer)(t.Context(), []byte(`{}`))
	_, err := io.ReadAll(s)
	var document messages.InvokeResponse_Error
	if !errors.As(err, &document) || document.Type != "errorString" || document.Message != "in Read" {
		t.Errorf("got the error %#v, want errorString: in Read", err)
	}
	wantLast(t, log, "outer end panic=in Read")
	defer func() {
		if v := recover(); fmt.Sprint(v) != "in Read" {
			t.Errorf("got the panic %v, want in Read", v)
		}
	}()
	s.Close()
}

func TestStreamHandlerErrorsAndPanics(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	log, outer, _ := recorders()
	f := lambdakit.WrapStream(func(context.Context, order) (io.Reader, error) { return nil, boom }, outer)
	if s, err := f(t.Context(), []byte(`{}`)); s != nil || err != boom {
		t.Errorf("got %v and %v, want %v", s, err, boom)
	}
	var e *lambdakit.EventError
	if _, err := f(t.Context(), []byte(`{"id":1}`)); !errors.As(err, &e) {
		t.Errorf("got %v, want an EventError", err)
	}
	if last := (*log)[len(*log)-1]; !strings.HasPrefix(last, "outer end err=lambdakit: decode event") {
		t.Errorf("got the last call %q, want the end with the error", last)
	}
	defer func() {
		if v := recover(); v != "ouch" {
			t.Errorf("got the panic %v, want ouch", v)
		}
	}()
	lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { panic("ouch") })(t.Context(), []byte(`{}`))
}

func TestStreamThroughLambdaNewHandler(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]io.Reader{"text": strings.NewReader("text"), "null": nil, "": strings.NewReader("")} {
		fn := lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { return r, nil })
		if got, err := lambda.NewHandler(fn).Invoke(t.Context(), []byte(`{}`)); string(got) != want || err != nil {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
	}
	var typedNil *page
	fn := lambdakit.WrapStream(func(context.Context, any) (*page, error) { return typedNil, nil })
	if got, err := lambda.NewHandler(fn).Invoke(t.Context(), []byte(`{}`)); string(got) != "null" || err != nil {
		t.Errorf("got %q and %v, want null", got, err)
	}
}
