package schema_test

import (
	"fmt"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/schema"
)

type Confirmed struct {
	Total int    `json:"total" minimum:"1" doc:"The total in cents."`
	Note  string `json:"note,omitempty"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")

func ExampleOf() {
	text, err := schema.Of(OrderConfirmed, schema.Draft2020)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", text)
	// Output:
	// {
	//   "$schema": "https://json-schema.org/draft/2020-12/schema",
	//   "$id": "urn:event:shop.orders:OrderConfirmed:v1",
	//   "title": "OrderConfirmed",
	//   "type": "object",
	//   "required": [
	//     "total"
	//   ],
	//   "properties": {
	//     "note": {
	//       "type": "string"
	//     },
	//     "total": {
	//       "type": "integer",
	//       "description": "The total in cents.",
	//       "format": "int64",
	//       "minimum": 1
	//     }
	//   }
	// }
}
