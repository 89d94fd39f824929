package eventstest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/eventstest"
	"github.com/lambdakit/lambdakit/lambdatest"
)

func TestRule_IsReadByAMux(t *testing.T) {
	t.Parallel()
	var got []int
	mux := events.NewMux(nil, events.On(OrderConfirmed, func(_ context.Context, e *events.Event[Confirmed]) error {
		got = append(got, e.Data.Total)
		return nil
	}))
	for _, envelope := range []events.Envelope{events.MetadataAndData, events.CloudEvents, events.Bare} {
		e := eventstest.Rule(t, OrderConfirmed.New("o-1", Confirmed{Total: 7}), &events.Options{Envelope: envelope})
		lambdatest.Run(t, mux.SQS(nil), lambdatest.SQS("orders", e))
		if _, err := mux.EventBridge(t.Context(), e); err != nil {
			t.Errorf("envelope %d: got %v, want no error", envelope, err)
		}
	}
	if want := "[7 7 7 7 7 7]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
