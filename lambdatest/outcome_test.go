package lambdatest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

var errDown = errors.New("the database is down")

// status answers with an HTTP status, and fails the invocation if it is a 5xx.
func status(mw ...lambdakit.Middleware) any {
	return lambdakit.Wrap(func(ctx context.Context, code int) (map[string]int, error) {
		if code >= 500 {
			lambdakit.FromContext(ctx).Fail(errDown)
		}
		if code >= 600 {
			return nil, errors.New("returned")
		}
		return map[string]int{"statusCode": code}, nil
	}, mw...)
}

func TestErr_AnsweredFailure(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	res := lambdatest.Run(t, status(logs.Middleware), 500)
	if !errors.Is(res.Err, errDown) || string(res.Response) != `{"statusCode":500}` {
		t.Errorf("got the error %v and the response %s, want %v and a response", res.Err, res.Response, errDown)
	}
	if len(res.Logs) != 1 || res.Logs[0].Level() != "ERROR" {
		t.Errorf("got the lines %s, want one at ERROR", res.Output)
	}
	var answer struct{ StatusCode int }
	if res.Decode(&answer); answer.StatusCode != 500 {
		t.Errorf("got the answer %+v, want 500", answer)
	}
}

func TestErr_ReturnedErrorCountsBeforeAFailure(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, status(), 600)
	if res.Err == nil || res.Err.Error() != "returned" {
		t.Errorf("got %v, want the returned error", res.Err)
	}
}

func TestErr_FailureIsOfOneInvocation(t *testing.T) {
	t.Parallel()
	h := lambdatest.New(t, status(), nil)
	h.Invoke(500)
	if res := h.Invoke(200); res.Err != nil {
		t.Errorf("got %v after a failure, want none", res.Err)
	}
}

func TestErr_FailureOfAStream(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.WrapStream(func(ctx context.Context, _ any) (io.Reader, error) {
		lambdakit.FromContext(ctx).Fail(errDown)
		return strings.NewReader("page"), nil
	}), nil)
	if !errors.Is(res.Err, errDown) || string(res.Response) != "page" {
		t.Errorf("got the error %v and the response %q, want %v and page", res.Err, res.Response, errDown)
	}
}

// picky refuses every event with a text of its own.
type picky struct{}

func (*picky) UnmarshalJSON([]byte) error { return errors.New("the amount is missing") }

func TestErr_TextOfACustomUnmarshalJSON(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.Wrap(func(context.Context, picky) (any, error) { return nil, nil }), `{}`)
	var event *lambdakit.EventError
	if !errors.As(res.Err, &event) {
		t.Fatalf("got %v, want an EventError", res.Err)
	}
	if err := errors.Unwrap(event); err == nil || !strings.Contains(err.Error(), "the amount is missing") {
		t.Errorf("got the cause %v, want the text of UnmarshalJSON", err)
	}
}

func TestDecode_FailsTheTest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		handler any
		want    string
	}{
		{func() error { return errDown }, "lambdatest: the handler failed: the database is down"},
		{func() { panic("ouch") }, "lambdatest: the handler failed: the handler panicked: ouch"},
		{func() (string, error) { return "x", nil }, `lambdatest: decode the response "x"`},
	} {
		f := &failing{T: t}
		var n int
		if lambdatest.Run(f, c.handler, nil).Decode(&n); !strings.HasPrefix(f.text, c.want) {
			t.Errorf("got %q, want %q", f.text, c.want)
		}
	}
}

func TestInvoke_EventThatDoesNotEncode(t *testing.T) {
	t.Parallel()
	f := &failing{T: t}
	lambdatest.Run(f, func() {}, math.NaN())
	if !strings.HasPrefix(f.text, "lambdatest: encode the event") {
		t.Errorf("got %q, want a failure to encode the event", f.text)
	}
}

func TestInvoke_EventsThatAreJSONAlready(t *testing.T) {
	t.Parallel()
	echo := func(event json.RawMessage) (json.RawMessage, error) { return event, nil }
	for _, event := range []any{`{"a":1}`, []byte(`{"a":1}`), json.RawMessage(`{"a":1}`), map[string]int{"a": 1}} {
		if res := lambdatest.Run(t, echo, event); string(res.Response) != `{"a":1}` {
			t.Errorf("%T: got %s and %v, want the event", event, res.Response, res.Err)
		}
	}
}

