package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/events"
)

var (
	errBusy    = errors.New("busy")
	errRefused = errors.New("refused")
)

func TestPublish_PacksWithinTheLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limits events.Limits
		want   string
	}{
		{events.Limits{}, "[[a b c d e]]"},
		{events.Limits{Entries: 2}, "[[a b] [c d] [e]]"},
		{events.Limits{Bytes: 30, Size: func(*events.Entry) int { return 10 }}, "[[a b c] [d e]]"},
		{events.Limits{Bytes: 10, Size: func(*events.Entry) int { return 10 }}, "[[a] [b] [c] [d] [e]]"},
	} {
		s := &service{limits: c.limits}
		if err := events.New(s, nil).Publish(t.Context(), orders("a", "b", "c", "d", "e")...); err != nil {
			t.Errorf("%+v: got %v, want no error", c.limits, err)
		}
		var got []string
		for _, r := range s.requests {
			got = append(got, keys(r))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%+v: got the requests %v, want %s", c.limits, got, c.want)
		}
	}
}

func TestPublish_KeepsTheOrderOfAGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{limits: events.Limits{Entries: 10, KeepOrder: true}, answer: func(request int, e *events.Entry) error {
			if request == 1 && e.Group == "a" {
				return events.Transient(errBusy)
			}
			return nil
		}}
		list := orders("a", "b", "a", "b", "a")
		for i, e := range list {
			e.(*events.Event[confirmed]).Data.Cents = i
		}
		if err := events.New(s, nil).Publish(t.Context(), list...); err != nil {
			t.Fatalf("got %v, want no error", err)
		}
		var got []string
		for _, r := range s.requests {
			got = append(got, keys(r))
		}
		if want := "[[a b] [a b] [a] [a]]"; fmt.Sprint(got) != want {
			t.Errorf("got the requests %v, want %s", got, want)
		}
	})
}

func TestPublish_AFailureStopsItsGroupOnly(t *testing.T) {
	t.Parallel()
	s := &service{limits: events.Limits{Entries: 10, KeepOrder: true}, answer: func(_ int, e *events.Entry) error {
		if e.Group == "a" {
			return errRefused
		}
		return nil
	}}
	err := events.New(s, nil).Publish(t.Context(), orders("a", "b", "a", "c")...)
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 2 || failed.Failed[0].Err != errRefused || failed.Failed[1].Err != events.ErrSkipped || failed.Failed[1].Index != 2 {
		t.Errorf("got %+v, want the first a refused and the second skipped", failed)
	}
	if got := keys(s.accepted); got != "[b c]" {
		t.Errorf("got %s accepted, want [b c]", got)
	}
}

func TestPublish_RepeatsOnlyWhatMayBeRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(request int, e *events.Entry) error {
			switch {
			case e.Group == "refused":
				return errRefused
			case e.Group == "busy" && request < 4:
				return events.Transient(errBusy)
			}
			return nil
		}}
		err := events.New(s, nil).Publish(t.Context(), orders("ok", "refused", "busy")...)
		var failed *events.PublishError
		if !errors.As(err, &failed) || len(failed.Failed) != 1 || failed.Failed[0].Index != 1 || failed.Of != 3 || !errors.Is(err, errRefused) {
			t.Errorf("got %v, want the second event refused", err)
		}
		if want := "events: 1 of 3 events were not published; the first is OrderConfirmed " + orderConfirmed.New("refused", confirmed{}).ID + ": refused"; err == nil || err.Error() != want {
			t.Errorf("got the text %q, want %q", err, want)
		}
		var got []string
		for _, r := range s.requests {
			got = append(got, keys(r))
		}
		if want := "[[ok refused busy] [busy] [busy] [busy]]"; fmt.Sprint(got) != want {
			t.Errorf("got the requests %v, want %s", got, want)
		}
	})
}

func TestPublishError_WithoutFailures(t *testing.T) {
	t.Parallel()
	err := new(events.PublishError)
	if got := err.Error(); got != "events: not published" || len(err.Unwrap()) != 0 {
		t.Errorf("got %q and %v, want a text and no errors", got, err.Unwrap())
	}
}

