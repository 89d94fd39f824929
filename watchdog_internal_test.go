package lambdakit

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// fireTimes appends to times when the hooks of the invocation run, in whole seconds after start.
type fireTimes struct {
	start time.Time
	times []int
}

func (f *fireTimes) NearDeadline(context.Context, *Invocation) {
	f.times = append(f.times, int(time.Since(f.start)/time.Second))
}

// One watchdog serves invocations one after the other, as the pool does in Lambda.
func TestWatchdog_Reused(t *testing.T) {
	t.Parallel()
	type use struct {
		due, lasts int // seconds after the start of the invocation
		pause      int // seconds before the next one
	}
	for name, c := range map[string]struct {
		uses []use
		want []int // seconds after the start of the first one
	}{
		"none is late":                  {[]use{{10, 1, 0}, {10, 1, 0}, {10, 1, 60}}, nil},
		"the second is late":            {[]use{{10, 1, 0}, {10, 20, 0}}, []int{11}},
		"each is late":                  {[]use{{10, 12, 0}, {10, 12, 0}}, []int{10, 22}},
		"the second has less time":      {[]use{{100, 1, 0}, {10, 20, 200}}, []int{11}},
		"the timer fires in between":    {[]use{{10, 1, 30}, {10, 20, 0}}, []int{41}},
		"the timer fires at the end":    {[]use{{10, 1, 9}, {10, 20, 0}}, []int{20}},
		"less time, and more again":     {[]use{{100, 1, 0}, {10, 1, 0}, {100, 200, 0}}, []int{102}},
		"a long one after a short one":  {[]use{{10, 20, 0}, {100, 150, 0}}, []int{10, 120}},
		"the earlier timer still fires": {[]use{{100, 1, 0}, {50, 1, 0}, {60, 90, 0}}, []int{62}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, hooks := new(watchdog), &fireTimes{start: time.Now()}
				for _, u := range c.uses {
					inv := begin(t.Context(), nil)
					inv.OnDeadline(hooks) // the context has no deadline, so this sets no timer
					w.watch(inv, time.Now(), time.Duration(u.due)*time.Second)
					time.Sleep(time.Duration(u.lasts) * time.Second)
					synctest.Wait()
					if w.unwatch(); w.inv != nil {
						t.Error("got an invocation that is kept after its end, want none")
					}
					inv.end()
					time.Sleep(time.Duration(u.pause) * time.Second)
				}
				w.release(false)
				if w.timer.Stop() {
					t.Error("got a timer that goes on, want it stopped")
				}
				if time.Sleep(time.Hour); !slices.Equal(hooks.times, c.want) {
					t.Errorf("got hooks after %v seconds, want %v", hooks.times, c.want)
				}
			})
		})
	}
}

// Setting a timer takes longer than all the rest of a watchdog.
func TestWatchdog_TimerIsNotSetForEachInvocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, start := new(watchdog), time.Now()
		first := start.Add(10 * time.Second)
		for range 5 {
			inv := begin(t.Context(), nil)
			w.watch(inv, time.Now(), 10*time.Second)
			if time.Sleep(time.Second); !w.firing.Equal(first) {
				t.Errorf("got a timer that fires after %v, want 10 s", w.firing.Sub(start))
			}
			w.unwatch()
			inv.end()
		}
		timer := w.timer
		inv := begin(t.Context(), nil)
		defer inv.end()
		w.watch(inv, time.Now(), time.Second)
		if want := start.Add(6 * time.Second); !w.firing.Equal(want) || w.timer != timer {
			t.Errorf("got a timer that fires after %v, want the same one after 6 s", w.firing.Sub(start))
		}
		w.release(false)
		if again, _ := watchdogs.Get().(*watchdog); again == w {
			t.Error("got the watchdog from the pool, want it left outside of Lambda")
		}
	})
}

// A timer that was set to an earlier time may fire twice.
func TestWatchdog_FiresTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, hooks := new(watchdog), &fireTimes{start: time.Now()}
		inv := begin(t.Context(), nil)
		defer inv.end()
		inv.OnDeadline(hooks)
		w.watch(inv, time.Now(), time.Second)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if w.fire(); !slices.Equal(hooks.times, []int{1}) {
			t.Errorf("got hooks after %v seconds, want them once", hooks.times)
		}
	})
}
