package lambdakit_test

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
)

type notifier func(*lambdakit.Invocation)

func (f notifier) NearDeadline(_ context.Context, inv *lambdakit.Invocation) { f(inv) }

func onDeadline(f func(*lambdakit.Invocation)) lambdakit.Middleware {
	return func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnDeadline(notifier(f))
			return next(ctx, inv)
		}
	}
}

func TestWatchdogMargin(t *testing.T) {
	for _, c := range []struct {
		given, margin, want time.Duration // want: after the start; -1: never
	}{
		{3 * time.Second, 0, 2700 * time.Millisecond},
		{100 * time.Millisecond, 0, 50 * time.Millisecond},
		{15 * time.Minute, 0, 15*time.Minute - time.Second},
		{50 * time.Millisecond, 0, -1}, // the deadline is too near
		{51 * time.Millisecond, 0, time.Millisecond},
		{3 * time.Second, 2 * time.Second, time.Second},
		{45 * time.Millisecond, 10 * time.Millisecond, 35 * time.Millisecond}, // too near for the default margin
		{3 * time.Second, -1, -1},
		{3 * time.Second, 5 * time.Second, -1},
		{0, 0, -1}, // no deadline
	} {
		for _, outermost := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				fired := time.Duration(-1)
				start := time.Now()
				mw := []lambdakit.Middleware{lambdakit.DeadlineMargin(c.margin), onDeadline(func(*lambdakit.Invocation) { fired = time.Since(start) })}
				if !outermost {
					mw[0], mw[1] = mw[1], mw[0]
				}
				h := lambdakit.WrapFunc(func(ctx context.Context) { <-ctx.Done() }, mw...)
				ctx, cancel := context.WithTimeout(t.Context(), max(c.given, time.Nanosecond))
				if c.given == 0 {
					cancel()
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(time.Hour, cancel)
				}
				defer cancel()
				h.Invoke(ctx, nil)
				synctest.Wait()
				if fired != c.want {
					t.Errorf("%v left, margin %v: got the hook after %v, want %v", c.given, c.margin, fired, c.want)
				}
			})
		}
	}
}

func TestWatchdog_FiresOnlyNearTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, outer, inner := recorders()
		h := lambdakit.Wrap(func(_ context.Context, d time.Duration) (any, error) { time.Sleep(d); return nil, nil }, outer, inner)
		invoke := func(event string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := h.Invoke(ctx, []byte(event)); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Second) // a timer that was not stopped would fire here
		}
		invoke("950000000") // past the margin, but before the deadline
		invoke("100000000")
		want := []string{
			"outer in", "inner in", "outer deadline", "inner deadline", "inner out", "outer out", "inner end", "outer end",
			"outer in", "inner in", "inner out", "outer out", "inner end", "outer end",
		}
		if !reflect.DeepEqual(*log, want) {
			t.Errorf("got the calls %q, want %q", *log, want)
		}
	})
}

func TestEndWaitsForNearDeadlineHooks(t *testing.T) {
	t.Parallel()
	var hookDone, endSawHook atomic.Bool
	started := make(chan struct{})
	h := lambdakit.WrapFunc(func(context.Context) { <-started },
		onDeadline(func(*lambdakit.Invocation) {
			close(started)
			for range 1000 {
				runtime.Gosched()
			}
			hookDone.Store(true)
		}),
		onEnd(func(*lambdakit.Invocation) { endSawHook.Store(hookDone.Load()) }))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	h.Invoke(ctx, nil)
	if !endSawHook.Load() {
		t.Error("got an end hook before the deadline hook had returned, want it afterwards")
	}
}

// Shutdown notifies every live invocation, so this test is not parallel.
func TestShutdown(t *testing.T) {
	told := 0
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		if lambdakit.FromContext(ctx).ShuttingDown() {
			t.Error("got ShuttingDown before Shutdown, want false")
		}
		lambdakit.Shutdown()
	}, onDeadline(func(inv *lambdakit.Invocation) {
		if inv.ShuttingDown() {
			told++
		}
	}))
	h.Invoke(t.Context(), nil) // without a deadline, Shutdown still notifies it
	lambdakit.Shutdown()       // nothing is live
	if told != 1 {
		t.Errorf("got %d calls of the hook, want 1", told)
	}
}

