package xray

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errtype"
)

// replayed is an error that names the type of another error, like a stored error.
type replayed struct{}

func (replayed) Error() string                 { return "stored" }
func (replayed) ErrorType(errtype.Mark) string { return "Stored.Err" }

func TestExceptions_HaveTheTypeThatLambdaGets(t *testing.T) {
	t.Parallel()
	answer := messages.InvokeResponse_Error{Type: "Custom.Err", Message: "no stock"}
	for name, c := range map[string]struct {
		err           error
		kind, message string
	}{
		"answer":              {answer, "Custom.Err", "no stock"},
		"answer without type": {messages.InvokeResponse_Error{Message: "m"}, "messages.InvokeResponse_Error", "m"},
		"stored":              {replayed{}, "Stored.Err", "stored"},
		"other":               {fmt.Errorf("x"), "*errors.errorString", "x"},
	} {
		x := Exceptions(c.err, "")
		if got, want := fmt.Sprintf("%s: %s", x[0].Type, x[0].Message), c.kind+": "+c.message; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	x := Exceptions(fmt.Errorf("sell: %w", answer), "")
	if len(x) != 2 || x[1].Type != "Custom.Err" || x[1].Message != "no stock" {
		t.Errorf("wrapped: got %+v, want a cause of type Custom.Err", x)
	}
	if got, want := TypeName(answer)+": "+PanicText(answer), "Custom.Err: no stock"; got != want {
		t.Errorf("panic: got %s, want %s", got, want)
	}
}

// The cause of an EventError repeats the event.
// The stack of the caller is that of the first error, unless the error has one.
func TestExceptions_StackOfTheCaller(t *testing.T) {
	t.Parallel()
	x := Exceptions(fmt.Errorf("outer: %w", errors.New("inner")), "the stack")
	if len(x) != 2 || x[0].Stack != "the stack" || x[1].Stack != "" {
		t.Errorf("got %+v, want the stack in the first exception only", x)
	}
}

func TestExceptions_TheCauseOfAnEventErrorIsLeftOut(t *testing.T) {
	t.Parallel()
	event := &lambdakit.EventError{Type: reflect.TypeFor[int](), Offset: -1, Err: errors.New("hidden")}
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"alone":   {event, 1},
		"wrapped": {fmt.Errorf("decode: %w", event), 2},
		"joined":  {errors.Join(errors.New("x"), event), 3},
	} {
		x := Exceptions(c.err, "")
		if len(x) != c.want || x[len(x)-1].Caused || strings.Contains(fmt.Sprint(x), "hidden") {
			t.Errorf("%s: got %+v, want %d exceptions without the cause", name, x, c.want)
		}
	}
}

func TestExceptions_URLsOfJoinedErrorsLoseTheirCredentials(t *testing.T) {
	t.Parallel()
	failed := func(token string) error {
		return &url.Error{Op: "Get", URL: "https://h.example/x?access_token=" + token, Err: errors.New("refused")}
	}
	for name, err := range map[string]error{
		"joined":            errors.Join(failed("hidden1"), failed("hidden2")),
		"joined, wrapped":   fmt.Errorf("a: %w", errors.Join(errors.New("x"), failed("hidden1"))),
		"wrapped, by two":   fmt.Errorf("a: %w, b: %w", failed("hidden1"), failed("hidden2")),
		"wrapped by others": fmt.Errorf("a: %w", fmt.Errorf("b: %w", failed("hidden1"))),
	} {
		if x := fmt.Sprint(Exceptions(err, "")); strings.Contains(x, "hidden") || !strings.Contains(x, "https://h.example/x?access_token=") {
			t.Errorf("%s: got %s, want the URL without the token", name, x)
		}
	}
}

func TestExceptions_NumberAndLengthAreBounded(t *testing.T) {
	t.Parallel()
	chain := errors.New("end")
	for range 100 {
		chain = fmt.Errorf("w: %w", chain)
	}
	if got := len(Exceptions(chain, "")); got != maxChain {
		t.Errorf("chain: got %d exceptions, want %d", got, maxChain)
	}
	var many []error
	for range 100 {
		many = append(many, errors.New("x"))
	}
	if got := len(Exceptions(errors.Join(many...), "")); got != maxExceptions {
		t.Errorf("joined: got %d exceptions, want %d", got, maxExceptions)
	}
	if got := len(Exceptions(errors.New(strings.Repeat("x", 1<<20)), "")[0].Message); got != maxMessage {
		t.Errorf("message: got %d bytes, want %d", got, maxMessage)
	}
}

// partOf is an error whose text is part of a large string.
type partOf struct{ text string }

func (e partOf) Error() string { return e.text[:1] }

func TestExceptions_KeepNothingLarge(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1000)
	if got := Exceptions(partOf{text}, "")[0].Message; unsafe.StringData(got) == unsafe.StringData(text) {
		t.Error("got a message that keeps the larger text in memory, want a copy")
	}
}
