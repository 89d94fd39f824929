package jsonschema_test

import (
	"encoding/json"
	"strings"
	"testing"

	library "github.com/google/jsonschema-go/jsonschema"

	"github.com/lambdakit/lambdakit/events/jsonschema"
)

// The check agrees with the library, and errors have no text of the data.
func FuzzCheck(f *testing.F) {
	for _, data := range []string{
		`{"id":"o-1","items":[{"price":1}]}`, `{"id":"o-1","items":[{"price":-1}],"pair":["a",1,2]}`, `{"tree":{"next":{"next":{"value":"x"}}}}`,
		`{"env":{"X":"y"},"tags":{"a":1},"either":null,"one":5,"all":{"deep":3}}`, `{"named":{"x":0},"if":"ab","card":{"number":1}}`, `1e400`, `[[[]]]`, `nul`,
	} {
		f.Add(data)
	}
	var schema library.Schema
	if err := json.Unmarshal([]byte(orderSchema), &schema); err != nil {
		f.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		f.Fatal(err)
	}
	check := jsonschema.Must([]byte(orderSchema))
	f.Fuzz(func(t *testing.T, data string) {
		const secret = "hunter2hunter2"
		data = strings.ReplaceAll(data, "x", secret)
		got := check([]byte(data))
		var value any
		if json.Unmarshal([]byte(data), &value) != nil {
			if got == nil {
				t.Errorf("got no error for data that are not JSON")
			}
			return
		}
		if got != nil && strings.Contains(got.Error(), secret) {
			t.Errorf("the error repeats the data: %v", got)
		}
		if want := resolved.Validate(value); (got == nil) != (want == nil) && !strings.HasSuffix(got.Error(), "nested too deeply") {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
