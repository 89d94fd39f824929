// Package channel defines an event that has no form in JSON.
package channel

import "github.com/lambdakit/lambdakit/events"

type Confirmed struct{ Done chan int }

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")
