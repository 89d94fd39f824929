package main

import (
	"testing"

	"github.com/lambdakit/lambdakit/events/eventstest"
)

// The recorded events in testdata/events stay readable forever.
func TestEvents_StayReadable(t *testing.T) {
	t.Parallel()
	eventstest.Golden(t, OrderConfirmed, Confirmed{OrderID: "o-1001", Customer: "c-77", Cents: 2995})
	eventstest.Golden(t, OrderShipped, Shipped{OrderID: "o-1001", Parcel: "P-1000"})
}