func TestPublish_GivesUpBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{limits: events.Limits{Entries: 1}, answer: func(int, *events.Entry) error { return events.Transient(errBusy) }}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		err := events.New(s, &events.Options{MaxTries: 1000}).Publish(ctx, orders("a", "b")...)
		var failed *events.PublishError
		if !errors.As(err, &failed) || len(failed.Failed) != 2 || !events.IsTransient(err) || !errors.Is(err, errBusy) {
			t.Errorf("got %v, want both events not published", err)
		}
		if d := time.Since(start); d > 2500*time.Millisecond || d < time.Second {
			t.Errorf("got an end after %v, want one within the 500 ms before the deadline of 3 s", d)
		}
		if n := len(s.requests); n < 4 || n > 12 {
			t.Errorf("got %d requests, want some, and none without a pause at the end", n)
		}
	})
}

// Only a failure makes the next request wait.
func TestPublish_PausesAfterFailuresOnly(t *testing.T) {
	t.Parallel()
	for failures, most := range map[int]time.Duration{0: 0, 1: 50 * time.Millisecond, 2: 150 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{limits: events.Limits{Entries: 1}, answer: func(request int, _ *events.Entry) error {
				if request > 1 && request <= 1+failures { // of the second event
					return events.Transient(errBusy)
				}
				return nil
			}}
			start := time.Now()
			if err := events.New(s, nil).Publish(t.Context(), orders("a", "b", "c", "d", "e", "f", "g", "h", "i")...); err != nil {
				t.Fatalf("%d failures: got %v, want no error", failures, err)
			}
			if d := time.Since(start); d < most/2 || d > most || len(s.requests) != 9+failures {
				t.Errorf("%d failures: got %d requests in %v, want %d in %v to %v", failures, len(s.requests), d, 9+failures, most/2, most)
			}
		})
	}
}

func TestPublish_GivesUpAfterMaxTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(int, *events.Entry) error { return events.Transient(errBusy) }}
		start := time.Now()
		if err := events.New(s, nil).Publish(t.Context(), orders("a")...); !errors.Is(err, errBusy) {
			t.Errorf("got %v, want the error of the service", err)
		}
		if d := time.Since(start); len(s.requests) != 10 || d > 15*time.Second {
			t.Errorf("got %d requests in %v, want 10 in about ten seconds", len(s.requests), d)
		}
	})
}

// A service that hangs leaves time for what the function does with the error.
func TestPublish_KeepsTheReserve(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(context.Context, []events.Entry) []error{
		"a request that hangs": func(ctx context.Context, entries []events.Entry) []error {
			<-ctx.Done()
			return []error{ctx.Err()}
		},
		"many requests": func(context.Context, []events.Entry) []error {
			time.Sleep(300 * time.Millisecond)
			return nil
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			err := events.New(contextSender(send), &events.Options{Reserve: time.Second}).Publish(ctx, orders("a", "b", "c", "d", "e", "f")...)
			if d := time.Since(start); d > 1300*time.Millisecond || !events.IsTransient(err) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v after %v, want transient failures after a second", name, err, d)
			}
		})
	}
}

func TestPublish_NamesAReserveThatLeavesNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err := events.New(new(service), &events.Options{Reserve: 5 * time.Second}).Publish(ctx, orders("a")...)
		if want := "gives up 5s before it (Options.Reserve)"; !strings.Contains(fmt.Sprint(err), want) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded and %q", err, want)
		}
	})
}

type contextSender func(context.Context, []events.Entry) []error

func (contextSender) Limits() events.Limits { return events.Limits{Entries: 1} }
func (f contextSender) Send(ctx context.Context, entries []events.Entry) []error {
	return f(ctx, entries)
}

func TestPublish_BareDataThatLookLikeAnEnvelope(t *testing.T) {
	t.Parallel()
	d := events.Define[map[string]any]("shop", "Odd")
	for _, data := range []map[string]any{{"metadata": map[string]any{}, "data": 1}, {"specversion": "1.0"}} {
		s := new(service)
		if err := events.New(s, &events.Options{Envelope: events.Bare}).Publish(t.Context(), d.New("1", data)); err == nil || len(s.requests) != 0 {
			t.Errorf("%v: got %v and %d requests, want an error and none", data, err, len(s.requests))
		}
	}
}

