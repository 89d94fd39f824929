package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// note is work of a middleware that notes its call.
type note struct{ to *[]string }

func (n note) AfterResponse(context.Context) { *n.to = append(*n.to, "middleware") }

func TestAfterResponse_Order(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"returns", "fails", "panics"} {
		var got []string
		h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
			for _, name := range []string{"first", "second"} {
				lambdakit.AfterResponse(ctx, name, func(ctx context.Context) error {
					got = append(got, name)
					return nil
				})
			}
			got = append(got, "handler")
			switch how {
			case "fails":
				return struct{}{}, errors.New("no")
			case "panics":
				panic("no")
			}
			return struct{}{}, nil
		}, func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inv.AfterResponse(note{&got})
				return next(ctx, inv)
			}
		}, onEnd(func(*lambdakit.Invocation) { got = append(got, "end") }))
		func() {
			defer func() {
				if v := recover(); (v == "no") != (how == "panics") {
					t.Errorf("a handler that %s: got the panic %v", how, v)
				}
			}()
			h.Invoke(t.Context(), []byte("{}"))
		}()
		if want := "[handler end first second middleware]"; fmt.Sprint(got) != want {
			t.Errorf("a handler that %s: got %v, want %s", how, got, want)
		}
	}
}

func TestAfterResponse_OutsideAnInvocationAndAfterItsEnd(t *testing.T) {
	t.Parallel()
	ran := 0
	count := func(ctx context.Context) error {
		if ctx.Err() != nil {
			t.Errorf("got the context %v, want one that has not ended", ctx.Err())
		}
		ran++
		return nil
	}
	lambdakit.AfterResponse(t.Context(), "outside", count)
	var late context.Context
	var inv *lambdakit.Invocation
	lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		late, inv = ctx, lambdakit.FromContext(ctx)
		return struct{}{}, nil
	}).Invoke(t.Context(), []byte("{}"))
	lambdakit.AfterResponse(late, "after the end", count)
	var got []string
	inv.AfterResponse(note{&got})
	if ran != 2 || len(got) != 1 {
		t.Errorf("got %d functions and %d hooks called, want 2 and 1", ran, len(got))
	}
}

func TestAfterResponse_Context(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var left time.Duration
		var value any
		var id string
		lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
			inner, cancel := context.WithCancel(context.WithValue(ctx, key{}, "kept"))
			defer cancel()
			lambdakit.AfterResponse(inner, "work", func(ctx context.Context) error {
				deadline, _ := ctx.Deadline()
				left, value = time.Until(deadline), ctx.Value(key{})
				if lambdakit.FromContext(ctx) != nil && ctx.Err() == nil {
					id = "has its invocation, and has not ended"
				}
				return nil
			})
			return struct{}{}, nil
		}).Invoke(ctx, []byte("{}"))
		if left != 8*time.Second || value != "kept" || id == "" {
			t.Errorf("got %v left, the value %v and %q, want 8 s, kept and the invocation", left, value, id)
		}
	})
}

func TestAfterResponse_WorkThatIgnoresItsContextIsLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var got []string
		stop := make(chan struct{})
		start := time.Now()
		out, err := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (string, error) {
			lambdakit.AfterResponse(ctx, "hangs", func(context.Context) error { <-stop; return nil })
			lambdakit.FromContext(ctx).AfterResponse(note{&got})
			return "ok", nil
		}).Invoke(ctx, []byte("{}"))
		if d := time.Since(start); string(out) != `"ok"` || err != nil || d != 9*time.Second || len(got) != 1 {
			t.Errorf("got %s, %v after %v and %d hooks, want the answer after 9 s and the hook", out, err, d, len(got))
		}
		close(stop)
	})
}

// The time may pass at the moment at which a work returns. The next one is bounded nevertheless.
func TestAfterResponse_AWorkThatEndsWithTheTime(t *testing.T) {
	t.Parallel()
	for range 30 { // which of the two happens first is random
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start := time.Now()
			release := make(chan struct{})
			h := lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
				lambdakit.AfterResponse(ctx, "ends with the time", func(ctx context.Context) error {
					<-ctx.Done()
					time.Sleep(300 * time.Millisecond)
					return nil
				})
				lambdakit.AfterResponse(ctx, "hangs", func(context.Context) error { <-release; return nil })
				return nil, nil
			})
			go func() {
				time.Sleep(time.Hour)
				close(release)
			}()
			h.Invoke(ctx, []byte("{}"))
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("got the end of the invocation after %v, want it before the deadline of 3s", d)
			}
			<-release
		})
	}
}

