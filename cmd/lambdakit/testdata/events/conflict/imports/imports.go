// Package imports defines an event of a package that it imports with other data.
package imports

import (
	"github.com/lambdakit/lambdakit/cmd/lambdakit/testdata/events/shop"
	"github.com/lambdakit/lambdakit/events"
)

type Confirmed struct {
	Total string `json:"total"`
}

var (
	OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed", events.Version(2),
		events.Upcast(1, func(c Confirmed) (Confirmed, error) { return c, nil }))
	Other = shop.OrderConfirmed
)
