package lambdakit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total,omitempty"`
	Items []item  `json:"items,omitempty"`
}

func (o *order) unmarshal(text string) error { return json.Unmarshal([]byte(text), o) }

type item struct {
	Name  string    `json:"name"`
	Price float64   `json:"price"`
	Sold  time.Time `json:"sold,omitzero"`
}

// sameAsBare invokes fn through aws-lambda-go and through Wrap, and compares the outcomes.
func sameAsBare(t *testing.T, fn any, wrapped lambda.Handler, event string) {
	t.Helper()
	// The bare handler returns a pooled buffer; nothing else uses it here.
	want, wantErr := lambda.NewHandler(fn).Invoke(t.Context(), []byte(event))
	got, gotErr := wrapped.Invoke(t.Context(), []byte(event))
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("event %q: got the error %v, want %v as aws-lambda-go", event, gotErr, wantErr)
	}
	if wantErr == nil && !bytes.Equal(got, want) {
		t.Errorf("event %q: got %q, want %q as aws-lambda-go", event, got, want)
	}
}

var events = []string{
	`{"id":"a"}`, ` {"id":"a","total":1.5} `, `null`, `{}`,
	`{"id":"<b>&\u2028"}`, "{\"id\":\"\xff\"}", `{"ID":"case"}`, `{"id":"a","id":"b"}`,
	`{"id":"a"}{"id":"b"}`, `{"id":"a"} trailing`, `{"id":"a"}]`, // only the first value is decoded
	``, ` `, `{`, `{"id":`, `x`, `{"id":1}`, `[]`, `"s"`, `12`, `{"total":"x"}`, `{"items":[{"price":"free"}]}`,
	`{"id":"a",}`, "\ufeff{}", `{"items":[{"sold":"yesterday"}]}`,
}

func TestWrapAnswersLikeBareLambda(t *testing.T) {
	t.Parallel()
	echo := func(_ context.Context, o order) (order, error) { return o, nil }
	raw := func(_ context.Context, m json.RawMessage) (json.RawMessage, error) { return m, nil }
	anything := func(_ context.Context, v any) (any, error) { return v, nil }
	pointer := func(_ context.Context, o *order) (*order, error) { return o, nil }
	text := func(_ context.Context, o order) (string, error) { return "<" + o.ID + ">", nil }
	for _, event := range events {
		sameAsBare(t, echo, lambdakit.Wrap(echo), event)
		sameAsBare(t, raw, lambdakit.Wrap(raw), event)
		sameAsBare(t, anything, lambdakit.Wrap(anything), event)
		sameAsBare(t, pointer, lambdakit.Wrap(pointer), event)
		sameAsBare(t, text, lambdakit.Wrap(text), event)
		sameAsBare(t, echo, lambdakit.WrapFunc(echo), event)
	}
}

// pointerMarshaler encodes differently through a pointer.
type pointerMarshaler struct{ N int }

func (*pointerMarshaler) MarshalJSON() ([]byte, error) { return []byte(`"pointer"`), nil }

// bodyReader is a reader that encodes as {}.
type bodyReader struct {
	r      io.Reader
	closed bool
}

func (b *bodyReader) Read(p []byte) (int, error) { return b.r.Read(p) }
func (b *bodyReader) Close() error               { b.closed = true; return nil }

// noJSONReader is a reader that cannot be encoded.
type noJSONReader struct {
	*bodyReader
	Done chan struct{}
}

