package schema_test

import (
	"fmt"

	"github.com/lambdakit/lambdakit/events/schema"
)

func ExampleCompare() {
	report, err := schema.Compare(
		[]byte(`{"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]}`),
		[]byte(`{"type": "object", "properties": {"total": {"type": "number"}, "note": {"type": "string"}}, "required": ["total"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Verdict())
	for _, b := range report.Breaks {
		fmt.Println(b)
	}
	// Output:
	// backward
	// /properties/total/type: type was integer, is number (breaks forward)
}
