// Package image decodes the images of DynamoDB streams into Go values:
//
//	{"id":{"S":"o-1"},"total":{"N":"8.50"},"tags":{"SS":["a","b"]},"sent":{"NULL":true}}
//
// [Unmarshal] follows the rules of feature/dynamodb/attributevalue of aws-sdk-go-v2, so a struct
// with dynamodbav tags that reads items of the table also reads the images of its stream:
//
//   - A field has the name of its tag, else its Go name. An attribute whose name is equal wins over
//     one whose name differs in case.
//   - The tag options unixtime and string work, "-" ignores a field, and the others concern encoding.
//   - S decodes into strings and time.Time (RFC 3339), N into numbers with range checks, into strings
//     such as json.Number as its exact text, and into time.Time (seconds since 1970).
//   - Sets decode into slices and arrays. An array takes as many elements as it holds.
//   - An interface gets string, float64, bool, []byte, nil, []any, map[string]any, []string,
//     []float64 or [][]byte.
//
// Methods such as UnmarshalJSON are not called, and neither is UnmarshalDynamoDBAttributeValue, whose
// argument is a type of the SDK. Only keys of maps use UnmarshalText. Maps and slices are always
// new.
//
// Two attributes of the same name are an error, and so is binary data whose length differs from the
// array.
//
// Attributes without a field are skipped and not checked. Time and memory are linear in the length of
// the image.
package image