func TestResponsesLikeBareLambda(t *testing.T) {
	t.Parallel()
	var nilMap map[string]int
	var nilSlice []int
	var nilPointer *order
	for _, out := range []any{
		nil, nilMap, nilSlice, nilPointer, "", "a\nb\t<>&\u2028\u2029\x00", []byte("bytes"), 1.0, 1e21, int64(math.MaxInt64), true,
		map[string]any{"b": 1, "a": []any{nil, "x"}}, order{ID: "<"}, &order{ID: "p"}, pointerMarshaler{1}, &pointerMarshaler{1},
		json.RawMessage(" {\"a\" : 1}\n"), json.Number("12"), time.Unix(0, 0).UTC(), struct{}{},
		math.NaN(), make(chan int), func() {}, json.RawMessage(`{`), // cannot be encoded
	} {
		fn := func(context.Context, any) (any, error) { return out, nil }
		sameAsBare(t, fn, lambdakit.Wrap(fn), `{}`)
		sameAsBare(t, fn, lambdakit.WrapFunc(fn), `{}`)
	}
	// A reader in an interface is read to its end and closed, unless it encodes as JSON.
	for _, make := range []func() any{
		func() any { return strings.NewReader("<html>") },
		func() any { return bytes.NewBufferString("buffer") },
		func() any { return io.MultiReader(strings.NewReader("part"), iotest.ErrReader(errors.New("broken"))) },
		func() any {
			return &struct {
				io.Reader
				A int
			}{strings.NewReader("x"), 1}
		},
	} {
		fn := func(context.Context, any) (any, error) { return make(), nil }
		sameAsBare(t, fn, lambdakit.Wrap(fn), `{}`)
	}
	for name, wrap := range map[string]func(*bodyReader) any{
		"encodes as {}": func(b *bodyReader) any { return b },
		"has no JSON":   func(b *bodyReader) any { return &noJSONReader{bodyReader: b} },
	} {
		for _, c := range []struct {
			r    io.Reader
			want string
			fail bool
		}{{strings.NewReader("x"), "x", false}, {iotest.ErrReader(errors.New("broken")), "", true}} {
			b := &bodyReader{r: c.r}
			got, err := lambdakit.Wrap(func(context.Context, any) (any, error) { return wrap(b), nil }).Invoke(t.Context(), []byte(`{}`))
			if string(got) != c.want || (err != nil) != c.fail || !b.closed {
				t.Errorf("a reader that %s: got %q, %v and closed %v, want %q, an error %v and a closed reader", name, got, err, b.closed, c.want, c.fail)
			}
		}
	}
}

func TestResponseBytesAreOwned(t *testing.T) {
	t.Parallel()
	h := lambdakit.Wrap(func(_ context.Context, s string) (string, error) { return s, nil })
	first, _ := h.Invoke(t.Context(), []byte(`"first"`))
	for range 100 {
		h.Invoke(t.Context(), []byte(`"other"`))
	}
	if string(first) != `"first"` {
		t.Errorf("got %q after later invocations, want the first response", first)
	}
}

func TestEveryLegalShape(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, fn := range []any{
		func() {},
		func(order) {},
		func() error { return nil },
		func() error { return boom },
		func(order) error { return nil },
		func(order) error { return boom },
		func() (order, error) { return order{ID: "1"}, nil },
		func() (order, error) { return order{}, boom },
		func(o order) (order, error) { return o, nil },
		func(context.Context) {},
		func(context.Context) error { return nil },
		func(context.Context) error { return boom },
		func(context.Context) (*order, error) { return nil, nil },
		func(context.Context, order) {},
		func(context.Context, order) error { return boom },
		func(_ context.Context, o order) (order, error) { return o, nil },
		func(v any) (any, error) { return v, nil },
		func(v url.Values) (url.Values, error) { return v, nil }, // a type with methods
		func(interface {
			context.Context
		}) (string, error) {
			return "s", nil
		},
	} {
		h := lambdakit.WrapFunc(fn)
		for _, event := range []string{`{"id":"x"}`, ``, `bad`} {
			sameAsBare(t, fn, h, event)
		}
		_, bareErr := lambda.NewHandler(fn).Invoke(t.Context(), []byte(`{}`))
		if _, err := h.Invoke(t.Context(), []byte(`{}`)); err != bareErr {
			t.Errorf("%T: got the error %v, want %v as aws-lambda-go", fn, err, bareErr)
		}
	}
}

