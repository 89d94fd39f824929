// Package shop defines events.
package shop

import "github.com/lambdakit/lambdakit/events"

type Confirmed struct {
	Total int    `json:"total"`
	Note  string `json:"note,omitempty"`
}

var (
	OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed", events.Version(2),
		events.Upcast(1, func(c Confirmed) (Confirmed, error) { return c, nil }))
	OrderMoved = events.Define[struct{}]("shop/orders", "../Order Moved")
)