// Work that calls runtime.Goexit or hangs takes no other work with it, and is reported by name.
func TestAfterResponse_OneWorkDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		f    func()
		want string
	}{
		{"Goexit", runtime.Goexit, "first: lambdakit: the function called runtime.Goexit"},
		{"hangs", nil, "first: the work ignores its context"},
	} {
		synctest.Test(t, func(t *testing.T) {
			stop := make(chan struct{})
			defer close(stop)
			if c.f == nil {
				c.f = func() { <-stop }
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			var got []string
			var ran atomic.Bool
			lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
				lambdakit.AfterResponse(ctx, "first", func(context.Context) error { c.f(); return nil })
				lambdakit.AfterResponse(ctx, "second", func(context.Context) error { ran.Store(true); return nil })
				return struct{}{}, nil
			}, func(next lambdakit.Handler) lambdakit.Handler {
				return func(ctx context.Context, inv *lambdakit.Invocation) error {
					inv.OnMessage(reports{list: &got})
					return next(ctx, inv)
				}
			}).Invoke(ctx, []byte("{}"))
			synctest.Wait()
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) || !ran.Load() {
				t.Errorf("%s: got the reports %v and the second work %v, want %s and true", c.name, got, ran.Load(), c.want)
			}
		})
	}
}

// Work that registers work has the deadline of the invocation, too.
func TestAfterResponse_NestedWorkHasADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var left time.Duration
		lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
			lambdakit.AfterResponse(ctx, "outer", func(ctx context.Context) error {
				lambdakit.AfterResponse(ctx, "inner", func(ctx context.Context) error {
					deadline, _ := ctx.Deadline()
					left = time.Until(deadline)
					return nil
				})
				return nil
			})
			return struct{}{}, nil
		}).Invoke(ctx, []byte("{}"))
		if left != 8*time.Second {
			t.Errorf("got %v left, want 8 s", left)
		}
	})
}

// Work that hangs is left behind even if earlier work hangs, too.
func TestAfterResponse_AllWorkMayHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		stop := make(chan struct{})
		defer close(stop)
		var begun atomic.Int32
		start := time.Now()
		lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
			for range 3 {
				lambdakit.AfterResponse(ctx, "hangs", func(context.Context) error { begun.Add(1); <-stop; return nil })
			}
			return struct{}{}, nil
		}).Invoke(ctx, []byte("{}"))
		got := time.Since(start)
		synctest.Wait()
		if got != 9*time.Second || begun.Load() != 3 {
			t.Errorf("got a return after %v and %d works begun, want 9 s and 3", got, begun.Load())
		}
	})
}

// hangingNote is work of a middleware that ignores its context.
type hangingNote struct{ stop chan struct{} }

func (n hangingNote) AfterResponse(context.Context) { <-n.stop }

// The test is not parallel: it replaces os.Stderr.
func TestAfterResponse_HooksThatHangAreLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		stop := make(chan struct{})
		defer close(stop)
		var got []string
		start := time.Now()
		report := standardError(t, func() {
			lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
				inv := lambdakit.FromContext(ctx)
				inv.AfterResponse(hangingNote{stop})
				inv.AfterResponse(note{&got})
				return struct{}{}, nil
			}).Invoke(ctx, []byte("{}"))
		})
		const want = "lambdakit: the AfterResponse hook of a middleware ignores its context; it is left behind\n"
		if d := time.Since(start); d != 9_950*time.Millisecond || len(got) != 1 || report != want {
			t.Errorf("got a return after %v, %d other hooks and the report %q, want 9.95 s, 1 and %q", d, len(got), report, want)
		}
	})
}

func TestAfterResponse_TellsTheHarness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		ctx := execenv.NewContext(t.Context(), &execenv.Environment{Worked: func(name string, err error, d time.Duration) {
			got = append(got, fmt.Sprint(name, " ", err, " ", d))
		}})
		lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
			lambdakit.AfterResponse(ctx, "works", func(context.Context) error { time.Sleep(time.Second); return nil })
			lambdakit.AfterResponse(ctx, "fails", func(context.Context) error { return errors.New("no") })
			return struct{}{}, nil
		}).Invoke(ctx, []byte("{}"))
		if want := "[works <nil> 1s fails no 0s]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

