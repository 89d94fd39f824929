package xray

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/xraytest"
)

// exceptions returns "type: message" for each exception of a document. An arrow comes before an
// exception that is the cause of the previous one.
func exceptions(d xraytest.Document) (list []string) {
	all, _ := d.At("cause.exceptions").([]any)
	cause := any(nil)
	for _, x := range all {
		x := x.(map[string]any)
		kind, _ := x["type"].(string)
		text := kind + ": " + x["message"].(string)
		if cause != nil && cause == x["id"] {
			text = "-> " + text
		}
		list = append(list, text)
		cause = x["cause"]
	}
	return list
}

func wantExceptions(t *testing.T, d xraytest.Document, want ...string) {
	t.Helper()
	if got := strings.Join(exceptions(d), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got exceptions\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// failed returns a span with an event for each error.
func failed(errs ...error) *Span {
	s := newSpan(internal)
	s.Status = codes.Error
	for _, err := range errs {
		s.Events = append(s.Events, Event{Name: ExceptionEvent, Time: start, Exceptions: Exceptions(err, "")})
	}
	return s
}

func TestExceptionEvents(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	s.Events = []Event{
		{Name: "exception", Attributes: attrs{ExceptionType.String("main.E"), ExceptionMessage.String("first"), ExceptionStacktrace.String("main.f(0x1)\n\t/var/task/main.go:10 +0x1d\n")}},
		{Name: "other", Attributes: attrs{ExceptionMessage.String("not this")}},
		{Name: "exception", Attributes: attrs{ExceptionMessage.String("second")}},
		{Name: "exception", Attributes: attrs{attribute.Int("exception.message", 1)}},
	}
	d := encode(t, Config{}, s)
	wantExceptions(t, d, "main.E: first", ": second", ": ")
	check(t, d, members{"fault": ``, "error": ``}) // an event alone sets no flag
	first := d.At("cause.exceptions").([]any)[0].(map[string]any)
	equal(t, "stack", first["stack"], `[{"path":"/var/task/main.go","line":10,"label":"main.f"}]`)
	if first["remote"] != nil || d.At("cause.working_directory") == nil {
		t.Errorf("got %s, want a working directory and no remote exception", d.JSON)
	}
	for kind, remote := range map[trace.SpanKind]string{internal: ``, server: ``, consumer: ``, client: `true`, producer: `true`} {
		s.Kind = kind
		for _, x := range encode(t, Config{}, s).At("cause.exceptions").([]any) {
			equal(t, kind.String(), x.(map[string]any)["remote"], remote)
		}
	}

	// The document of a span in progress has the same ids as its final document.
	s.End = time.Time{}
	if x := encode(t, Config{}, s).At("cause.exceptions").([]any)[0].(map[string]any); x["id"] != first["id"] {
		t.Errorf("got id %v in progress, want %v as at the end", x["id"], first["id"])
	}
}

func TestCauseOfStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status      codes.Code
		description string
		attrs       attrs
		want        string // the exception; empty: no exception
		metadata    string
	}{
		"no error":               {codes.Unset, "d", attrs{str("error.type", "E")}, "", `{"default":{"error.type":"E"}}`},
		"fine":                   {codes.Ok, "d", nil, "", ``},
		"description":            {codes.Error, "d", nil, ": d", ``},
		"type":                   {codes.Error, "", attrs{str("error.type", "E")}, "E: ", ``},
		"both":                   {codes.Error, "d", attrs{str("error.type", "E")}, "E: d", ``},
		"nothing":                {codes.Error, "", nil, "", ``},
		"status as type":         {codes.Error, "", attrs{str("error.type", "503"), num("http.response.status_code", 503)}, "", ``},
		"status and description": {codes.Error, "d", attrs{str("error.type", "503"), num("http.response.status_code", 503)}, ": d", ``},
		"another type":           {codes.Error, "d", attrs{str("error.type", "timeout"), num("http.response.status_code", 503)}, "timeout: d", ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(client, c.attrs...)
			s.Status, s.Description = c.status, c.description
			d := encode(t, Config{}, s)
			if got := strings.Join(exceptions(d), ""); got != c.want {
				t.Errorf("got exceptions %q, want %q", got, c.want)
			}
			check(t, d, members{"metadata": c.metadata})
		})
	}
	s := newSpan(client, str("error.type", "E"))
	s.Status, s.Description = codes.Error, "of the status"
	s.Events = []Event{{Name: "exception", Attributes: attrs{ExceptionMessage.String("of the event")}}}
	wantExceptions(t, encode(t, Config{}, s), ": of the event")
}

type several []error

func (several) Error() string     { return "several" }
func (s several) Unwrap() []error { return s }

