package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// recorder is a middleware that records the calls of its methods.
type recorder struct {
	name string
	mu   *sync.Mutex
	log  *[]string
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.log = append(*r.log, r.name+" "+s)
}

func (r *recorder) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnEnd(r)
		inv.OnDeadline(r)
		r.note("in")
		err := next(ctx, inv)
		r.note("out")
		return err
	}
}

func (r *recorder) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	what := "end"
	if err := inv.Err(); err != nil {
		what += fmt.Sprintf(" err=%v", err)
	}
	if p := inv.Panic(); p != nil {
		what += fmt.Sprintf(" panic=%v", p.Value)
	}
	r.note(what)
}

func (r *recorder) NearDeadline(context.Context, *lambdakit.Invocation) { r.note("deadline") }

func recorders() (log *[]string, outer, inner lambdakit.Middleware) {
	log, mu := new([]string), new(sync.Mutex)
	return log, (&recorder{"outer", mu, log}).Middleware, (&recorder{"inner", mu, log}).Middleware
}

func TestEndsRunOnceInReverseOrder(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		fn   func(context.Context, any) (any, error)
		want []string
	}{
		"success": {
			func(context.Context, any) (any, error) { return 1, nil },
			[]string{"outer in", "inner in", "inner out", "outer out", "inner end", "outer end"},
		},
		"error": {
			func(context.Context, any) (any, error) { return nil, boom },
			[]string{"outer in", "inner in", "inner out", "outer out", "inner end err=boom", "outer end err=boom"},
		},
		"panic": {
			func(context.Context, any) (any, error) { panic("ouch") },
			[]string{"outer in", "inner in", "inner end panic=ouch", "outer end panic=ouch"},
		},
		"Goexit": {
			func(context.Context, any) (any, error) { runtime.Goexit(); return nil, nil },
			[]string{"outer in", "inner in", "inner end err=" + lambdakit.ErrGoexit.Error(), "outer end err=" + lambdakit.ErrGoexit.Error()},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, outer, inner := recorders()
			h := lambdakit.Wrap(c.fn, outer, inner)
			var done sync.WaitGroup
			done.Go(func() { // Goexit ends this goroutine
				defer func() { recover() }()
				h.Invoke(context.Background(), []byte(`{}`))
			})
			done.Wait()
			if !reflect.DeepEqual(*log, c.want) {
				t.Errorf("got the calls %q, want %q", *log, c.want)
			}
		})
	}
}

func TestPanicKeepsValueAndFrames(t *testing.T) {
	t.Parallel()
	value := &struct{ n int }{7}
	var seen *lambdakit.Panic
	h := lambdakit.Wrap(func(context.Context, any) (any, error) { panicHere(value); return nil, nil },
		onEnd(func(inv *lambdakit.Invocation) { seen = inv.Panic() }))
	defer func() {
		if v := recover(); v != any(value) {
			t.Errorf("got the panic %v, want %v", v, value)
		}
		pcs := make([]uintptr, 32) // as many as aws-lambda-go reports
		if top := frames(pcs[:runtime.Callers(3, pcs)]); !strings.Contains(top, "panicHere") {
			t.Errorf("got these frames at the recover of the runtime, want panicHere among them:\n%s", top)
		}
		if seen == nil || seen.Value != any(value) || !strings.HasPrefix(frames(seen.Stack), "github.com/lambdakit/lambdakit_test.panicHere\n") {
			t.Errorf("got the Panic %+v with these frames, want %v and panicHere first:\n%s", seen, value, frames(seen.Stack))
		}
	}()
	h.Invoke(t.Context(), []byte(`{}`))
}

//go:noinline
func panicHere(v any) { panic(v) }

func frames(pcs []uintptr) string {
	var b strings.Builder
	for fs := runtime.CallersFrames(pcs); ; {
		f, more := fs.Next()
		fmt.Fprintln(&b, f.Function)
		if !more {
			return b.String()
		}
	}
}

