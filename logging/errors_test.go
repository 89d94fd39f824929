package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"strings"
	"syscall"
	"testing"

	awsmessages "github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// loggedError returns the field error of a line about err.
func loggedError(t *testing.T, o logging.Options, err error) map[string]any {
	t.Helper()
	l, b := logger(t, o)
	l.Error("m", "error", err)
	m, ok := lines(t, b.Bytes())[0]["error"].(map[string]any)
	if !ok {
		t.Fatalf("got %.300s, want an object", b)
	}
	return m
}

// chain returns the types of an error and of its causes.
func chain(m map[string]any) string {
	var types []string
	for ok := true; ok; m, ok = m["cause"].(map[string]any) {
		types = append(types, fmt.Sprint(m["type"]))
	}
	return strings.Join(types, " < ")
}

type wrapping struct {
	text  string
	cause error
}

func (e *wrapping) Error() string { return e.text }
func (e *wrapping) Unwrap() error { return e.cause }

type ring struct{}

func (r *ring) Error() string { return "ring" }
func (r *ring) Unwrap() error { return r }

func TestError_WrappersOfFmtAreNotRepeated(t *testing.T) {
	t.Parallel()
	path := &fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}
	for want, err := range map[string]error{
		"*fmt.wrapError < *fs.PathError < syscall.Errno":         fmt.Errorf("load: %w", fmt.Errorf("read: %w", path)),
		"*fs.PathError < syscall.Errno":                          path,
		"*fmt.wrapError < *errors.errorString":                   fmt.Errorf("a: %w", fmt.Errorf("b: %w", fmt.Errorf("c: %w", errors.New("d")))),
		"*logging_test.wrapping < *fs.PathError < syscall.Errno": &wrapping{"a: read: " + path.Error(), fmt.Errorf("read: %w", path)},
		// Its text is nowhere else.
		"*logging_test.wrapping < *fmt.wrapError < *errors.errorString": &wrapping{"a", fmt.Errorf("b: %w", errors.New("c"))},
	} {
		m := loggedError(t, logging.Options{}, err)
		if got := chain(m); got != want || m["message"] != err.Error() {
			t.Errorf("got %s with %v, want %s", got, m["message"], want)
		}
	}
}

func TestError_ChainsAreBounded(t *testing.T) {
	t.Parallel()
	if got := strings.Count(chain(loggedError(t, logging.Options{}, &ring{})), "<"); got != 16 {
		t.Errorf("got %d causes, want 16", got)
	}
	var err error = errors.New("deep")
	for range 100 {
		err = &wrapping{"x", err}
	}
	if got := strings.Count(chain(loggedError(t, logging.Options{}, err)), "<"); got != 16 {
		t.Errorf("got %d causes, want 16", got)
	}
	many := make([]error, 1000)
	for i := range many {
		many[i] = errors.New("x")
	}
	causes, _ := loggedError(t, logging.Options{}, errors.Join(many...))["causes"].([]any)
	if len(causes) != 16 {
		t.Errorf("got %d joined causes, want 16", len(causes))
	}
	asked := 0
	tree := errJoined{countingError{&asked}}
	for range 6 {
		tree = errJoined{tree, tree, tree, tree, tree, tree, tree, tree}
	}
	l, _ := logger(t, logging.Options{})
	if l.Error("m", "error", errJoined{tree, countingError{&asked}}); asked == 0 || asked > 100 {
		t.Errorf("got %d leaves of a tree encoded, want 1 to 100", asked)
	}
}

func TestError_LongOnesAreShortenedInside(t *testing.T) {
	t.Parallel()
	cause := &stacked{strings.Repeat("cause ", 40_000), strings.Repeat("main.f()\n\t/main.go:1\n", 20_000)}
	for _, limit := range []int{64_000, 10_000, 1_000} {
		err := &wrapping{strings.Repeat("x", 200_000), fmt.Errorf("read: %w", cause)}
		l, b := logger(t, logging.Options{MaxLineBytes: limit})
		l.Error("m", "before", strings.Repeat("y", 1000), "error", err, "after", 1)
		m := lines(t, b.Bytes())[0]
		e, _ := m["error"].(map[string]any)
		if b.Len() > limit || m["message"] != "m" || m["level"] != "ERROR" || m["timestamp"] == nil {
			t.Errorf("%d: got %d bytes: %.300s", limit, b.Len(), b)
		}
		if e["type"] != "*logging_test.wrapping" || !strings.HasPrefix(fmt.Sprint(e["message"]), "xxx") {
			t.Errorf("%d: got %.300v, want type and message", limit, e)
		}
		if limit > 1_000 {
			c, _ := e["cause"].(map[string]any)
			if inner, ok := c["cause"].(map[string]any); ok {
				c = inner
			}
			if c["type"] != "*logging_test.stacked" || !strings.HasPrefix(fmt.Sprint(c["stack"]), "main.f()") || m["after"] != 1.0 {
				t.Errorf("%d: got %.300v, want the cause with its stack", limit, e)
			}
		}
	}
}