func TestShutdownWaitsForHooksAtWork(t *testing.T) {
	for name, hook := range map[string]func(work func()) lambdakit.Middleware{
		"deadline": func(work func()) lambdakit.Middleware { return onDeadline(func(*lambdakit.Invocation) { work() }) },
		"end":      func(work func()) lambdakit.Middleware { return onEnd(func(*lambdakit.Invocation) { work() }) },
	} {
		synctest.Test(t, func(t *testing.T) {
			begun, done := make(chan bool, 1), atomic.Bool{}
			h := lambdakit.WrapFunc(func(context.Context) { time.Sleep(1100 * time.Millisecond) }, hook(func() {
				begun <- true
				time.Sleep(100 * time.Millisecond)
				done.Store(true)
			}))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var invocation sync.WaitGroup
			invocation.Go(func() { h.Invoke(ctx, nil) })
			defer invocation.Wait()
			<-begun
			start := time.Now()
			lambdakit.Shutdown()
			if got, want := time.Since(start), 100*time.Millisecond; !done.Load() || got != want {
				t.Errorf("%s hook: got a return of Shutdown after %v, the hook done: %v, want it after %v with the hook", name, got, done.Load(), want)
			}
		})
	}
}

func TestShutdown_ReturnsAlthoughAHookHangs(t *testing.T) {
	for name, hook := range map[string]func(hang func(*lambdakit.Invocation)) lambdakit.Middleware{"deadline": onDeadline, "end": onEnd} {
		synctest.Test(t, func(t *testing.T) {
			started, release := make(chan bool, 1), make(chan bool)
			h := lambdakit.WrapFunc(func(context.Context) { time.Sleep(1100 * time.Millisecond) }, hook(func(*lambdakit.Invocation) {
				started <- true
				<-release
			}))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var invocation sync.WaitGroup
			invocation.Go(func() { h.Invoke(ctx, nil) })
			<-started
			start := time.Now()
			lambdakit.Shutdown()
			if got, want := time.Since(start), 250*time.Millisecond; got != want {
				t.Errorf("%s hook: Shutdown took %v, want %v", name, got, want)
			}
			close(release)
			invocation.Wait()
		})
	}
}

// lateNotifier is a LateDeadlineNotifier.
type lateNotifier struct {
	notifier
	late func()
}

func (l lateNotifier) NearDeadlineLate(context.Context, *lambdakit.Invocation) { l.late() }

func onDeadlineLate(near func(*lambdakit.Invocation), late func()) lambdakit.Middleware {
	return func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnDeadline(lateNotifier{near, late})
			return next(ctx, inv)
		}
	}
}

func TestNearDeadlineLate_ComesAfterAllOtherHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		add := func(text string) func(*lambdakit.Invocation) {
			return func(*lambdakit.Invocation) { log = append(log, text) }
		}
		h := lambdakit.WrapFunc(func(ctx context.Context) { <-ctx.Done() },
			onDeadlineLate(add("logs"), func() { log = append(log, "dump"); panic("late") }),
			onDeadlineLate(add("others"), func() { log = append(log, "second") }),
			onDeadline(add("metrics")))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Invoke(ctx, nil)
		synctest.Wait()
		if want := []string{"logs", "others", "metrics", "dump", "second"}; !reflect.DeepEqual(log, want) {
			t.Errorf("got %q, want %q", log, want)
		}
	})
}

func TestNearDeadlineLate_IsLeftOutIfTheInvocationHasEnded(t *testing.T) {
	t.Parallel()
	var late atomic.Bool
	started := make(chan struct{})
	h := lambdakit.WrapFunc(func(context.Context) { <-started },
		onDeadlineLate(func(inv *lambdakit.Invocation) {
			close(started)
			for !inv.Answered() { // true as soon as the end waits for this hook
				runtime.Gosched()
			}
		}, func() { late.Store(true) }))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	h.Invoke(ctx, nil)
	if late.Load() {
		t.Error("got the late hook, want none: the function has returned")
	}
}

func TestNearDeadlineHookPanicIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := false
		h := lambdakit.WrapFunc(func(ctx context.Context) { <-ctx.Done() },
			onDeadline(func(*lambdakit.Invocation) { panic("hook") }),
			onDeadline(func(*lambdakit.Invocation) { second = true }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Invoke(ctx, nil)
		synctest.Wait()
		if !second {
			t.Error("got no call of the hook after one that panicked, want one")
		}
	})
}
