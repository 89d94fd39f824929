package interop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/lambdakit/lambdakit/events"
)

type data struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

var happened = events.Define[data]("shop", "Happened")

// service takes and refuses entries at random. It notes a request that is not within the limits.
type service struct {
	random   *rand.Rand
	limits   events.Limits
	accepted []events.Entry
	refused  map[string]bool
	problem  error // the first one
}

func (s *service) Limits() events.Limits { return s.limits }

func (s *service) fail(format string, args ...any) {
	if s.problem == nil {
		s.problem = fmt.Errorf(format, args...)
	}
}

func (s *service) Send(_ context.Context, entries []events.Entry) []error {
	bytes := 0
	groups := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		bytes += len(e.Body)
		if s.limits.KeepOrder && e.Group != "" && groups[e.Group] {
			s.fail("got two entries of the group %s in a request", e.Group)
		}
		groups[e.Group] = true
	}
	if len(entries) == 0 || len(entries) > s.limits.Entries || bytes > s.limits.Bytes {
		s.fail("got %d entries with %d bytes, want at most %d with %d", len(entries), bytes, s.limits.Entries, s.limits.Bytes)
	}
	errs := make([]error, len(entries))
	for i := range entries {
		switch s.random.IntN(10) {
		case 0, 1, 2:
			errs[i] = events.Transient(errors.New("busy"))
		case 3:
			errs[i] = errors.New("refused")
			s.refused[entries[i].ID] = true
		default:
			s.accepted = append(s.accepted, entries[i])
		}
	}
	return errs
}

// Each event is accepted once or among the failures, requests are within the limits, and a group keeps
// its order, with nothing behind a failure.
func TestPublish_LosesAndReordersNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := &service{random: rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0)), refused: map[string]bool{}, limits: events.Limits{
			Entries:   rapid.IntRange(1, 10).Draw(r, "entries"),
			Bytes:     rapid.IntRange(400, 2000).Draw(r, "bytes"),
			KeepOrder: rapid.Bool().Draw(r, "order"),
		}}
		s.limits.EntryBytes = rapid.IntRange(300, s.limits.Bytes).Draw(r, "entry bytes")
		var list []*events.Event[data]
		for i := range rapid.IntRange(1, 40).Draw(r, "events") {
			e := happened.New(fmt.Sprint("k", i), data{i, strings.Repeat("x", rapid.IntRange(0, 500).Draw(r, "size"))})
			e.Group = rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(r, "group")
			list = append(list, e)
		}
		synctest.Test(t, func(*testing.T) { s.publish(list) }) // pauses take no time
		if s.problem != nil {
			r.Fatal(s.problem)
		}
	})
}

func (s *service) publish(list []*events.Event[data]) {
	var all []events.Publishable
	for _, e := range list {
		all = append(all, e)
	}
	failed := map[string]error{}
	var published *events.PublishError
	if errors.As(events.New(s, &events.Options{MaxTries: 3}).Publish(context.Background(), all...), &published) {
		for _, f := range published.Failed {
			failed[f.ID] = f.Err
		}
	}
	times := map[string]int{}
	last := map[string]int{}
	for _, entry := range s.accepted {
		times[entry.ID]++
		e, err := happened.Decode(entry.Body)
		switch {
		case err != nil:
			s.fail("got %s: %v", entry.Body, err)
		case e.Group == "" || !s.limits.KeepOrder:
		case e.Data.N < last[e.Group]:
			s.fail("got the event %d after %d in the group %s", e.Data.N, last[e.Group], e.Group)
		default:
			last[e.Group] = e.Data.N
		}
	}
	broken := map[string]bool{}
	for _, e := range list {
		err := failed[e.ID]
		switch {
		case times[e.ID] > 1 || (times[e.ID] == 1) == (err != nil):
			s.fail("got the event %d accepted %d times and the error %v, want one of both", e.Data.N, times[e.ID], err)
		case errors.Is(err, events.ErrTooLarge) && s.refused[e.ID], errors.Is(err, events.ErrSkipped) && !s.limits.KeepOrder:
			s.fail("got the error %v of event %d, want another", err, e.Data.N)
		case s.limits.KeepOrder && e.Group != "" && broken[e.Group] && err == nil:
			s.fail("got the event %d published behind a failure of its group", e.Data.N)
		}
		broken[e.Group] = broken[e.Group] || err != nil
	}
}
