package xray

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit/internal/errstack"
)

type frame struct {
	path, label string
	line        int
}

// framesOf returns the frames of a stack in a document.
func framesOf(t *testing.T, stack string) (list []frame) {
	t.Helper()
	s := newSpan(internal)
	s.Status = codes.Error
	s.Events = []Event{{Name: ExceptionEvent, Attributes: attrs{ExceptionStacktrace.String(stack)}}}
	exception := encode(t, Config{}, s).At("cause.exceptions").([]any)[0].(map[string]any)
	frames, _ := exception["stack"].([]any)
	for _, x := range frames {
		x := x.(map[string]any)
		list = append(list, frame{x["path"].(string), x["label"].(string), int(x["line"].(float64))})
	}
	return list
}

func TestStackText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []frame
	}{
		{"", nil},
		{"no stack at all", nil},
		{"\t/a.go:1\n", nil}, // a place without a function
		{"goroutine 1 [running]:\nmain.f(0x1, {0x2, 0x3}, ...)\n\t/a.go:10 +0x1d\n", []frame{{"/a.go", "main.f", 10}}},
		{"main.(*T).Method(0xc000, 0x1)\n\t/a.go:1 +0x1", []frame{{"/a.go", "main.(*T).Method", 1}}},
		{"main.(*T).Method(...)\n\t/a.go:1\n", []frame{{"/a.go", "main.(*T).Method", 1}}},
		{"main.(*T).Method\n\t/a.go:1\n", []frame{{"/a.go", "main.(*T).Method", 1}}},
		{"main.T.Method.func1()\n\t/a.go:1\n", []frame{{"/a.go", "main.T.Method.func1", 1}}},
		{"main.generic[...](0x1)\n\t/a.go:1\n", []frame{{"/a.go", "main.generic[...]", 1}}},
		{"example.com/x%2ey/pkg.F()\n\t/x y/a.go:1\n", []frame{{"/x y/a.go", "example.com/x%2ey/pkg.F", 1}}},
		{"main.f()\n\tC:/src/a.go:12 +0x1\n", []frame{{"C:/src/a.go", "main.f", 12}}},
		{"panic({0x1?, 0x2?})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\n", []frame{{"/usr/local/go/src/runtime/panic.go", "panic", 860}}},
		{"main.f()\n\t/a.go:1\ncreated by main.run in goroutine 7\n\t/b.go:2 +0x5\n", []frame{{"/a.go", "main.f", 1}, {"/b.go", "main.run", 2}}},
		{"created by main.run.func1\n\t/b.go:2 +0x5\n", []frame{{"/b.go", "main.run.func1", 2}}},
		{"main.f()\n\t/a.go:1\n...additional frames elided...\ncreated by main.run\n\t/b.go:2\n", []frame{{"/a.go", "main.f", 1}, {"/b.go", "main.run", 2}}},
		{"main.f()\n\tno line\n", []frame{{"no line", "main.f", 0}}},
		{"main.f()\n\t/a.go:x\n", []frame{{"/a.go:x", "main.f", 0}}},
		{"main.f()\n\t/a.go:99999999999999999999\n", []frame{{"/a.go:99999999999999999999", "main.f", 0}}},
		{"main.f()\n\t\n", []frame{{"", "main.f", 0}}},
		{"main.f()\n\t/a.go:1\n\t/b.go:2\n", []frame{{"/a.go", "main.f", 1}}}, // the second place has no function
	} {
		if got := framesOf(t, c.text); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q: got frames\n%v, want\n%v", c.text, got, c.want)
		}
	}
}

// thisFile returns the frames that are in this file.
func thisFile(list []frame) (own []frame) {
	for _, f := range list {
		if strings.HasSuffix(f.path, "/xray/stack_test.go") && f.line > 0 {
			own = append(own, f)
		}
	}
	return own
}

type receiver struct{ stack []byte }

func (r *receiver) take(_ string, _ ...any) { r.stack = debug.Stack() }

func generic[T any](v T, f func(T)) { f(v) }

func TestRealStacks(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	generic(r, func(r *receiver) { r.take("a(b)", 1, "{") })
	list := framesOf(t, string(r.stack))
	if len(list) < 4 || list[0].label != "runtime/debug.Stack" || list[len(list)-1].label != "testing.(*T).Run" {
		t.Errorf("got frames %v, want debug.Stack to testing.(*T).Run, from\n%s", list, r.stack)
	}
	const pkg = "github.com/lambdakit/lambdakit/tracing/internal/xray."
	var labels []string
	for _, f := range thisFile(list) {
		labels = append(labels, strings.TrimPrefix(f.label, pkg))
	}
	if got := strings.Join(labels, " "); got != "(*receiver).take TestRealStacks.func1 generic[...] TestRealStacks" {
		t.Errorf("got labels %s, want the frames of this file, from\n%s", got, r.stack)
	}

	var pcs [32]uintptr
	same := framesOf(t, errstack.Text(pcs[:runtime.Callers(1, pcs[:])]))
	if len(same) < 2 || same[0].label != pkg+"TestRealStacks" || same[0].line == 0 {
		t.Errorf("got frames %v, want TestRealStacks first", same)
	}
}

func TestPanicInGoroutine(t *testing.T) {
	t.Parallel()
	stack := make(chan string)
	go func() {
		defer func() {
			recover()
			stack <- string(debug.Stack())
		}()
		var p *receiver
		p.stack = nil
	}()
	text := <-stack
	list := framesOf(t, text)
	own := thisFile(list)
	if len(own) != 3 || !strings.HasSuffix(own[0].label, "TestPanicInGoroutine.func1.1") ||
		!strings.HasSuffix(own[1].label, "TestPanicInGoroutine.func1") || !strings.HasSuffix(own[2].label, "TestPanicInGoroutine") {
		t.Errorf("got frames %v, want the three of this test, from\n%s", own, text)
	}
	found := false
	for _, f := range list {
		found = found || f.label == "panic"
	}
	if !found {
		t.Errorf("got frames %v, want panic among them", list)
	}
}

func TestStackOf(t *testing.T) {
	t.Parallel()
	var pcs [8]uintptr
	n := runtime.Callers(1, pcs[:])
	for _, err := range []error{stackTrace(pcs[:n]), callers(pcs[:n]), stackBytes("TestStackOf\n\t/a.go:1\n"), withStack{"TestStackOf\n\t/a.go:1\n"}} {
		if list := framesOf(t, errstack.Of(err)); len(list) == 0 || !strings.HasSuffix(list[0].label, "TestStackOf") {
			t.Errorf("%T: got frames %v, want TestStackOf first", err, list)
		}
	}
	for _, err := range []error{nil, fmt.Errorf("x"), stackTrace(nil), withStack{}} {
		if text := errstack.Of(err); text != "" {
			t.Errorf("%T: got stack %q, want none", err, text)
		}
	}
	if text := Stack(-1); !strings.Contains(text, "TestStackOf") {
		t.Errorf("got stack %q, want TestStackOf in it", text)
	}
}

type (
	stackTrace []uintptr
	callers    []uintptr
	stackBytes string
)

func (stackTrace) Error() string           { return "" }
func (s stackTrace) StackTrace() []uintptr { return s }
func (callers) Error() string              { return "" }
func (c callers) Callers() []uintptr       { return c }
func (stackBytes) Error() string           { return "" }
func (s stackBytes) Stack() []byte         { return []byte(s) }
