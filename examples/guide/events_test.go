package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/eventstest"
	"github.com/lambdakit/lambdakit/events/outbox"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

// guide: events-define
// Confirmed is the data of OrderConfirmed.
type Confirmed struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")

// end

// guide: events-publish
func confirm(ctx context.Context, bus *events.Bus, o Order) error {
	data := Confirmed{Order: o.ID, Cents: int(math.Round(o.Total * 100))}
	return bus.Publish(ctx, OrderConfirmed.New(o.ID, data)) // the same order gives the same event id
}

// end

func Example_eventsMain() {
	// guide: events-bus
	bus := events.New(eventbridgebus.New(nil, "shop", nil), nil)
	// end
	logs, tracer := logging.New(nil), tracing.New(nil)
	// guide: events-receive
	book := func(ctx context.Context, e *events.Event[Confirmed]) error {
		slog.InfoContext(ctx, "points booked", "order", e.Data.Order, "points", e.Data.Cents/100)
		return nil
	}
	receive := events.NewMux(nil, events.On(OrderConfirmed, book))
	lambda.Start(lambdakit.Wrap(receive.SQS(nil), tracer.Middleware, logs.Middleware)) // or Kinesis, Kafka, receive.EventBridge
	// end
	_ = bus
}

func Example_eventsRoundTrip() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	ctx := context.Background()
	book := func(ctx context.Context, e *events.Event[Confirmed]) error {
		slog.InfoContext(ctx, "points booked", "order", e.Data.Order, "points", e.Data.Cents/100)
		return nil
	}
	receive := events.NewMux(nil, events.On(OrderConfirmed, book))
	var service events.Memory
	bus := events.New(&service, nil)
	if err := confirm(ctx, bus, good); err != nil {
		log.Fatal(err)
	}
	e := service.Entries()[0]
	message := fmt.Sprintf(`{"id":"eb-1","detail-type":%q,"source":%q,"detail":%s}`, e.Type, e.Source, e.Body)
	brief(lambdatest.Run(t, lambdakit.Wrap(receive.SQS(nil), logs.Middleware), lambdatest.SQS("loyalty", message)))
	// Output:
	// {"level":"INFO","message":"points booked","correlation_id":"0a3f2787-cf88-5039-80fa-2e76feac1643","message_id":"m1","attempt":1,"order":"o-1001","points":29}
}

func Example_eventsFailures() {
	ctx := context.Background()
	service := events.Memory{Fail: func(e *events.Entry) error {
		if e.Group == "o-1002" {
			return errors.New("not authorized")
		}
		return nil
	}}
	bus := events.New(&service, nil)
	// guide: events-failures
	err := bus.Publish(ctx, OrderConfirmed.New("o-1001", Confirmed{}), OrderConfirmed.New("o-1002", Confirmed{}))
	var failed *events.PublishError
	if errors.As(err, &failed) {
		for _, f := range failed.Failed { // the others are published
			slog.WarnContext(ctx, "not published", "type", f.Type, "group", f.Group, "error", f.Err)
		}
	}
	// end
	fmt.Println(len(service.Entries()), "published,", len(failed.Failed), "failed")
	// Output:
	// 1 published, 1 failed
}

func Example_eventsOnce() {
	ctx := context.Background()
	book := func(context.Context, *events.Event[Confirmed]) error { fmt.Println("points booked"); return nil }
	// guide: events-once
	guard, err := idempotency.New(nil, &idempotency.Options{ExpiresAfter: 14 * 24 * time.Hour, Wait: 2 * time.Second})
	receive := events.NewMux(&events.MuxOptions{
		Once: func(ctx context.Context, key string, f func(context.Context) error) error {
			return idempotency.Run(ctx, guard, key, f)
		},
		Unknown: events.Ignore, // default: a permanent failure
	}, events.On(OrderConfirmed, book))
	// end
	var service events.Memory
	bus := events.New(&service, nil)
	bus.Publish(ctx, OrderConfirmed.New("o-1", Confirmed{}), OrderConfirmed.New("o-1", Confirmed{}))
	fmt.Println(service.Deliver(ctx, receive), err)
	// Output:
	// points booked
	// <nil> <nil>
}

// guide: events-version
// ConfirmedV1 is the data of version 1, in euros.
type ConfirmedV1 struct {
	Order string  `json:"order"`
	Total float64 `json:"total"`
}

var OrderConfirmedV2 = events.Define[Confirmed]("shop.orders", "OrderConfirmed",
	events.Version(2),
	events.Upcast(1, func(old ConfirmedV1) (Confirmed, error) {
		return Confirmed{Order: old.Order, Cents: int(math.Round(old.Total * 100))}, nil
	}))

// end

func Example_eventsVersion() {
	e, err := OrderConfirmedV2.Decode([]byte(`{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":8.5}}`))
	fmt.Println(e.Data, err)
	// Output:
	// {o-1 850} <nil>
}

func Example_eventsOutbox() {
	ctx := context.Background()
	// guide: events-outbox
	record, err := outbox.New(ctx, OrderConfirmed.New("o-1", Confirmed{Order: "o-1"}), nil) // an item of the transaction
	// end
	bus := events.New(new(events.Memory), nil)
	// guide: events-relay
	lambda.Start(lambdakit.Wrap(outbox.Relay(bus, nil))) // a second function, on the stream of the outbox's table
	// end
	_, _ = record, err
}

func Example_eventsLocal() {
	// guide: events-local
	bus := events.New(events.Local(eventbridgebus.New(nil, "shop", nil)), nil) // the runner, or else EventBridge
	// end
	_ = bus
}

// guide: events-golden
func TestOrderConfirmed_StaysReadable(t *testing.T) {
	eventstest.Golden(t, OrderConfirmed, Confirmed{Order: "o-1", Cents: 1250})
}

// end

// guide: events-test
func TestConfirm_PublishesTheTotal(t *testing.T) {
	var service events.Memory
	if err := confirm(t.Context(), events.New(&service, nil), Order{ID: "o-1", Total: 12.5}); err != nil {
		t.Fatal(err)
	}
	if got := events.Published(&service, OrderConfirmed); len(got) != 1 || got[0].Data.Cents != 1250 {
		t.Errorf("got %v, want one event with 1250 cents", got)
	}
}

// end
