// Package schema writes JSON Schemas of the data of events, and tells whether a change of a schema is
// compatible.
//
//	text, err := schema.Of(OrderConfirmed, schema.Draft2020)
//
//	report, err := schema.Compare(old, text)
//	if err == nil && !report.Backward {
//		for _, b := range report.Breaks {
//			fmt.Println(b) // /properties/total/type: type was integer, is string (breaks backward and forward)
//		}
//	}
//
// On the command line, "lambdakit events schema" writes the schemas of all definitions of a module,
// and "lambdakit events check" compares files or folders.
//
// # Schemas of types
//
// A schema describes the data that encoding/json writes for a type, and tags add to it:
//
//   - Members that are always written are required. A member with omitempty or omitzero is optional, and
//     so are the members of an embedded pointer.
//   - Pointers, lists and maps can be null, unless they are left out when nil.
//   - A time.Time is a date-time, []byte is base64, and a time.Duration is a number of nanoseconds.
//   - A type with MarshalJSON or UnmarshalJSON accepts any value. A type with MarshalText is a text.
//   - Named structs, lists and maps are in $defs, with the name of their type. References to the type
//     of the data are "#".
//   - The tags minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems,
//     maxItems, pattern and enum (separated by commas) add constraints, as in package httpapi, and doc
//     adds a description. required:"true" says that a member is always there and not null. Package
//     jsonschema checks events by this schema.
//
// The same type gives the same text. [Draft4] has definitions, boolean exclusive limits, references
// without other keywords, and no contentEncoding, as the schema registry of EventBridge needs it.
//
// # Compatibility
//
// Receivers run before and after a change, and so do publishers. [Compare] checks two directions:
//
//   - backward: receivers with the new schema read all data that were written with the old one. Then
//     receivers are deployed first.
//   - forward: receivers with the old schema read all data that are written with the new one. Then
//     publishers are deployed first.
//
// Reading means that the data are valid. format and content keywords are annotations, as in JSON
// Schema 2020-12.
//
// # Members that are not described
//
// An object without additionalProperties may have any other members. By the letter, a new
// optional member would never be compatible, because old data could have a member of this name with
// another type. But data that a program encodes have only the members of its type. So Compare uses
// this rule:
//
//   - The writer does not write members that are not described, if its schema has properties. If it
//     has additionalProperties or patternProperties, or a keyword such as if or not, other members may
//     occur. If it does not have properties, any members may occur.
//   - The reader ignores members that are not described, unless additionalProperties says more.
//
// If schemas are combined by allOf or $ref, a member is described if any of the schemas describes it. With
// anyOf and oneOf the rule applies to the schema that accepts the object.
//
// A member may be deleted and come back with another type. A comparison with the version in between does
// not notice it. Compare with all versions whose data still exist.
//
// # Limits of the comparison
//
// Compare never says that a change is compatible if it is not. It says "cannot be compared" about a
// keyword that changed, and counts a break, for patterns, not, if, oneOf, contains, uniqueItems,
// multipleOf, prefixItems, patternProperties, propertyNames, dependent and unevaluated keywords,
// references to other documents, and keywords that it does not know. A reader's anyOf must have
// one schema that reads all values of a type.
//
// The size and the nesting of a schema are limited, and so is the work of a comparison: schemas beyond
// that "are too complex".
package schema