type stacked struct{ text, stack string }

func (e *stacked) Error() string { return e.text }
func (e *stacked) Stack() string { return e.stack }

func TestError_OfTheRuntimeHasItsOwnType(t *testing.T) {
	t.Parallel()
	sent := awsmessages.InvokeResponse_Error{Type: "Custom.Err", Message: "text", StackTrace: []*awsmessages.InvokeResponse_Error_StackFrame{{Path: "main.go", Line: 7, Label: "handle"}}}
	for name, err := range map[string]error{"value": sent, "pointer": &sent} {
		m := loggedError(t, logging.Options{}, err)
		if m["type"] != "Custom.Err" || m["message"] != "text" || m["stack"] != "handle\n\tmain.go:7" {
			t.Errorf("%s: got %v, want its own type, message and stack", name, m)
		}
	}
	res := run(t, nil, `{}`, func(context.Context, *slog.Logger) error { return sent })
	if e, _ := res.Logs[0]["error"].(map[string]any); len(res.Logs) != 1 || e["type"] != "Custom.Err" {
		t.Errorf("got %s, want its own type", res.Output)
	}
	res = run(t, nil, `{}`, func(context.Context, *slog.Logger) error { panic(sent) })
	if e, _ := res.Logs[0]["error"].(map[string]any); e["type"] != "Custom.Err" || e["message"] != "text" {
		t.Errorf("got %s, want its own type", res.Output)
	}
}

func TestError_OfTheRuntimeIsNotRepeated(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	lambdatest.Run(t, lambdakit.WrapFunc(func() error {
		return awsmessages.InvokeResponse_Error{Type: "Custom.Err", Message: "text"}
	}, logs.Middleware), `{}`)
	printLog(logs, `{"errorMessage":"text","errorType":"Custom.Err"}`)
	if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "invocation failed" {
		t.Errorf("got %s, want one line about the failure", &b)
	}
}

// aws-lambda-go takes the message of the value alone. Of a pointer it prints what Error returns.
func TestPanic_OfAnErrorOfTheRuntimeIsNotRepeated(t *testing.T) {
	t.Parallel()
	e := awsmessages.InvokeResponse_Error{Type: "Custom.Err", Message: "text"}
	for _, c := range []struct {
		value         any
		message, kind string
	}{{e, "text", "Custom.Err"}, {&e, e.Error(), "InvokeResponse_Error"}} {
		var b bytes.Buffer
		logs := logging.New(&logging.Options{Writer: &b})
		lambdatest.Run(t, lambdakit.WrapFunc(func() { panic(c.value) }, logs.Middleware), `{}`)
		printLog(logs, fmt.Sprintf(`{"errorMessage":%s,"errorType":%q}`, quote(c.message), c.kind))
		m := lines(t, b.Bytes())
		if len(m) != 1 || m[0]["message"] != "invocation panicked" {
			t.Fatalf("%T: got %s, want one line about the panic", c.value, &b)
		}
		if err, _ := m[0]["error"].(map[string]any); err["message"] != "text" || err["type"] != "Custom.Err" {
			t.Errorf("%T: got %v, want the message and the type of the error", c.value, err)
		}
	}
}

// generic is an error whose type has a name of any length.
type generic[T any] struct{}

func (generic[T]) Error() string { return "x" }

func TestError_LongTypesAreCut(t *testing.T) {
	t.Parallel()
	m := loggedError(t, logging.Options{}, generic[generic[generic[generic[generic[generic[generic[generic[int]]]]]]]]{})
	kind, _ := m["type"].(string)
	if name, ok := strings.CutSuffix(kind, "...[cut]"); !ok || len(name) > 256 || !strings.HasPrefix(name, "logging_test.generic[") {
		t.Errorf("got the type %s in %d bytes, want at most 256 and a mark", kind, len(kind))
	}
}

func TestError_HasNoCredentialsOfURLs(t *testing.T) {
	t.Parallel()
	get := &url.Error{Op: "Get", URL: "https://u:hidden@h/p?x-api-key=hidden&page=2", Err: errors.New("EOF")}
	for name, err := range map[string]error{
		"itself": get, "wrapped": fmt.Errorf("a: %w", get), "text": fmt.Errorf("a: %v", get), "joined": errors.Join(get, fmt.Errorf("b: %w", get)),
		"stack": &stacked{"x", "main.go:1 https://u:hidden@h/"},
	} {
		for _, fn := range []func(context.Context, *slog.Logger) error{
			func(context.Context, *slog.Logger) error { return err },
			func(context.Context, *slog.Logger) error { panic(err) },
			func(ctx context.Context, l *slog.Logger) error {
				l.ErrorContext(ctx, "m", "error", err, "list", []error{err}, slog.Group("g", "error", err))
				return nil
			},
		} {
			if res := run(t, nil, `{}`, fn); strings.Contains(string(res.Output), "hidden") || len(res.Logs) != 1 {
				t.Errorf("%s: got %s, want one line without credentials", name, res.Output)
			}
		}
	}
}