// onEnd is a middleware that calls f at the end.
func onEnd(f func(*lambdakit.Invocation)) lambdakit.Middleware {
	return func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnEnd(enderFunc(f))
			return next(ctx, inv)
		}
	}
}

type enderFunc func(*lambdakit.Invocation)

func (f enderFunc) EndInvocation(_ context.Context, inv *lambdakit.Invocation) { f(inv) }

func TestMiddlewarePanicIsRecordedToo(t *testing.T) {
	t.Parallel()
	log, outer, inner := recorders()
	h := lambdakit.Wrap(echo, outer, inner, func(lambdakit.Handler) lambdakit.Handler {
		return func(context.Context, *lambdakit.Invocation) error { panic("middleware") }
	})
	defer func() {
		if v := recover(); v != "middleware" {
			t.Errorf("got the panic %v, want middleware", v)
		}
		wantLast(t, log, "outer end panic=middleware")
	}()
	h.Invoke(t.Context(), []byte(`{}`))
}

func TestGoexitAfterARecoveredPanic(t *testing.T) {
	t.Parallel()
	retry := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			func() {
				defer func() { recover() }()
				next(ctx, inv)
			}()
			return next(ctx, inv)
		}
	}
	for name, wrap := range map[string]func(func(), ...lambdakit.Middleware) lambda.Handler{
		"Wrap": func(f func(), mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.Wrap(func(context.Context, any) (any, error) { f(); return nil, nil }, mw...)
		},
		"WrapFunc": func(f func(), mw ...lambdakit.Middleware) lambda.Handler { return lambdakit.WrapFunc(f, mw...) },
		"WrapHandler": func(f func(), mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.WrapHandler(handlerFunc(func(context.Context, []byte) ([]byte, error) { f(); return nil, nil }), mw...)
		},
	} {
		calls := 0
		var err error
		var p *lambdakit.Panic
		h := wrap(func() {
			if calls++; calls == 1 {
				panic("first")
			}
			runtime.Goexit()
		}, onEnd(func(inv *lambdakit.Invocation) { err, p = inv.Err(), inv.Panic() }), retry)
		var done sync.WaitGroup
		done.Go(func() { // Goexit ends this goroutine
			defer func() { recover() }()
			h.Invoke(context.Background(), []byte(`{}`))
		})
		done.Wait()
		if err != lambdakit.ErrGoexit || p != nil {
			t.Errorf("%s: got the error %v and the panic %v, want ErrGoexit and none", name, err, p)
		}
	}
}

// nilError panics in Is and Unwrap if it is nil, as the methods of many errors do.
type nilError struct{ cause error }

func (*nilError) Error() string          { return "nil error" }
func (e *nilError) Is(target error) bool { return e.cause == target }
func (e *nilError) Unwrap() error        { return e.cause }

func TestWrap_ErrorThatIsANilPointer(t *testing.T) {
	t.Parallel()
	ended := 0
	h := lambdakit.Wrap(func(context.Context, any) (any, error) { return nil, (*nilError)(nil) }, onEnd(func(*lambdakit.Invocation) { ended++ }))
	if _, err := h.Invoke(t.Context(), []byte(`{}`)); err != error((*nilError)(nil)) || ended != 1 {
		t.Errorf("got %v and %d calls of the hook, want the error of the handler and one call", err, ended)
	}
}

func echo(_ context.Context, v any) (any, error) { return v, nil }

func TestHookPanicsAreContained(t *testing.T) {
	t.Parallel()
	ended := false
	h := lambdakit.Wrap(echo,
		onEnd(func(*lambdakit.Invocation) { ended = true }),
		onEnd(func(*lambdakit.Invocation) { panic("hook") }))
	if got, err := h.Invoke(t.Context(), []byte(`1`)); string(got) != "1" || err != nil || !ended {
		t.Errorf("got %q, %v and outer hook called %v, want 1, no error and true", got, err, ended)
	}
}

