package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Order is an order of a customer.
type Order struct {
	ID    string `json:"id"`
	Items []Item `json:"items"`
	Card  string `json:"card"` // a token from the payment provider
}

// Item is one line of an order.
type Item struct {
	SKU      string  `json:"sku"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"`
}

// Receipt is the answer to an accepted order.
type Receipt struct {
	OrderID   string  `json:"order_id"`
	PaymentID string  `json:"payment_id"`
	Total     float64 `json:"total"`
}

// ParseOrder decodes and checks an order. Its error texts are sent to the client.
func ParseOrder(body []byte) (Order, error) {
	var o Order
	if len(body) == 0 {
		return o, errors.New("the body is empty")
	}
	if err := json.Unmarshal(body, &o); err != nil {
		return o, errors.New("the body is not an order in JSON")
	}
	switch {
	case len(o.Items) == 0:
		return o, errors.New("the order has no items")
	case o.Card == "":
		return o, errors.New("the order has no card")
	}
	for i, item := range o.Items {
		switch {
		case item.SKU == "":
			return o, fmt.Errorf("item %d has no sku", i+1)
		case item.Quantity < 1 || item.Quantity > 1000:
			return o, fmt.Errorf("item %d: the quantity must be from 1 to 1000", i+1)
		case !(item.Price >= 0 && item.Price <= 100_000):
			return o, fmt.Errorf("item %d: the price must be from 0 to 100000", i+1)
		}
	}
	if o.ID == "" {
		o.ID = "ord-" + rand.Text()[:10]
	}
	return o, nil
}

// Total returns the sum in the shop's currency, to the cent.
func (o Order) Total() float64 {
	var sum float64
	for _, item := range o.Items {
		sum += float64(item.Quantity) * item.Price
	}
	return math.Round(sum*100) / 100
}
