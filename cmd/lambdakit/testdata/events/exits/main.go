// Command exits needs a variable of the environment.
package main

import (
	"log"

	"github.com/lambdakit/lambdakit/events"
)

var OrderConfirmed = events.Define[struct{}]("shop.orders", "OrderConfirmed")

func init() { log.Fatal("TABLE is not set") }

func main() {}