func TestChains(t *testing.T) {
	t.Parallel()
	a, b := errors.New("a"), io.EOF
	const plain, wrap, join = "*errors.errorString", "*fmt.wrapError", "*errors.joinError"
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"one":            {a, []string{plain + ": a"}},
		"two":            {fmt.Errorf("w: %w", a), []string{wrap + ": w: a", "-> " + plain + ": a"}},
		"three":          {fmt.Errorf("v: %w", fmt.Errorf("w: %w", a)), []string{wrap + ": v: w: a", "-> " + wrap + ": w: a", "-> " + plain + ": a"}},
		"joined":         {errors.Join(a, b), []string{join + ": a\nEOF", plain + ": a", plain + ": EOF"}},
		"several %w":     {fmt.Errorf("%w, %w", a, b), []string{"*fmt.wrapErrors: a, EOF", plain + ": a", plain + ": EOF"}},
		"wrapped joined": {fmt.Errorf("w: %w", errors.Join(a, b)), []string{wrap + ": w: a\nEOF", "-> " + join + ": a\nEOF", plain + ": a", plain + ": EOF"}},
		"nil among them": {several{nil, a, nil}, []string{"xray.several: several", plain + ": a"}},
		"only nil":       {several{nil}, []string{"xray.several: several"}},
		"none":           {several{}, []string{"xray.several: several"}},
		"tree":           {errors.Join(errors.Join(a, b), b), []string{join + ": a\nEOF\nEOF", join + ": a\nEOF", plain + ": EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantExceptions(t, encode(t, Config{}, failed(c.err)), c.want...)
		})
	}
	wantExceptions(t, encode(t, Config{}, failed(fmt.Errorf("w: %w", a), b)), wrap+": w: a", "-> "+plain+": a", plain+": EOF")
}

// panics is an error whose methods all panic, like methods of nil pointers.
type panics struct{ Next error }

func (*panics) Error() string { panic("no text") }

func TestErrorThatPanics(t *testing.T) {
	t.Parallel()
	d := encode(t, Config{}, failed(fmt.Errorf("w: %w", errors.Join(nil, errors.New("a"))), several{(*panics)(nil)}))
	if list := exceptions(d); len(list) != 5 || !strings.Contains(list[4], "panicked") {
		t.Errorf("got exceptions %q, want five, the last with a method that panicked", list)
	}
}

// withStack carries a stack.
type withStack struct{ text string }

func (withStack) Error() string   { return "with a stack" }
func (e withStack) Stack() string { return e.text }

func TestStackOfCauses(t *testing.T) {
	t.Parallel()
	inner := withStack{"main.f()\n\t/a.go:1\n"}
	d := encode(t, Config{}, failed(fmt.Errorf("w: %w", inner)))
	list := d.At("cause.exceptions").([]any)
	equal(t, "outer", list[0].(map[string]any)["stack"], ``)
	equal(t, "inner", list[1].(map[string]any)["stack"], `[{"path":"/a.go","line":1,"label":"main.f"}]`)
}

type itself struct{}

func (itself) Error() string   { return "itself" }
func (e itself) Unwrap() error { return e }

type back struct{ next error }

func (*back) Error() string   { return "back" }
func (b *back) Unwrap() error { return b.next }

// If a chain is cut, its last exception has no cause: neither a missing exception nor one of
// another error.
func TestEndOfChains(t *testing.T) {
	t.Parallel()
	deep := errors.New("first")
	for i := range 40 {
		deep = fmt.Errorf("%d: %w", i, deep)
	}
	circle := &back{new(back)}
	circle.next.(*back).next = circle
	for name, s := range map[string]*Span{"deep": failed(deep), "itself": failed(itself{}), "circle": failed(circle)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encode(t, Config{}, s)
		})
	}
	t.Run("deep, and another", func(t *testing.T) {
		t.Parallel()
		list := exceptions(encode(t, Config{}, failed(deep, errors.New("another"))))
		if last := list[len(list)-1]; last != "*errors.errorString: another" {
			t.Errorf("got last exception %q, want the other error", last)
		}
	})
}

type (
	unwrapPanics  struct{}
	unwrapsPanics struct{}
	stackPanics   struct{}
)

func (*unwrapPanics) Error() string    { return "" }
func (*unwrapPanics) Unwrap() error    { panic("nil pointer") }
func (*unwrapsPanics) Error() string   { return "" }
func (*unwrapsPanics) Unwrap() []error { panic("nil pointer") }
func (*stackPanics) Error() string     { return "" }
func (*stackPanics) Stack() string     { panic("nil pointer") }

// Methods of errors other than Error may panic too, like methods of nil pointers.
func TestMethodsThatPanic(t *testing.T) {
	t.Parallel()
	for _, err := range []error{new(unwrapPanics), new(unwrapsPanics), fmt.Errorf("%w", new(stackPanics))} {
		func() {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("%T: got panic %v, want none", err, v)
				}
			}()
			encode(t, Config{}, failed(err))
		}()
	}
}

func TestTypeOfErrorForTheRuntime(t *testing.T) {
	t.Parallel()
	err := messages.InvokeResponse_Error{Type: "Custom.Err", Message: "m"}
	wantExceptions(t, encode(t, Config{}, failed(err)), "Custom.Err: m")
}
