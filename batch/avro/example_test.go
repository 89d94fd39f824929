package avro_test

import (
	"fmt"

	"github.com/lambdakit/lambdakit/batch/avro"
)

// The data come from a producer that uses Confluent's schema registry: a zero, the id of the schema
// in four bytes, and the record.
func ExampleDecoder_Decode() {
	orders, err := avro.New(`{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"quantity","type":"int"}]}`, nil)
	if err != nil {
		panic(err)
	}
	var order struct {
		ID       string `avro:"id"`
		Quantity int    `avro:"quantity"`
	}
	err = orders.Decode([]byte("\x00\x00\x00\x00\x07\x06o-1\x06"), &order)
	fmt.Println(order.ID, order.Quantity, err)
	// Output: o-1 3 <nil>
}

// The schemas of writers are known by their ids. Older orders get the default of a new field.
func ExampleOptions() {
	writers := map[string]string{
		"7": `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}`,
	}
	orders, err := avro.New(
		`{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"quantity","type":"int","default":1}]}`,
		&avro.Options{Writer: func(id string) (string, error) {
			if schema, ok := writers[id]; ok {
				return schema, nil
			}
			return "", fmt.Errorf("not known")
		}})
	if err != nil {
		panic(err)
	}
	var order struct {
		ID       string `avro:"id"`
		Quantity int    `avro:"quantity"`
	}
	err = orders.Decode([]byte("\x00\x00\x00\x00\x07\x06o-1"), &order)
	fmt.Println(order.ID, order.Quantity, err)
	// Output: o-1 1 <nil>
}