func TestMiddlewareMayAnswer(t *testing.T) {
	t.Parallel()
	answer := func(f func(*lambdakit.Invocation)) lambdakit.Middleware {
		return func(lambdakit.Handler) lambdakit.Handler {
			return func(_ context.Context, inv *lambdakit.Invocation) error { f(inv); return nil }
		}
	}
	for want, f := range map[string]func(*lambdakit.Invocation){
		`null`:     func(*lambdakit.Invocation) {},
		`"stored"`: func(inv *lambdakit.Invocation) { inv.SetResponse([]byte(`"stored"`)) },
		``:         func(inv *lambdakit.Invocation) { inv.SetResponse(nil) },
		`stream`:   func(inv *lambdakit.Invocation) { inv.SetStream(strings.NewReader("stream"), "text/plain") },
	} {
		got, err := lambdakit.Wrap(echo, answer(f)).Invoke(t.Context(), []byte(`{}`))
		if string(got) != want || err != nil {
			t.Errorf("Wrap: got %q and %v, want %q", got, err, want)
		}
		s, err := lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { return nil, nil }, answer(f))(t.Context(), []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		all, _ := io.ReadAll(s)
		if string(all) != want {
			t.Errorf("WrapStream: got %q, want %q", all, want)
		}
		s.Close()
	}
}

func TestInvocationDescribesItself(t *testing.T) {
	t.Parallel()
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{FunctionName: "fn", FunctionVersion: "7", MemoryMB: 256, OnDemand: true})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1", InvokedFunctionArn: "arn:x", TenantID: "acme"})
	ctx = traceheader.NewContext(ctx, "Root=1-2-3")
	type key struct{}
	mw := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			for i := range 9 {
				inv.SetValue(i, i*i)
			}
			inv.SetValue(3, "three")
			return next(ctx, inv)
		}
	}
	var after *lambdakit.Invocation
	h := lambdakit.Wrap(func(ctx context.Context, v any) (any, error) {
		ctx = context.WithValue(ctx, key{}, "mine")
		inv := lambdakit.FromContext(ctx)
		after = inv
		if inv.FunctionName() != "fn" || inv.FunctionVersion() != "7" || inv.MemoryMB() != 256 || inv.RequestID() != "r-1" ||
			inv.FunctionARN() != "arn:x" || inv.TenantID() != "acme" || inv.TraceHeader() != "Root=1-2-3" || string(inv.Payload()) != `"p"` {
			t.Errorf("got the invocation %+v, want the values of its context", inv)
		}
		for i, want := range []any{0, 1, 4, "three", 16, 25, 36, 49, 64} {
			if got := ctx.Value(i); got != want {
				t.Errorf("%d: got the context value %v, want %v", i, got, want)
			}
		}
		if ctx.Value(key{}) != "mine" || ctx.Value("nothing") != nil {
			t.Errorf("got the context values %v and %v, want mine and none", ctx.Value(key{}), ctx.Value("nothing"))
		}
		if _, ok := inv.Deadline(); ok {
			t.Error("got a deadline, want none")
		}
		if got := inv.Context(); lambdakit.FromContext(got) != inv || got.Value(3) != "three" {
			t.Errorf("Context: got %v, want the context of the invocation", got)
		}
		return inv.ColdStart(), nil
	}, mw)
	for _, want := range []string{"true", "false", "false"} {
		if got, err := h.Invoke(ctx, []byte(`"p"`)); string(got) != want || err != nil {
			t.Errorf("got cold start %s and %v, want %s", got, err, want)
		}
	}
	if after.Payload() != nil {
		t.Error("got a payload after the end, want nil")
	}
	//lint:ignore SA1012 on purpose
	if lambdakit.FromContext(t.Context()) != nil || lambdakit.FromContext(nil) != nil {
		t.Error("got an invocation from a context without one, want nil")
	}
}

