package adapter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/adapter"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type Parcel struct {
	ID     string `json:"id"`
	Weight int    `json:"weight"`
}

type Shipped struct {
	Tracking string `json:"tracking"`
}

var ParcelShipped = events.Define[Shipped]("shop.shipping", "ParcelShipped")

// carrier is the older system.
func carrier(w http.ResponseWriter, r *http.Request) {
	fmt.Println(r.Method, r.URL.Path, "with key", r.Header.Get("Idempotency-Key"))
	var p Parcel
	json.NewDecoder(r.Body).Decode(&p)
	switch {
	case p.Weight > 30:
		http.Error(w, "too heavy", http.StatusUnprocessableEntity)
	case p.Weight > 20:
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		fmt.Fprint(w, "TRACK-", p.ID)
	}
}

// Each message of a queue becomes a call of a carrier, and each response an event. The first parcel is
// shipped, the second one comes again when the carrier asks for it, and the third one never can be
// shipped.
func Example() {
	legacy := httptest.NewServer(http.HandlerFunc(carrier))
	defer legacy.Close()

	ship := func(ctx context.Context, m *batch.Message[Parcel]) (*http.Request, error) {
		body, err := json.Marshal(m.Body)
		if err != nil {
			return nil, err
		}
		return http.NewRequestWithContext(ctx, http.MethodPost, legacy.URL+"/parcels", strings.NewReader(string(body)))
	}
	shipped := func(ctx context.Context, m *batch.Message[Parcel], r *http.Response) (events.Publishable, error) {
		var s Shipped
		_, err := fmt.Fscan(r.Body, &s.Tracking)
		return ParcelShipped.New(m.Body.ID, s), err
	}
	a := adapter.New(ship, &adapter.Options[Parcel]{
		Rate:     20,
		InFlight: 4,
		Reply:    shipped,
		Bus:      events.New(console{}, nil),
	})
	receive := batch.SQS(a.Handle, &batch.Options{OnFailure: explain})
	h := lambdakit.Wrap(receive) // for lambda.Start

	res := lambdatest.Run(new(testing.T), h, lambdatest.SQS("parcels", Parcel{"p-1", 5}, Parcel{"p-2", 25}, Parcel{"p-3", 50}))
	fmt.Println("reported:", res.FailedRecords())
	// Output:
	// POST /parcels with key m1
	// published ParcelShipped of p-1
	// POST /parcels with key m2
	// m2 comes again in 1m30s: adapter: POST /parcels: status 503 Service Unavailable
	// POST /parcels with key m3
	// m3 failed for good: adapter: POST /parcels: status 422 Unprocessable Entity
	// reported: [m2 m3]
}

// explain prints what becomes of a failed message. In a function, packages visibility and deadletter
// of the module aws do the work.
func explain(_ context.Context, r *batch.Record, err error) {
	if delay, ok := batch.RetryDelay(err); ok {
		fmt.Printf("%s comes again in %v: %v\n", r.ID, delay, err)
	} else if batch.IsPermanent(err) {
		fmt.Printf("%s failed for good: %v\n", r.ID, err)
	}
}

// console is a Sender that prints events.
type console struct{}

func (console) Limits() events.Limits { return events.Limits{} }

func (console) Send(_ context.Context, entries []events.Entry) []error {
	for _, e := range entries {
		fmt.Println("published", e.Type, "of", e.Group)
	}
	return nil
}

// A system that fails is left alone until it had time to recover.
func ExampleOptions() {
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Println("call")
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer legacy.Close()

	check := func(ctx context.Context, m *batch.Message[Parcel]) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, legacy.URL+"/parcels/"+m.Body.ID, nil)
	}
	a := adapter.New(check, &adapter.Options[Parcel]{BreakAfter: 2})
	opened := 0
	receive := batch.SQS(a.Handle, &batch.Options{OnFailure: func(_ context.Context, _ *batch.Record, err error) {
		if errors.Is(err, adapter.ErrOpen) {
			opened++
		}
	}})
	lambdatest.Run(new(testing.T), lambdakit.Wrap(receive), lambdatest.SQS("parcels", Parcel{ID: "a"}, Parcel{ID: "b"}, Parcel{ID: "c"}, Parcel{ID: "d"}))
	fmt.Println(opened, "messages without a call")
	// Output:
	// call
	// call
	// 2 messages without a call
}
