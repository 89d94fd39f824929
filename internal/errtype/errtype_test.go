package errtype_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

func TestName(t *testing.T) {
	t.Parallel()
	custom := messages.InvokeResponse_Error{Type: "Custom.Err", Message: "m"}
	for want, v := range map[string]any{
		"Custom.Err":                     custom,
		"*errors.errorString":            errors.New("x"),
		"string":                         "a panic's value",
		"<nil>":                          nil,
		"messages.InvokeResponse_Error":  messages.InvokeResponse_Error{},
		"*messages.InvokeResponse_Error": (*messages.InvokeResponse_Error)(nil),
	} {
		if got := errtype.Name(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := errtype.Name(&custom); got != "Custom.Err" {
		t.Errorf("pointer: got %q, want Custom.Err", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	custom := messages.InvokeResponse_Error{Type: "Custom.Err", Message: "m"}
	for want, err := range map[string]error{"m": custom, "x": errors.New("x")} {
		if got := errtype.Text(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := errtype.Text(&custom); got != "m" {
		t.Errorf("pointer: got %q, want m", got)
	}
}