func TestInvoke_ContextOfLambda(t *testing.T) {
	t.Parallel()
	var got struct {
		id, tenant, trace string
		left              time.Duration
	}
	handler := func(ctx context.Context) {
		lc, _ := lambdacontext.FromContext(ctx)
		got.id, got.tenant = lc.AwsRequestID, lc.TenantID
		got.trace, _ = ctx.Value("x-amzn-trace-id").(string)
		deadline, _ := ctx.Deadline()
		got.left = time.Until(deadline)
	}
	h := lambdatest.New(t, handler, &lambdatest.Options{TenantID: "acme", Timeout: time.Hour})
	first := h.Invoke(nil)
	if got.id != first.RequestID || got.tenant != "acme" || got.left <= 59*time.Minute {
		t.Errorf("got %+v, want the request %s", got, first.RequestID)
	}
	trace := got.trace
	for _, part := range []string{"Root=1-", ";Parent=", ";Sampled=1"} {
		if !strings.Contains(trace, part) {
			t.Errorf("got the header %q, want %s in it", trace, part)
		}
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got.id) {
		t.Errorf("got the request id %s, want a random UUID", got.id)
	}
	if second := h.Invoke(nil); second.RequestID == first.RequestID || got.trace == trace {
		t.Errorf("got the ids %s and %s again, want new ones", second.RequestID, got.trace)
	}
}

func TestNew_DefaultsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	var got *execenv.Environment
	lambdatest.Run(t, func(ctx context.Context) { got = execenv.FromContext(ctx) }, nil)
	if got.FunctionName != "function" || got.MemoryMB != 128 || !got.OnDemand {
		t.Errorf("got %+v, want the name function, 128 MB and a cold start", got)
	}
}

// The context of a test is canceled before the functions of Cleanup run.
func TestInvoke_InCleanup(t *testing.T) {
	t.Parallel()
	var got error
	t.Run("cleanup", func(t *testing.T) {
		t.Cleanup(func() { lambdatest.Run(t, func(ctx context.Context) { got = ctx.Err() }, nil) })
	})
	if got != nil {
		t.Errorf("got a context with %v, want one that is not done", got)
	}
}

func TestNew_PanicsWithoutAHandler(t *testing.T) {
	t.Parallel()
	for want, handler := range map[string]any{
		"lambdatest: the handler is nil":                      nil,
		"lambdakit: WrapFunc: int is not a function":          1,
		"lambdakit: WrapFunc: func(int, int, int) takes more": func(int, int, int) {},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("New(%T): got the panic %s, want %s", handler, got, want)
				}
			}()
			lambdatest.New(t, handler, nil)
		}()
	}
}

// A plain function runs in an invocation of the toolkit, so that it may log and count.
func TestNew_FunctionsHaveAnInvocation(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]any{
		"an answer": func(ctx context.Context) (bool, error) { return lambdakit.FromContext(ctx) != nil, nil },
		"a stream": lambdakit.WrapStream(func(ctx context.Context, _ any) (io.Reader, error) {
			return strings.NewReader(fmt.Sprint(lambdakit.FromContext(ctx) != nil)), nil
		}),
	} {
		if res := lambdatest.Run(t, handler, nil); string(res.Response) != "true" {
			t.Errorf("%s: got %s, want true", name, res.Response)
		}
	}
}

func TestNew_FunctionThatReturnsAReader(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, func() (*strings.Reader, error) { return strings.NewReader("text"), nil }, nil)
	if string(res.Response) != "text" || res.Err != nil {
		t.Errorf("got %q, %v, want text", res.Response, res.Err)
	}
}

func TestNew_StreamThatFailsToStart(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { return nil, errDown }), nil)
	if !errors.Is(res.Err, errDown) || res.Response != nil {
		t.Errorf("got %v, %q, want %v", res.Err, res.Response, errDown)
	}
}

func TestPanicError_UnwrapsErrorsOnly(t *testing.T) {
	t.Parallel()
	if res := lambdatest.Run(t, func() { panic(errDown) }, nil); !errors.Is(res.Err, errDown) {
		t.Errorf("got %v, want %v inside", res.Err, errDown)
	}
	if res := lambdatest.Run(t, func() { panic("text") }, nil); errors.Unwrap(res.Err) != nil {
		t.Errorf("got %v inside a panic with a string, want nil", errors.Unwrap(res.Err))
	}
}