func TestIllegalShapesPanicAtConstruction(t *testing.T) {
	t.Parallel()
	for want, make := range map[string]func(){
		"not a function":             func() { lambdakit.WrapFunc(42) },
		"the handler to WrapHandler": func() { lambdakit.WrapFunc(lambdakit.WrapFunc(func() {})) },
		"is nil":                     func() { lambdakit.WrapFunc(nil) },
		"function is nil":            func() { lambdakit.WrapFunc((func())(nil)) },
		"more than two arguments":    func() { lambdakit.WrapFunc(func(context.Context, int, int) {}) },
		"first is not context":       func() { lambdakit.WrapFunc(func(int, context.Context) {}) },
		"neither context.Context":    func() { lambdakit.WrapFunc(func(fmt.Stringer) {}) },
		"single value":               func() { lambdakit.WrapFunc(func() int { return 1 }) },
		"second is not an error":     func() { lambdakit.WrapFunc(func() (int, int) { return 1, 1 }) },
		"more than two values":       func() { lambdakit.WrapFunc(func() (int, int, error) { return 1, 1, nil }) },
		"variadic":                   func() { lambdakit.WrapFunc(func(...int) {}) },
		"use lambdakit.WrapStream":   func() { lambdakit.WrapFunc(func() (io.Reader, error) { return nil, nil }) },
		"bytes.Buffer is an io.Reader": func() {
			lambdakit.Wrap(func(context.Context, any) (*bytes.Buffer, error) { return nil, nil })
		},
		"LambdaFunctionURLStreamingResponse is an io.Reader by its pointer": func() {
			lambdakit.Wrap(func(context.Context, any) (awsevents.LambdaFunctionURLStreamingResponse, error) {
				return awsevents.LambdaFunctionURLStreamingResponse{}, nil
			})
		},
		"APIGatewayProxyStreamingResponse is an io.Reader by its pointer": func() {
			lambdakit.WrapFunc(func() (r awsevents.APIGatewayProxyStreamingResponse, err error) { return r, nil })
		},
		"LambdaFunctionURLStreamingResponse is an io.Reader,": func() {
			lambdakit.WrapFunc(func() (*awsevents.LambdaFunctionURLStreamingResponse, error) { return nil, nil })
		},
		"bytes.Buffer is an io.Reader by its pointer":       func() { lambdakit.WrapFunc(func() (b bytes.Buffer, err error) { return b, nil }) },
		"streamedBody has the field Body of type io.Reader": func() { lambdakit.WrapFunc(func() (r streamedBody, err error) { return r, nil }) },
		"*lambdakit_test.streamedBody has the field Body":   func() { lambdakit.WrapFunc(func() (*streamedBody, error) { return nil, nil }) },
		"Wrap: the handler function is nil":                 func() { lambdakit.Wrap[any, any](nil) },
		"WrapHandler: the handler is nil":                   func() { lambdakit.WrapHandler(nil) },
		"WrapStream: the handler function":                  func() { lambdakit.WrapStream[any, io.Reader](nil) },
		"nil Middleware":                                    func() { lambdakit.WrapFunc(func() {}, nil) },
	} {
		t.Run(want, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) || !strings.HasPrefix(got, "lambdakit: ") {
					t.Errorf("got the panic %q, want %q in it", got, want)
				}
			}()
			make()
		})
	}
}

type streamedBody struct {
	Status int
	Body   io.Reader
}

// encodedBody encodes itself.
type encodedBody struct{ Body io.Reader }

func (encodedBody) MarshalJSON() ([]byte, error) { return []byte(`"encoded"`), nil }

