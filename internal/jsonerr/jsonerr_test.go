package jsonerr

import (
	"reflect"
	"testing"
)

// Versions of encoding/json differ in the paths that they report.
func TestKnownField_KeysOfMapsAreNotRepeated(t *testing.T) {
	t.Parallel()
	type inner struct {
		Price float64 `json:"price"`
		By    map[string][]map[string]int
	}
	type outer struct {
		Items  map[string]*inner `json:"items"`
		Nested map[string]map[string]inner
		Any    map[string]any
	}
	for path, want := range map[string]string{
		"items.hunter2.price":          "items.*.price",
		"items.price":                  "items.price",
		"items.hunter2":                "items.*",
		"Nested.hunter2.hunter3.price": "Nested.*.*.price",
		"Nested.price":                 "Nested.price",
		"items.hunter2.By.hunter3.x":   "items.*.By.*.*",
		"Any.hunter2.hunter3":          "Any.*",
		"hunter2":                      "",
		"":                             "",
	} {
		if got := knownField(reflect.TypeFor[[]*outer](), path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestJSONKind_NeverRepeatsTheValue(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{"string": "string", "number 31337": "number", "array": "array", "hunter2": "value", "": "value"} {
		if got := jsonKind(description); got != want {
			t.Errorf("%q: got %q, want %q", description, got, want)
		}
	}
}