// secretCause has a LogValue that hides its text.
type secretCause struct{}

func (secretCause) Error() string        { return "hunter2" }
func (secretCause) LogValue() slog.Value { return slog.StringValue("hidden") }

func TestError_CausesLogThemselves(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&wrapping{"a", secretCause{}}, errJoined{secretCause{}}} {
		l, b := logger(t, logging.Options{})
		if l.Error("m", "error", err); strings.Contains(b.String(), "hunter2") || !strings.Contains(b.String(), `"hidden"`) {
			t.Errorf("got %s, want the cause as it logs itself", b)
		}
	}
}

// countingError counts how often it is asked for its text.
type countingError struct{ n *int }

func (e countingError) Error() string { *e.n++; return "leaf" }

func TestError_EventErrorsDoNotRepeatTheEvent(t *testing.T) {
	t.Parallel()
	_, err := lambdakit.WrapFunc(func(struct{ N int }) {}).Invoke(t.Context(), []byte(`{"N":"hunter2"}`))
	var e *lambdakit.EventError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *EventError", err)
	}
	e.Err = errors.New("hunter2")
	l, b := logger(t, logging.Options{})
	l.Error("m", "error", err, "wrapped", fmt.Errorf("a: %w", err), "joined", errors.Join(err, err), "list", []error{err})
	if strings.Contains(b.String(), "hunter2") || strings.Count(b.String(), "*lambdakit.EventError") != 5 {
		t.Errorf("got %s, want the errors without the event", b)
	}
}

// errJoined joins errors and does not repeat their texts.
type errJoined []error

func (errJoined) Error() string     { return "joined" }
func (e errJoined) Unwrap() []error { return e }

func TestError_NilAmongCausesIsLeftOut(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Error("m", "error", errJoined{nil, errors.New("second")})
	if got := b.String(); !strings.Contains(got, `"causes":[{"message":"second"`) {
		t.Errorf("got %s, want the second cause alone", got)
	}
}

// formattedCause is like an error of github.com/pkg/errors with a cause.
type formattedCause struct {
	formattedError
	cause error
}

func (e formattedCause) Unwrap() error { return e.cause }

// The text of the outermost stack is enough if a formatter made it. Stacks of their own are on each error.
func TestError_StacksOfFormattersAreNotRepeated(t *testing.T) {
	t.Parallel()
	own := &stacked{"own", "main.f()\n\t/main.go:1"}
	const formatted = "main.handle\n\t/src/main.go:12"
	for name, c := range map[string]struct {
		err    error
		stacks []any // of the error and its causes
	}{
		"formatted":           {formattedCause{cause: errors.New("x")}, []any{formatted, nil}},
		"twice":               {formattedCause{cause: formattedCause{cause: formattedError{}}}, []any{formatted, nil, nil}},
		"below a stack":       {&stackedCause{*own, formattedError{}}, []any{own.stack, nil}},
		"above a stack":       {formattedCause{cause: own}, []any{formatted, own.stack}},
		"below a plain error": {&wrapping{"a", formattedCause{cause: formattedError{}}}, []any{nil, formatted, nil}},
		"joined":              {&stackedCause{*own, errJoined{formattedError{}}}, []any{own.stack, nil}},
	} {
		m := loggedError(t, logging.Options{}, c.err)
		var got []any
		for ok := true; ok; m, ok = m["cause"].(map[string]any) {
			got = append(got, m["stack"])
			for _, joined := range asList(m["causes"]) {
				if stack := joined.(map[string]any)["stack"]; stack != nil {
					t.Errorf("%s: got the stack %v of a joined error, want none", name, stack)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.stacks) {
			t.Errorf("%s: got the stacks %v, want %v", name, got, c.stacks)
		}
	}
}

func asList(v any) []any { list, _ := v.([]any); return list }

type stackedCause struct {
	stacked
	cause error
}

func (e *stackedCause) Unwrap() error { return e.cause }

// A joined error has two causes below each other, so that a tree stays small.
func TestError_JoinedOnesHaveTwoCauses(t *testing.T) {
	t.Parallel()
	deep := &wrapping{"a", &wrapping{"b", &wrapping{"c", &wrapping{"d", errors.New("e")}}}}
	for _, err := range []error{errJoined{deep}, &wrapping{"x", errJoined{deep}}} {
		m := loggedError(t, logging.Options{}, err)
		if cause, ok := m["cause"].(map[string]any); ok {
			m = cause
		}
		causes := asList(m["causes"])
		if len(causes) != 1 {
			t.Fatalf("got the causes %v, want one", causes)
		}
		got := ""
		for m, ok := causes[0].(map[string]any); ok; m, ok = m["cause"].(map[string]any) {
			got += fmt.Sprint(m["message"])
		}
		if got != "abc" {
			t.Errorf("got the joined error and its causes %q, want %q", got, "abc")
		}
	}
}
