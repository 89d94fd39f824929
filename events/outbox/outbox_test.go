package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/outbox"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type confirmed struct {
	Order string `json:"order"`
}

var orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed")

// insert returns the change of a record that a transaction wrote.
func insert(r *outbox.Record) lambdatest.Change {
	return lambdatest.Change{Keys: map[string]any{"group": r.Group, "id": r.ID}, New: image(r)}
}

func image(r *outbox.Record) map[string]any {
	return map[string]any{"group": r.Group, "id": r.ID, "source": r.Source, "type": r.Type, "event": r.Event, "expires_at": r.ExpiresAt}
}

func newRecord(t *testing.T, order string) *outbox.Record {
	t.Helper()
	r, err := outbox.New(t.Context(), orderConfirmed.New(order, confirmed{order}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNew_Record(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	e := orderConfirmed.New("o-1", confirmed{"o-1"})
	r, err := outbox.New(t.Context(), e, &outbox.Options{ExpiresAfter: time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Group != "o-1" || r.ID != e.ID || r.Source != "shop.orders" || r.Type != "OrderConfirmed" || r.ExpiresAt != 1_003_600 {
		t.Errorf("got %+v, want the keys of the event and an end after an hour", r)
	}
	stored, err := events.Unmarshal([]byte(r.Event))
	if err != nil || string(stored.Data) != `{"order":"o-1"}` || stored.ID != e.ID || stored.Time.IsZero() {
		t.Errorf("got the event %+v, %v, want the whole event", stored, err)
	}
}

func TestNew_TooLarge(t *testing.T) {
	t.Parallel()
	_, err := outbox.New(t.Context(), orderConfirmed.New("o-1", confirmed{strings.Repeat("x", 400_000)}), nil)
	if !errors.Is(err, events.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, events.ErrTooLarge)
	}
}

func TestRelay_PublishesWhatWasInserted(t *testing.T) {
	t.Parallel()
	var m events.Memory
	a, b := newRecord(t, "o-1"), newRecord(t, "o-2")
	rewritten := lambdatest.Change{Keys: map[string]any{"group": a.Group, "id": a.ID}, Old: image(a), New: image(a)}
	expired := lambdatest.Change{Keys: map[string]any{"group": a.Group, "id": a.ID}, Old: image(a)}
	res := lambdatest.Run(t, outbox.Relay(events.New(&m, nil), nil), lambdatest.DynamoDB("outbox", insert(a), insert(b), rewritten, expired))
	if got := res.FailedRecords(); len(got) != 0 {
		t.Errorf("got %v reported, want none", got)
	}
	list := events.Published(&m, orderConfirmed)
	if len(list) != 3 || list[0].ID != a.ID || list[1].Data.Order != "o-2" {
		t.Fatalf("got %v published, want both events, and the one that was written again", list)
	}
	if got := string(m.Entries()[0].Body); got != a.Event {
		t.Errorf("got the event %s, want it as it was stored: %s", got, a.Event)
	}
}

func TestRelay_AFailureStopsTheEventsBehindIt(t *testing.T) {
	t.Parallel()
	busy := errors.New("busy")
	for name, c := range map[string]struct {
		err  error
		dead int
		want string
	}{
		"transient": {events.Transient(busy), 0, "[o-1]"},
		"refused":   {busy, 1, "[o-1 o-3]"},
	} {
		m := events.Memory{Fail: func(e *events.Entry) error {
			if e.Group == "o-2" {
				return c.err
			}
			return nil
		}}
		dead := 0
		f := outbox.Relay(events.New(&m, &events.Options{MaxTries: 1}), &batch.Options{DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error {
			dead++
			return nil
		})})
		res := lambdatest.Run(t, f, lambdatest.DynamoDB("outbox", insert(newRecord(t, "o-1")), insert(newRecord(t, "o-2")), insert(newRecord(t, "o-3"))))
		var got []string
		for _, e := range events.Published(&m, orderConfirmed) {
			got = append(got, e.Data.Order)
		}
		if fmt.Sprint(got) != c.want || dead != c.dead || len(res.FailedRecords()) != 1-c.dead {
			t.Errorf("%s: got %v published, %d dead letters and %v reported, want %s and %d dead letters", name, got, dead, res.FailedRecords(), c.want, c.dead)
		}
	}
}

func TestRelay_ItemsWithoutAnEvent(t *testing.T) {
	t.Parallel()
	var reasons []error
	f := outbox.Relay(events.New(new(events.Memory), nil), &batch.Options{DeadLetters: batch.DeadLetterFunc(func(_ context.Context, l batch.Letter) error {
		reasons = append(reasons, l.Reason)
		return nil
	})})
	keys := map[string]any{"group": "g", "id": "i"}
	o := new(observer)
	h := lambdakit.Wrap(f, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(o)
			return next(ctx, inv)
		}
	})
	res := lambdatest.Run(t, h, lambdatest.DynamoDB("outbox", lambdatest.Change{Keys: keys, New: map[string]any{"group": "g", "event": "no JSON"}}, lambdatest.Change{Event: "INSERT", Keys: keys}))
	if len(reasons) != 1 || !errors.Is(reasons[0], events.ErrMalformed) || !strings.HasPrefix(reasons[0].Error(), "outbox: the attribute event of the item: ") {
		t.Errorf("got the dead letters %v, want one", reasons)
	}
	if got := res.FailedRecords(); len(got) != 1 {
		t.Errorf("got %v reported, want the record without an image", got)
	}
	if want := "outbox: the stream has no new image of the item; its view type must be NEW_IMAGE or NEW_AND_OLD_IMAGES"; len(o.errs) != 2 || o.errs[1] == nil || o.errs[1].Error() != want {
		t.Errorf("got the errors %v, want the second one to be %q", o.errs, want)
	}
}

// The relay publishes one record after another, whatever the options say.
func TestRelay_OneAfterAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := events.Memory{Fail: func(*events.Entry) error {
			time.Sleep(time.Second)
			return nil
		}}
		start := time.Now()
		o := &batch.Options{Order: batch.Unordered, Concurrency: 4}
		lambdatest.Run(t, outbox.Relay(events.New(&m, nil), o), lambdatest.DynamoDB("outbox", insert(newRecord(t, "o-1")), insert(newRecord(t, "o-2")), insert(newRecord(t, "o-3"))))
		var got []string
		for _, e := range events.Published(&m, orderConfirmed) {
			got = append(got, e.Data.Order)
		}
		if d := time.Since(start); d < 3*time.Second || fmt.Sprint(got) != "[o-1 o-2 o-3]" {
			t.Errorf("got %v published after %v, want all in their order after 3 s", got, d)
		}
		if o.Order != batch.Unordered || o.Concurrency != 4 {
			t.Errorf("got the options %+v, want those of the caller unchanged", o)
		}
	})
}

// observer keeps the errors of records.
type observer struct{ errs []error }

func (*observer) BeginMessage(ctx context.Context, _ *lambdakit.Message) context.Context { return ctx }
func (o *observer) EndMessage(_ context.Context, _ *lambdakit.Message, err error) {
	o.errs = append(o.errs, err)
}

func TestRelay_PanicsWithoutABus(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one")
		}
	}()
	outbox.Relay(nil, nil)
}