func TestInvocation_OutsideLambda(t *testing.T) {
	t.Parallel()
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		inv := lambdakit.FromContext(ctx)
		if got := inv.RequestID() + inv.FunctionARN() + inv.TenantID() + inv.TraceHeader(); got != "" {
			t.Errorf("got %q, want no ids", got)
		}
		if inv.Streams() {
			t.Error("got a response that may be streamed, want bytes")
		}
	})
	if _, err := h.Invoke(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestOnEnd_PanicIsReported is not parallel: it replaces os.Stderr.
func TestOnEnd_PanicIsReported(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = old }()
	lambdakit.WrapFunc(func() {}, onEnd(func(*lambdakit.Invocation) { panic("ouch") })).Invoke(t.Context(), nil)
	got, err := os.ReadFile(file.Name())
	if want := "lambdakit: the EndInvocation hook of a middleware panicked: ouch\n"; string(got) != want || err != nil {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
}

func TestColdStartOnlyOnDemand(t *testing.T) {
	t.Parallel()
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{OnDemand: false})
	h := lambdakit.Wrap(func(ctx context.Context, _ any) (bool, error) { return lambdakit.FromContext(ctx).ColdStart(), nil })
	if got, _ := h.Invoke(ctx, []byte(`{}`)); string(got) != "false" {
		t.Errorf("got cold start %s, want false", got)
	}
}

func TestColdStartIsTrueOnceUnderConcurrency(t *testing.T) {
	t.Parallel()
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{OnDemand: true})
	h := lambdakit.Wrap(func(ctx context.Context, _ any) (bool, error) { return lambdakit.FromContext(ctx).ColdStart(), nil })
	var cold int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if got, _ := h.Invoke(ctx, []byte(`{}`)); string(got) == "true" {
				mu.Lock()
				cold++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if cold != 1 {
		t.Errorf("got %d cold starts, want 1", cold)
	}
}

func TestOnEnd_AfterTheEndCallsTheHook(t *testing.T) {
	t.Parallel()
	var inv *lambdakit.Invocation
	lambdakit.WrapFunc(func(ctx context.Context) { inv = lambdakit.FromContext(ctx) }).Invoke(t.Context(), nil)
	called := false
	inv.OnEnd(enderFunc(func(inv *lambdakit.Invocation) { called = inv.Err() == nil })) // the hook may use the invocation
	if !called {
		t.Error("got no call of the hook, want one")
	}
}

// The live invocations are process-wide, so this test is not parallel.
func TestCurrent(t *testing.T) {
	var first, second *lambdakit.Invocation
	get := func(ctx context.Context) *lambdakit.Invocation { return lambdakit.FromContext(ctx) }
	lambdakit.WrapFunc(func(ctx context.Context) {
		first = get(ctx)
		if lambdakit.Current() != first {
			t.Errorf("one invocation: got %p, want %p", lambdakit.Current(), first)
		}
		lambdakit.WrapFunc(func(ctx context.Context) {
			second = get(ctx)
			if lambdakit.Current() != nil {
				t.Errorf("two invocations: got %p, want nil", lambdakit.Current())
			}
		}).Invoke(context.Background(), nil)
		if lambdakit.Current() != first {
			t.Errorf("after the end of the second: got %p, want the first, %p", lambdakit.Current(), first)
		}
	}).Invoke(t.Context(), nil)
	if lambdakit.Current() != first || second == nil {
		t.Errorf("after the end: got %p, want the last invocation, %p", lambdakit.Current(), first)
	}
}

func TestTraceHeaderFromEnvironment(t *testing.T) {
	t.Setenv("_X_AMZN_TRACE_ID", "Root=env")
	h := lambdakit.WrapFunc(func(ctx context.Context) (string, error) { return lambdakit.FromContext(ctx).TraceHeader(), nil })
	if got, _ := h.Invoke(t.Context(), nil); string(got) != `"Root=env"` {
		t.Errorf("without a context value: got %s, want Root=env", got)
	}
	ctx := traceheader.NewContext(t.Context(), "Root=ctx")
	if got, _ := h.Invoke(ctx, nil); string(got) != `"Root=ctx"` {
		t.Errorf("with a context value: got %s, want Root=ctx", got)
	}
}

