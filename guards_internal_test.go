package lambdakit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// These tests cover races that a test of the public API cannot produce. They call the parts of the
// lifecycle in the order in which the goroutines would call them.

type hook struct{ calls []string }

func (h *hook) EndInvocation(context.Context, *Invocation)    { h.calls = append(h.calls, "end") }
func (h *hook) NearDeadline(context.Context, *Invocation)     { h.calls = append(h.calls, "near") }
func (h *hook) NearDeadlineLate(context.Context, *Invocation) { h.calls = append(h.calls, "late") }

func TestRegistry_RemovesFromAnyPlace(t *testing.T) {
	t.Parallel()
	for removed := range 3 {
		var r registry
		for range 3 {
			r.add(new(Invocation))
		}
		want := r.all()
		r.remove(want[removed])
		want = slices.Delete(want, removed, removed+1)
		if got := r.all(); !slices.Equal(got, want) || r.count != 2 {
			t.Errorf("without invocation %d: got %d invocations and the count %d, want the other 2", removed, len(got), r.count)
		}
	}
}

func TestEnd_Twice(t *testing.T) {
	t.Parallel()
	h := new(hook)
	inv := begin(t.Context(), nil)
	inv.OnEnd(h)
	inv.end()
	inv.end()
	if got := strings.Join(h.calls, " "); got != "end" {
		t.Errorf("got %q, want one end", got)
	}
	live.mu.Lock()
	defer live.mu.Unlock()
	n := 0
	for other := live.head; other != nil; other = other.next {
		if n++; other == inv {
			t.Error("got an invocation that is live after its end, want it removed")
		}
	}
	if live.count != n {
		t.Errorf("got a count of %d live invocations, want %d", live.count, n)
	}
}

func TestSetMargin_AfterTheEndStartsNoTimer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	inv := begin(ctx, nil)
	inv.OnDeadline(new(hook))
	inv.mu.Lock()
	inv.watchdog.release(false)
	inv.phase, inv.watchdog = phaseEnding, nil
	inv.mu.Unlock()
	if inv.setMargin(time.Second); inv.watchdog != nil {
		t.Error("got a timer, want none")
	}
	inv.mu.Lock()
	inv.phase = phaseRunning
	inv.mu.Unlock()
	inv.end()
}

// A timer that went back to the pool may belong to another invocation.
func TestSetMargin_NegativeReleasesTheTimerOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	inv := begin(ctx, nil)
	defer inv.end()
	inv.OnDeadline(new(hook))
	if inv.watchdog == nil {
		t.Fatal("got no timer, want one")
	}
	if inv.setMargin(-1); inv.watchdog != nil {
		t.Error("got a timer that is released twice, want none")
	}
}

// The end of the context says that the response is away. Code around the handler may hide it.
func TestAfterAnswer_WithoutTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ctx  func(context.Context) (context.Context, func())
		want time.Duration
	}{
		{"no end", func(ctx context.Context) (context.Context, func()) { return context.WithoutCancel(ctx), func() {} }, 0},
		{"an end that is late", func(ctx context.Context) (context.Context, func()) { return ctx, func() {} }, answerWait},
		{"an end", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancel(ctx)
			return ctx, func() { time.AfterFunc(answerWait/2, cancel) }
		}, answerWait / 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, end := c.ctx(t.Context())
			inv := begin(ctx, nil)
			inv.deferred().free = true
			var got []time.Duration
			start := time.Now()
			inv.after(work{"work", ctx, func(context.Context) error { got = append(got, time.Since(start)); return nil }})
			end()
			inv.end()
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("%s: got the work after %v, want it after %v", c.name, got, c.want)
			}
		})
	}
}

func TestNearDeadline_OfAnInvocationThatIsAboutToEnd(t *testing.T) {
	t.Parallel()
	h := new(hook)
	inv := begin(t.Context(), nil)
	inv.OnDeadline(h)
	inv.mu.Lock()
	inv.phase = phaseEnding // end comes next
	inv.mu.Unlock()
	if told := inv.nearDeadline(); told || h.calls != nil {
		t.Errorf("got %v and %q, want no call", told, h.calls)
	}
	inv.mu.Lock()
	inv.phase = phaseRunning
	inv.mu.Unlock()
	inv.end()
	if inv.nearDeadline(); h.calls != nil {
		t.Errorf("after the end: got %q, want no call", h.calls)
	}
	inv.OnDeadline(h)
	if inv.notifiers != nil || inv.watchdog != nil {
		t.Error("got a hook registered after the end, want none")
	}
}

func TestResponseEncoder_LargeBuffersAreNotKept(t *testing.T) {
	inv := begin(t.Context(), nil)
	defer inv.end()
	for range 20 {
		if err := inv.encodeValue(strings.Repeat("x", 4*maxPooled)); err != nil {
			t.Fatal(err)
		}
		e := responseEncoders.Get().(*responseEncoder)
		if got := e.buf.Cap(); got > maxPooled {
			t.Fatalf("got a buffer of %d bytes out of the pool, want at most %d", got, maxPooled)
		}
	}
	// A small buffer is reused, empty.
	if err := inv.encodeValue("x"); err != nil {
		t.Fatal(err)
	}
	if e := responseEncoders.Get().(*responseEncoder); e.buf.Len() != 0 {
		t.Errorf("got a buffer that holds %q, want an empty one", &e.buf)
	}
}

func TestEventError_PathsHoldNamesOfTypesOnly(t *testing.T) {
	t.Parallel()
	type inner struct {
		Price  float64 `json:"price"`
		Secret string
	}
	type embedded struct {
		Deep map[string]int `json:"deep"`
	}
	type outer struct {
		embedded
		Items  map[string]inner            `json:"items"`
		Nested map[string]map[string]inner `json:"nested"`
		List   []map[string]float64        `json:"list"`
	}
	for event, field := range map[string]string{
		`{"items":{"hunter2":{"price":"hunter2"}}}`:              "items.price",
		`{"nested":{"hunter2":{"hunter3":{"price":"hunter2"}}}}`: "nested.price",
		`{"items":{"hunter2":"hunter2"}}`:                        "items",
		`{"list":[{"hunter2":"hunter2"}]}`:                       "list",
		`{"deep":{"hunter2":31337.5}}`:                           "embedded.deep",
		`{"items":31337}`:                                        "items",
	} {
		inv := begin(t.Context(), []byte(event))
		var o outer
		err := inv.decodeEvent(&o)
		inv.end()
		e, ok := err.(*EventError)
		if !ok {
			t.Errorf("%s: got %v, want an *EventError", event, err)
			continue
		}
		if e.Field != field {
			t.Errorf("%s: got the field %q, want %q", event, e.Field, field)
		}
		logged, _ := json.Marshal(e.LogValue().Any())
		for _, text := range []string{e.Error(), e.LogValue().String(), string(logged)} {
			if strings.Contains(text, "hunter") || strings.Contains(text, "31337") {
				t.Errorf("%s: got %s, want a text that does not repeat the event", event, text)
			}
		}
	}
}
