// Package conflict defines an event of package shop with other data.
package conflict

import "github.com/lambdakit/lambdakit/events"

type Confirmed struct {
	Total string `json:"total"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed", events.Version(2),
	events.Upcast(1, func(c Confirmed) (Confirmed, error) { return c, nil }))