func TestPublish_NilEvents(t *testing.T) {
	t.Parallel()
	var none *events.Event[confirmed]
	err := events.New(new(service), nil).Publish(t.Context(), nil, none)
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 2 || !errors.Is(err, events.ErrMalformed) {
		t.Errorf("got %v, want two failures", err)
	}
	if _, err := events.Marshal(t.Context(), none); !errors.Is(err, events.ErrMalformed) {
		t.Errorf("Marshal: got %v, want %v", err, events.ErrMalformed)
	}
}

func TestPublish_ContextThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("shutting down")
	cancel(why)
	s := new(service)
	if err := events.New(s, nil).Publish(ctx, orders("a", "b")...); !errors.Is(err, why) || len(s.requests) != 0 {
		t.Errorf("got %v after %d requests, want the cause and no request", err, len(s.requests))
	}
}

func TestPublish_WrongSenders(t *testing.T) {
	t.Parallel()
	for want, send := range map[string]func([]events.Entry) []error{
		"returned 1 errors for 2 entries": func([]events.Entry) []error { return make([]error, 1) },
		"the Sender panicked: oops":       func([]events.Entry) []error { panic("oops") },
	} {
		err := events.New(senderFunc(send), nil).Publish(t.Context(), orders("a", "b")...)
		var failed *events.PublishError
		if !errors.As(err, &failed) || len(failed.Failed) != 2 || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want both events failed with %q", err, want)
		}
	}
}

// A Sender may return no errors at all, also if the request before failed.
func TestPublish_SendersWithoutErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		s := senderFunc(func(entries []events.Entry) []error {
			if requests++; requests == 1 {
				return []error{events.Transient(errBusy)}
			}
			return nil
		})
		if err := events.New(s, nil).Publish(t.Context(), orders("a")...); err != nil || requests != 2 {
			t.Errorf("got %v after %d requests, want no error after 2", err, requests)
		}
	})
	if err := events.Transient(nil); err != nil || events.IsTransient(nil) {
		t.Errorf("Transient(nil): got %v, want nil", err)
	}
}

type senderFunc func([]events.Entry) []error

func (f senderFunc) Limits() events.Limits                                  { return events.Limits{} }
func (f senderFunc) Send(_ context.Context, entries []events.Entry) []error { return f(entries) }

func TestPublish_DataThatCannotBeSent(t *testing.T) {
	t.Parallel()
	list := events.Define[[]int]("shop", "List")
	bad := events.Define[map[string]any]("shop", "Bad")
	s := &service{limits: events.Limits{EntryBytes: 400}}
	err := events.New(s, nil).Publish(t.Context(),
		list.New("1", []int{1}), bad.New("2", map[string]any{"f": func() {}}), orderConfirmed.New("large", confirmed{Order: strings.Repeat("x", 400)}), orderConfirmed.New("ok", confirmed{}))
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 3 || !errors.Is(failed.Failed[2].Err, events.ErrTooLarge) {
		t.Fatalf("got %v, want three failures", err)
	}
	for i, want := range []string{"encode List: the data are not a JSON object", "encode Bad: json: unsupported type", "and the service takes 400"} {
		if got := failed.Failed[i].Err.Error(); !strings.Contains(got, want) {
			t.Errorf("got the error %q, want %q in it", got, want)
		}
	}
	if got := keys(s.accepted); got != "[ok]" {
		t.Errorf("got %s accepted, want [ok]", got)
	}
}

