package main

import "github.com/lambdakit/lambdakit/events"

// The events of the story. They are facts, so their names are in the past tense.
var (
	OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")
	OrderShipped   = events.Define[Shipped]("shop.warehouse", "OrderShipped")
)

// Confirmed is the data of OrderConfirmed.
type Confirmed struct {
	OrderID  string `json:"order_id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// Shipped is the data of OrderShipped.
type Shipped struct {
	OrderID string `json:"order_id"`
	Parcel  string `json:"parcel"`
}