func TestWrap_TakesTypesThatHaveAJSONForm(t *testing.T) {
	t.Parallel()
	type hidden struct {
		Body io.Reader `json:"-"`
		body io.Reader //lint:ignore U1000 encoding/json does not see it either
		A    int
	}
	type concrete struct {
		Buffer *bytes.Buffer // encoding/json takes it, and an interface that is not a reader
		Any    any
		Name   fmt.Stringer
	}
	for want, h := range map[string]lambda.Handler{
		`{"Buffer":null,"Any":1,"Name":null}`: lambdakit.WrapFunc(func() (concrete, error) { return concrete{Any: 1}, nil }),

		`"encoded"`: lambdakit.WrapFunc(func() (r encodedBody, err error) { return r, nil }),
		`{"A":1}`:   lambdakit.WrapFunc(func() (hidden, error) { return hidden{A: 1}, nil }),
		`null`:      lambdakit.WrapFunc(func() (*hidden, error) { return nil, nil }),
	} {
		if got, err := h.Invoke(t.Context(), []byte(`{}`)); string(got) != want || err != nil {
			t.Errorf("got %s and %v, want %s", got, err, want)
		}
	}
}

type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, p []byte) ([]byte, error) { return f(ctx, p) }

func TestWrapHandler(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	h := lambdakit.WrapHandler(handlerFunc(func(_ context.Context, p []byte) ([]byte, error) {
		if len(p) == 0 {
			return nil, boom
		}
		return append([]byte("got "), p...), nil
	}))
	if got, err := h.Invoke(t.Context(), []byte("raw")); string(got) != "got raw" || err != nil {
		t.Errorf("got %q and %v, want got raw", got, err)
	}
	if _, err := h.Invoke(t.Context(), nil); err != boom {
		t.Errorf("got the error %v, want %v", err, boom)
	}
}

func TestHandlerTraceHooksFire(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]lambda.Handler{
		"Wrap":     lambdakit.Wrap(func(_ context.Context, o order) (string, error) { return "r" + o.ID, nil }),
		"WrapFunc": lambdakit.WrapFunc(func(o order) (string, error) { return "r" + o.ID, nil }),
	} {
		var request, response any
		ctx := handlertrace.NewContext(t.Context(), handlertrace.HandlerTrace{
			RequestEvent:  func(_ context.Context, v any) { request = v },
			ResponseEvent: func(_ context.Context, v any) { response = v },
		})
		if _, err := h.Invoke(ctx, []byte(`{"id":"1"}`)); err != nil {
			t.Fatal(err)
		}
		if o, _ := request.(order); o.ID != "1" || response != "r1" {
			t.Errorf("%s: got the request %v and the response %v, want order 1 and r1", name, request, response)
		}
	}
}

func TestEventError(t *testing.T) {
	t.Parallel()
	h := lambdakit.Wrap(func(_ context.Context, o order) (order, error) { return o, nil })
	const secret = "hunter2"
	for _, c := range []struct {
		event, field, text string
		offset             int64
		is                 error
	}{
		{``, "", "the event is empty", 0, io.EOF},
		{`  `, "", "the event is empty", 0, io.EOF},
		{`{"id":"hunter2`, "", "ends too early", 14, io.ErrUnexpectedEOF},
		{`{"id":hunter2}`, "", "invalid JSON", 7, nil},
		{`{"total":"hunter2"}`, "total", "a JSON string does not fit the Go type float64", 18, nil},
		{`{"id":31337}`, "id", "a JSON number does not fit the Go type string", 11, nil},
		{`{"id":31337} and more`, "id", "a JSON number does not fit the Go type string", 11, nil},
		{`{"items":[{"price":"hunter2"}]}`, "items.price", "a JSON string", 28, nil},
		{`{"items":[{"sold":"hunter2"}]}`, "", "own decoding failed with *time.ParseError", -1, nil},
	} {
		_, err := h.Invoke(t.Context(), []byte(c.event))
		var e *lambdakit.EventError
		if !errors.As(err, &e) {
			t.Errorf("%s: got the error %T, want an EventError", c.event, err)
			continue
		}
		text := err.Error() + fmt.Sprint(e.LogValue())
		if strings.Contains(text, secret) || strings.Contains(text, "31337") {
			t.Errorf("%s: got %s, want a text that does not repeat the event", c.event, text)
		}
		if e.Field != c.field || e.Offset != c.offset || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), "lambdakit_test.order") {
			t.Errorf("%s: got the field %q, the offset %d and %v, want %q, %d and %q", c.event, e.Field, e.Offset, err, c.field, c.offset, c.text)
		}
		if known := c.offset >= 0; strings.Contains(text, fmt.Sprintf("(at byte %d)", c.offset)) != known || strings.Contains(text, fmt.Sprintf("offset=%d", c.offset)) != known {
			t.Errorf("%s: got %s, want the offset %d in both texts: %v", c.event, text, c.offset, known)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want an error that wraps %v", c.event, err, c.is)
		}
	}
	var syntax *json.SyntaxError
	if _, err := h.Invoke(t.Context(), []byte(`x`)); !errors.As(err, &syntax) {
		t.Errorf("got %v, want an error that wraps the json.SyntaxError", err)
	}
}

