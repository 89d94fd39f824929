package main

import (
	"flag"
	"os"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi/openapi"
)

var update = flag.Bool("update", false, "write openapi.json")

// TestOpenAPI compares the document of the API with openapi.json. The flag -update writes the file.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	got, err := openapi.Document(new(api).routes(), openapi.Info{Title: "Orders", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := file(t, "openapi.json"); string(got) != string(want) {
		t.Errorf("openapi.json is out of date; run go test ./examples/orders -update. Got:\n%s\nwant:\n%s", got, want)
	}
}