func TestPanic_RecoveredByAMiddlewareIsOver(t *testing.T) {
	t.Parallel()
	recovers := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) (err error) {
			defer func() {
				recover()
				if inv.Panic() == nil {
					t.Error("got no panic while it is recovered, want one")
				}
			}()
			return next(ctx, inv)
		}
	}
	fn := func(context.Context, any) (any, error) { panic("x") }
	for name, wrap := range map[string]func(...lambdakit.Middleware) lambda.Handler{
		"Wrap": func(mw ...lambdakit.Middleware) lambda.Handler { return lambdakit.Wrap(fn, mw...) },
		"WrapFunc": func(mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.WrapFunc(func() { panic("x") }, mw...)
		},
		"WrapHandler": func(mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.WrapHandler(handlerFunc(func(context.Context, []byte) ([]byte, error) { panic("x") }), mw...)
		},
		"WrapStream": func(mw ...lambdakit.Middleware) lambda.Handler {
			return lambda.NewHandler(lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { panic("x") }, mw...))
		},
	} {
		ended := false
		h := wrap(onEnd(func(inv *lambdakit.Invocation) {
			ended = true
			if inv.Panic() != nil || !inv.Answered() {
				t.Errorf("%s: got the panic %v and answered %v at the end, want none and true", name, inv.Panic(), inv.Answered())
			}
		}), recovers)
		if got, err := h.Invoke(t.Context(), []byte(`{}`)); string(got) != "null" || err != nil || !ended {
			t.Errorf("%s: got %s, %v and ended %v, want null", name, got, err, ended)
		}
	}
}

func TestAnswered_IsFalseForAPanic(t *testing.T) {
	t.Parallel()
	var answered []bool
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		answered = append(answered, lambdakit.FromContext(ctx).Answered())
		panic("x")
	}, onEnd(func(inv *lambdakit.Invocation) { answered = append(answered, inv.Answered()) }))
	func() {
		defer func() { recover() }()
		h.Invoke(t.Context(), nil)
	}()
	if len(answered) != 2 || answered[0] || answered[1] {
		t.Errorf("got %v, want false while it runs and at the end", answered)
	}
}

func TestFail_MarksAnAnsweredInvocation(t *testing.T) {
	t.Parallel()
	answered, later, returned := errors.New("answered 500"), errors.New("later"), errors.New("returned")
	for _, c := range []struct {
		name  string
		fails []error
		err   error
		want  error
	}{
		{name: "nothing"},
		{name: "nil", fails: []error{nil}},
		{name: "the first of two", fails: []error{nil, answered, later}, want: answered},
		{name: "beside a returned error", fails: []error{answered}, err: returned, want: returned},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var during, got error
			var inv *lambdakit.Invocation
			h := lambdakit.Wrap(func(ctx context.Context, _ any) (string, error) {
				inv = lambdakit.FromContext(ctx)
				for _, err := range c.fails {
					inv.Fail(err)
				}
				during = inv.Err()
				return "response", c.err
			})
			response, err := h.Invoke(t.Context(), []byte(`{}`))
			inv.Fail(errors.New("after the end"))
			got = inv.Err()
			if answered := c.err == nil; inv.Answered() != answered {
				t.Errorf("Answered: got %v, want %v", inv.Answered(), answered)
			}
			if during != nil || got != c.want {
				t.Errorf("Err: got %v during the invocation and %v after it, want nil and %v", during, got, c.want)
			}
			if c.err == nil && (string(response) != `"response"` || err != nil) {
				t.Errorf("got the response %s and the error %v, want the handler's response", response, err)
			}
		})
	}
}
