// Package jsonschema checks the data of events by a JSON Schema, for package events.
//
//	var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed",
//		events.Check(jsonschema.For[Confirmed]()))
//
// [For] makes the schema from the type of the data. [Must] and [New] take a schema that you have
// written, such as the file that both sides of a contract share:
//
//	//go:embed confirmed.json
//	var confirmed []byte
//
//	events.Check(jsonschema.Must(confirmed))
//
// The checks run before an event is published, and before a handler gets one. Decoding alone is more
// tolerant: it accepts missing members and any number.
//
// # Schemas
//
// A schema has the version draft 2020-12 or draft-07, named by $schema; without $schema it is 2020-12.
// References lead to places in the same schema. These rules differ from the specification:
//
//   - Patterns are regular expressions of package regexp.
//   - The keyword format is not checked.
//   - Numbers are compared as float64.
//   - Data with more than 200 levels are invalid, because a schema may be recursive.
//
// # Schemas from types
//
// For takes the schema that package schema writes for the type: all that encoding/json encodes from a T
// is valid, if it fits the constraints in the tags, such as minimum:"1". Members of structs are required
// unless they have omitempty or omitzero. Members that T does not have are valid, so that an event can
// get more members without a new version. A member that is added to T later must have omitempty or
// omitzero, or the events before it are invalid.
//
// # Errors
//
// An invalid event is an [Error] with the path of the value and the keyword of the schema, such as
//
//	jsonschema: items[].price: violates minimum
//
// It has no values and no names of members from the data, because they may contain secrets.
//
// For and Must panic if the schema is invalid, because they run when the function starts.
//
// The package adds 0.6 MB to a function.
package jsonschema
