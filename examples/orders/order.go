package main

import (
	"crypto/rand"
	"math"
)

// Order is an order of a customer.
type Order struct {
	ID    string `json:"id" doc:"An order that is sent again under its id is not taken again."`
	Items []Item `json:"items" required:"true" minItems:"1"`
	Card  string `json:"card" required:"true" minLength:"1"` // a token from the payment provider
}

// Item is one line of an order.
type Item struct {
	SKU      string  `json:"sku" required:"true" minLength:"1"`
	Quantity int     `json:"quantity" required:"true" minimum:"1" maximum:"1000"`
	Price    float64 `json:"price" minimum:"0" maximum:"100000"`
}

// Receipt is the answer to an accepted order.
type Receipt struct {
	OrderID   string  `json:"order_id"`
	PaymentID string  `json:"payment_id"`
	Total     float64 `json:"total"`
}

// withID returns the order with an id.
func (o Order) withID() Order {
	if o.ID == "" {
		o.ID = "ord-" + rand.Text()[:10]
	}
	return o
}

// Total returns the sum in the shop's currency, to the cent.
func (o Order) Total() float64 {
	var sum float64
	for _, item := range o.Items {
		sum += float64(item.Quantity) * item.Price
	}
	return math.Round(sum*100) / 100
}