func TestPropagation_APanicIsContained(t *testing.T) {
	t.Parallel()
	out, err := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (string, error) {
		return lambdakit.PropagationFromContext(ctx).CorrelationID, nil
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(panickingPropagator{})
			inv.OnMessage(stamp("x"))
			return next(ctx, inv)
		}
	}).Invoke(t.Context(), []byte("{}"))
	if string(out) != `"x"` || err != nil {
		t.Errorf("got %s, %v, want x", out, err)
	}
}

type panickingPropagator struct{ stamp }

func (panickingPropagator) Propagate(context.Context, *lambdakit.Propagation) { panic("oops") }

func TestAfterResponse_PanicsAreContained(t *testing.T) {
	t.Parallel()
	ran := false
	out, err := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (string, error) {
		lambdakit.AfterResponse(ctx, "panics", func(context.Context) error { panic("oops") })
		lambdakit.AfterResponse(ctx, "next", func(context.Context) error { ran = true; return nil })
		lambdakit.FromContext(ctx).AfterResponse(panickingNote{})
		return "ok", nil
	}).Invoke(t.Context(), []byte("{}"))
	if string(out) != `"ok"` || err != nil || !ran {
		t.Errorf("got %s, %v and the next work %v, want the answer and true", out, err, ran)
	}
}

// reports is an observer that notes work that failed.
type reports struct {
	stamp
	list *[]string
}

func (r reports) ReportWork(ctx context.Context, name string, err error) {
	where := "no stack"
	if p, ok := err.(interface{ StackTrace() []uintptr }); ok {
		where, _, _ = strings.Cut(frames(p.StackTrace()), "\n")
	}
	*r.list = append(*r.list, fmt.Sprint(name, ": ", err, ", ", where, ", ", lambdakit.FromContext(ctx) != nil))
}

func TestAfterResponse_FailuresAreReported(t *testing.T) {
	t.Parallel()
	var got []string
	lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		lambdakit.AfterResponse(ctx, "a", func(context.Context) error { return errors.New("no") })
		lambdakit.AfterResponse(ctx, "b", func(context.Context) error { panicHere("oops"); return nil })
		lambdakit.AfterResponse(ctx, "c", func(context.Context) error { return nil })
		lambdakit.AfterResponse(ctx, "d", func(context.Context) error { panicHere(strings.Repeat("x", 2000)); return nil })
		return struct{}{}, nil
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(reports{list: &got})
			return next(ctx, inv)
		}
	}).Invoke(t.Context(), []byte("{}"))
	const panicked = ", github.com/lambdakit/lambdakit_test.panicHere, true"
	want := []string{"a: no, no stack, true", "b: panic: oops" + panicked, "d: panic: " + strings.Repeat("x", 1024) + panicked}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

type panickingNote struct{}

func (panickingNote) AfterResponse(context.Context) { panic("oops") }

func TestRespondFirst_OutsideLambdaChangesNothing(t *testing.T) {
	t.Parallel()
	out, err := lambdakit.Wrap(func(ctx context.Context, s string) (string, error) {
		return strings.ToUpper(s), nil
	}, lambdakit.RespondFirst).Invoke(t.Context(), []byte(`"a"`))
	if string(out) != `"A"` || err != nil {
		t.Errorf("got %s, %v, want A", out, err)
	}
}

// A handler that returns shortly before its deadline leaves no time for work after the response. The
// test is not parallel: it replaces os.Stderr.
func TestAfterResponse_NoReportIfTheHandlerReturnsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var got []string
		out := standardError(t, func() {
			lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
				lambdakit.FromContext(ctx).AfterResponse(note{&got})
				time.Sleep(9_990 * time.Millisecond)
				return struct{}{}, nil
			}).Invoke(ctx, []byte("{}"))
		})
		if len(got) != 1 || out != "" {
			t.Errorf("got %d calls and the report %q, want one call and no report", len(got), out)
		}
	})
}

// standardError returns the output of f to os.Stderr.
func standardError(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = old }()
	f()
	out, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
