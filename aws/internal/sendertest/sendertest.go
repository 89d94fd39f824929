package sendertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambdakit/lambdakit/events"
)

type data struct{ Text string }

var happened = events.Define[data]("sendertest", "SomethingHappened")

// Run publishes events to services that fail. It checks that each event is at the service or in the
// PublishError, and that errors repeat neither events nor credentials. If ordered, it also checks that
// the service has the first events of each group, in their order.
func Run(t *testing.T, p Protocol, ordered bool, sender func(aws.Config) events.Sender) {
	last := func(first ...Fault) func(*rand.Rand, int) Fault {
		return func(_ *rand.Rand, request int) Fault {
			if request < len(first) {
				return first[request]
			}
			return None
		}
	}
	always := func(f Fault) func(*rand.Rand, int) Fault { return func(*rand.Rand, int) Fault { return f } }
	for name, c := range map[string]struct {
		fault  func(r *rand.Rand, request int) Fault
		failed int // of 25 events; if the service keeps the order, later ones of the groups, too
	}{
		"no fault":                   {always(None), 0},
		"throttled":                  {last(Throttling, Throttling, Throttling, Throttling), 0},
		"status 500":                 {last(ServerError, ServerError, ServerError, ServerError), 0},
		"status 500 always":          {always(ServerError), 25},
		"denied":                     {always(Denied), 25},
		"one request denied":         {last(None, Denied), 10},
		"the connection ends":        {last(CutBefore, CutAfter, CutBefore, CutAfter), 0},
		"the connection always ends": {always(CutAfter), 25},
		"the answer ends":            {last(CutWithin, CutWithin, CutWithin, CutWithin), 0},
		"fewer results":              {last(FewerResults, None, FewerResults), 0},
		"an entry is lost":           {last(LostEntry, None, LostEntry), 0},
		"an entry is throttled":      {last(EntryThrottled, EntryThrottled), 0},
		"an entry fails":             {last(EntryFailed, None, EntryFailed), 0},
		"an entry is refused":        {last(None, EntryRefused), 1},
		"an entry of each request":   {always(EntryRefused), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { publish(t, p, sender, run{ordered, 1, 25, 10, time.Minute, c.fault, c.failed}) })
		})
	}
	t.Run("random faults", func(t *testing.T) {
		t.Parallel()
		for seed := range uint64(25) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 0))
				timeout := time.Duration(1+r.IntN(60)) * time.Second
				share := r.IntN(100)
				fault := func(r *rand.Rand, _ int) Fault {
					if r.IntN(100) < share {
						return Fault(r.IntN(int(faults)))
					}
					return None
				}
				publish(t, p, sender, run{ordered, seed, 1 + r.IntN(60), 1 << r.IntN(14), timeout, fault, -1})
			})
		}
	})
}

// run is a call of Publish.
type run struct {
	ordered bool
	seed    uint64
	events  int
	words   int // of an event, at most
	timeout time.Duration
	fault   func(r *rand.Rand, request int) Fault
	failed  int // the number of failed events; negative if any number is right
}

// publish publishes events of four groups, and checks the results.
func publish(t *testing.T, p Protocol, sender func(aws.Config) events.Sender, c run) {
	t.Helper()
	r := rand.New(rand.NewPCG(c.seed, 1))
	s := &service{Protocol: p, fault: func(request int) Fault { return c.fault(r, request) }}
	bus := events.New(sender(s.start(t)), nil)
	var all []events.Publishable
	index := make(map[string]int)
	for i := range c.events {
		e := happened.New(fmt.Sprint("key ", i), data{strings.Repeat("hunter2 ", 1+r.IntN(c.words))})
		e.Group = fmt.Sprint("group ", r.IntN(4))
		index[e.ID] = i
		all = append(all, e)
	}
	ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
	defer cancel()
	err := bus.Publish(ctx, all...)
	if len(s.invalid) > 0 {
		t.Fatalf("seed %d: got invalid requests: %v", c.seed, errors.Join(s.invalid...))
	}
	missing := wantRest(t, c.seed, err, c.events)
	accepted := make(map[int]bool)
	for _, e := range s.accepted {
		accepted[index[e.id]] = true
	}
	for i := range c.events {
		if !accepted[i] && !missing[i] {
			t.Errorf("seed %d: event %d is neither at the service nor in the error %v", c.seed, i, err)
		}
	}
	if c.ordered {
		wantOrder(t, c.seed, s.accepted, all, index)
	}
	if got := len(missing); c.failed >= 0 && got != c.failed && (!c.ordered || c.failed == 0 || got < c.failed) {
		t.Errorf("got %d events that were not published, want %d: %v", got, c.failed, err)
	}
}

// wantRest returns the events of a PublishError, and checks their errors.
func wantRest(t *testing.T, seed uint64, err error, n int) map[int]bool {
	t.Helper()
	missing := make(map[int]bool)
	if err == nil {
		return missing
	}
	var e *events.PublishError
	if !errors.As(err, &e) || e.Of != n {
		t.Fatalf("seed %d: got %v, want a PublishError of %d events", seed, err, n)
	}
	for _, f := range e.Failed {
		missing[f.Index] = true
		for _, secret := range []string{"hunter2", secretKey, sessionToken} {
			if strings.Contains(texts(f.Err), secret) {
				t.Errorf("seed %d: the error repeats %q: %v", seed, secret, f.Err)
			}
		}
	}
	return missing
}

// wantOrder checks that the service has the first events of each group, in their order.
func wantOrder(t *testing.T, seed uint64, accepted []Entry, all []events.Publishable, index map[string]int) {
	t.Helper()
	want := make(map[string][]int) // the events of a group
	for i, e := range all {
		group := e.(*events.Event[data]).Group
		want[group] = append(want[group], i)
	}
	got := make(map[string][]int)
	ids := make(map[string]string)
	for _, e := range accepted {
		got[e.eventGroup] = append(got[e.eventGroup], index[e.id])
		if e.Group == "" || e.Deduplication == "" || ids[e.eventGroup] != "" && ids[e.eventGroup] != e.Group {
			t.Errorf("seed %d: got the message group %q and the deduplication id %q for %s", seed, e.Group, e.Deduplication, e.eventGroup)
		}
		ids[e.eventGroup] = e.Group
	}
	for group, indexes := range got {
		if len(indexes) > len(want[group]) || !slices.Equal(indexes, want[group][:len(indexes)]) {
			t.Errorf("seed %d: got the events %v in %s, want the first ones of %v", seed, indexes, group, want[group])
		}
	}
}

// texts returns the texts of an error and of its causes, as a logger writes them.
func texts(err error) string {
	text := err.Error()
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			text += "\n" + texts(cause)
		}
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			text += "\n" + texts(cause)
		}
	}
	return text
}
