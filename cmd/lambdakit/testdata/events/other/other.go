// Package other defines an event of package shop with the same data, without its import.
package other

import "github.com/lambdakit/lambdakit/events"

type Confirmed struct {
	Total int    `json:"total"`
	Note  string `json:"note,omitempty"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed", events.Version(2),
	events.Upcast(1, func(c Confirmed) (Confirmed, error) { return c, nil }))
