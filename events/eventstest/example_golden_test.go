package eventstest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/eventstest"
)

type Confirmed struct {
	Total int `json:"total"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")

// A test of an event calls Golden with a sample that does not change.
func ExampleGolden() {
	TestOrderConfirmed := func(t *testing.T) {
		eventstest.Golden(t, OrderConfirmed, Confirmed{Total: 1200})
	}
	TestOrderConfirmed(new(testing.T)) // go test calls it

	recorded, err := os.ReadFile("testdata/events/shop.orders.OrderConfirmed.v1.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", recorded)
	// Output:
	// {
	//   "metadata": {
	//     "id": "83f3fe29-ccbf-54b5-a288-ca30c0a20b46",
	//     "source": "shop.orders",
	//     "type": "OrderConfirmed",
	//     "version": 1,
	//     "group": "golden",
	//     "time": "2000-01-01T00:00:00Z",
	//     "correlation_id": "83f3fe29-ccbf-54b5-a288-ca30c0a20b46"
	//   },
	//   "data": {
	//     "total": 1200
	//   }
	// }
}
