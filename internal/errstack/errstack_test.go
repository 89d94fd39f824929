package errstack_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/internal/errstack"
)

type carrier struct {
	error
	pcs []uintptr
}

func (c *carrier) Callers() []uintptr { return c.pcs }

type text struct{ error }

func (text) Stack() []byte { return []byte("main.f()") }

func TestOf(t *testing.T) {
	t.Parallel()
	pcs := make([]uintptr, 8)
	pcs = pcs[:runtime.Callers(1, pcs)]
	got := errstack.Of(&carrier{errors.New("x"), pcs})
	if !strings.HasPrefix(got, "github.com/lambdakit/lambdakit/internal/errstack_test.TestOf\n\t") || !strings.Contains(got, "errstack_test.go:") || strings.HasSuffix(got, "\n") {
		t.Errorf("got %q, want the frames of TestOf", got)
	}
	sent := messages.InvokeResponse_Error{StackTrace: []*messages.InvokeResponse_Error_StackFrame{{Path: "main.go", Line: 10, Label: "handle"}, nil, {Path: "main.go", Line: 20, Label: "main"}}}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"sent": {sent, "handle\n\tmain.go:10\nmain\n\tmain.go:20"}, "sent as a pointer": {&sent, "handle\n\tmain.go:10\nmain\n\tmain.go:20"},
		"none": {errors.New("x"), ""}, "text": {text{}, "main.f()"}, "nil": {(*carrier)(nil), ""}, "empty": {&carrier{}, ""},
	} {
		if got := errstack.Of(c.err); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	pcs := make([]uintptr, 1)
	runtime.Callers(1, pcs)
	many := make([]uintptr, 100_000)
	for i := range many {
		many[i] = pcs[0]
	}
	if n := len(errstack.Text(many)); n > 66<<10 {
		t.Errorf("got %d bytes, want at most %d", n, 66<<10)
	}
}