func TestPublish_Envelopes(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC) }
	e := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	e.CausationID, e.TraceParent = "c-1", "00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01"
	for envelope, want := range map[events.Envelope]string{
		events.MetadataAndData: `{"metadata":{"id":"ID","source":"shop.orders","type":"OrderConfirmed","version":2,"group":"o-1","time":"2026-11-29T10:00:00Z","correlation_id":"ID","causation_id":"c-1","traceparent":"00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01"},"data":{"order":"o-1","cents":850}}`,
		events.CloudEvents:     `{"specversion":"1.0","id":"ID","source":"shop.orders","type":"OrderConfirmed","time":"2026-11-29T10:00:00Z","datacontenttype":"application/json","dataversion":"2","partitionkey":"o-1","correlationid":"ID","causationid":"c-1","traceparent":"00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01","data":{"order":"o-1","cents":850}}`,
		events.Bare:            `{"order":"o-1","cents":850}`,
	} {
		s := new(service)
		if err := events.New(s, &events.Options{Envelope: envelope, Now: now}).Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		want = strings.ReplaceAll(want, "ID", e.ID)
		if got := string(s.accepted[0].Body); got != want {
			t.Errorf("envelope %d: got  %s\nwant %s", envelope, got, want)
		}
		if envelope == events.Bare {
			continue
		}
		back, err := orderConfirmed.Decode(s.accepted[0].Body)
		if err != nil || back.Data != e.Data {
			t.Errorf("envelope %d: decoded: got %+v, %v, want %+v", envelope, back, err, e.Data)
		}
	}
}

func TestNew_UnknownEnvelope(t *testing.T) {
	t.Parallel()
	s := new(service)
	if err := events.New(s, &events.Options{Envelope: 7}).Publish(t.Context(), orders("a")...); err != nil || !strings.HasPrefix(string(s.accepted[0].Body), `{"metadata"`) {
		t.Errorf("got %v, want metadata and data", err)
	}
}

func TestMarshal_IsReadByUnmarshal(t *testing.T) {
	t.Parallel()
	text, err := events.Marshal(t.Context(), orderConfirmed.New("o-1", confirmed{"o-1", 1}))
	if err != nil {
		t.Fatal(err)
	}
	e, err := events.Unmarshal(text)
	if err != nil || e.Type != "OrderConfirmed" || string(e.Data) != `{"order":"o-1","cents":1}` || e.Time.IsZero() || e.CorrelationID != e.ID {
		t.Errorf("got %+v, %v, want the event", e, err)
	}
	s := new(service)
	if err := events.New(s, nil).Publish(t.Context(), e); err != nil || string(s.accepted[0].Body) != string(text) {
		t.Errorf("published: got %s, %v, want %s", s.accepted[0].Body, err, text)
	}
	for _, bad := range []string{`{}`, `x`, `{"data":1}`} {
		if _, err := events.Unmarshal([]byte(bad)); !errors.Is(err, events.ErrMalformed) {
			t.Errorf("%s: got %v, want %v", bad, err, events.ErrMalformed)
		}
	}
	if _, err := events.Marshal(t.Context(), events.Define[[]int]("shop", "List").New("1", nil)); err == nil {
		t.Error("a list: got no error, want one")
	}
	var _ json.RawMessage = e.Data
}

func TestPublish_EventsWithoutMetadataAreRefused(t *testing.T) {
	t.Parallel()
	s := new(service)
	err := events.New(s, nil).Publish(t.Context(), &events.Event[confirmed]{Data: confirmed{"o-1", 1}}, &events.Event[confirmed]{Metadata: events.Metadata{ID: "e-1", Source: "s"}},
		&events.Event[confirmed]{Metadata: events.Metadata{ID: "e-1", Type: "t"}}, &events.Event[confirmed]{Metadata: events.Metadata{Source: "s", Type: "t"}})
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 4 || len(s.requests) != 0 {
		t.Fatalf("got %v and %d requests, want four failures and none", err, len(s.requests))
	}
	for _, f := range failed.Failed {
		if !errors.Is(f.Err, events.ErrMalformed) {
			t.Errorf("event %d: got %v, want %v", f.Index, f.Err, events.ErrMalformed)
		}
	}
}

func TestPublish_EventsWithoutAGroupAreGroupsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := &service{limits: events.Limits{Entries: 10, KeepOrder: true}, answer: func(_ int, e *events.Entry) error {
		if e.ID == orderConfirmed.New("a", confirmed{}).ID {
			return errRefused
		}
		return nil
	}}
	list := orders("a", "b", "c")
	for _, e := range list {
		e.(*events.Event[confirmed]).Group = ""
	}
	err := events.New(s, nil).Publish(t.Context(), list...)
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 1 || len(s.requests) != 1 {
		t.Errorf("got %v after %d requests, want one failure after one request", err, len(s.requests))
	}
}
