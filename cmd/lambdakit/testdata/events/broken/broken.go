// Package broken does not compile.
package broken

import "github.com/lambdakit/lambdakit/events"

var OrderConfirmed = events.Define[string]("shop.orders")
