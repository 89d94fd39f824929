package protobuf_test

import (
	"fmt"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/lambdakit/lambdakit/batch/protobuf"
)

// The data come from a producer that uses Confluent's schema registry: a zero, the id of the schema
// in four bytes, the index of the message, and the message.
func ExampleDecoder_Decode() {
	decoder := protobuf.New(nil)
	var timeout *durationpb.Duration
	err := decoder.Decode([]byte("\x00\x00\x00\x00\x07\x00\x08\x05"), &timeout)
	fmt.Println(timeout.AsDuration(), err)
	// Output: 5s <nil>
}
