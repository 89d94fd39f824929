// Command function is a function with an event of its own, and with events of package shop.
package main

import (
	"fmt"

	"github.com/lambdakit/lambdakit/cmd/lambdakit/testdata/events/shop"
	"github.com/lambdakit/lambdakit/events"
)

// The names of the added file's imports.
var os, schema = shop.OrderConfirmed, "schema"

var Shipped = events.Define[struct {
	Parcels []string `json:"parcels"`
}]("shop.stock", "Shipped")

func init() { fmt.Println(os.Type(), schema) }

func main() { panic("main runs") }