// ownEvent decodes the event itself.
type ownEvent struct{ text string }

func (o *ownEvent) UnmarshalEvent(event []byte) error {
	if o.text = string(event); o.text == "" {
		return io.ErrNoProgress
	}
	return nil
}

func TestWrap_UnmarshalEvent(t *testing.T) {
	t.Parallel()
	fn := func(_ context.Context, o ownEvent) (string, error) { return o.text, nil }
	for name, h := range map[string]lambda.Handler{"Wrap": lambdakit.Wrap(fn), "WrapFunc": lambdakit.WrapFunc(fn)} {
		if got, err := h.Invoke(t.Context(), []byte("not JSON")); string(got) != `"not JSON"` || err != nil {
			t.Errorf("%s: got %s and %v, want the event as it is", name, got, err)
		}
		if _, err := h.Invoke(t.Context(), nil); err != io.ErrNoProgress {
			t.Errorf("%s: got %v, want the error of UnmarshalEvent", name, err)
		}
	}
}

// refusing is a type with an UnmarshalJSON method that fails.
type refusing struct{}

func (*refusing) UnmarshalJSON([]byte) error {
	return errors.New("no such order: hunter2" + strings.Repeat("x", 1<<20))
}

// The error of an UnmarshalJSON method may repeat the event, so only developers see it.
func TestEventError_OwnDecodingIsShownLocallyOnly(t *testing.T) {
	t.Parallel()
	fn := func(context.Context, refusing) (any, error) { return nil, nil }
	h := lambdakit.Wrap(fn)
	if _, err := h.Invoke(t.Context(), []byte(`{}`)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error without the text", err)
	}
	for name, h := range map[string]lambda.Handler{"Wrap": h, "WrapFunc": lambdakit.WrapFunc(fn)} {
		if res := lambdatest.Run(t, h, `{}`); !strings.Contains(fmt.Sprint(res.Err), "no such order: hunter2") || len(res.Err.Error()) > 2000 {
			t.Errorf("%s: got %.2000v, want the beginning of the text in it", name, res.Err)
		}
	}
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	t.Parallel()
	boom := &json.SyntaxError{Offset: 3}
	h := lambdakit.Wrap(func(context.Context, any) (string, error) { return "lost", boom }, pass, pass)
	got, err := h.Invoke(t.Context(), []byte(`{}`))
	if err != error(boom) || got != nil {
		t.Errorf("got %q and %#v, want no response and the same error", got, err)
	}
}

func pass(next lambdakit.Handler) lambdakit.Handler { return next }

func FuzzEventsLikeBareLambda(f *testing.F) {
	for _, e := range events {
		f.Add([]byte(e))
	}
	echo := func(_ context.Context, o order) (order, error) { return o, nil }
	anything := func(_ context.Context, v any) (any, error) { return v, nil }
	wrappedEcho, wrappedAny := lambdakit.Wrap(echo), lambdakit.Wrap(anything)
	f.Fuzz(func(t *testing.T, event []byte) {
		sameAsBare(t, echo, wrappedEcho, string(event))
		sameAsBare(t, anything, wrappedAny, string(event))
	})
}
