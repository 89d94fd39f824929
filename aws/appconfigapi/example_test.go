package appconfigapi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
	"github.com/lambdakit/lambdakit/params"
)

// A profile of feature flags is JSON.
func ExampleNew() {
	client := &service{contents: []string{`{"checkout": {"enabled": true}}`}} // in Lambda: nil
	cache, err := params.New(appconfigapi.New(client, "shop", "prod", nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	flags, err := params.JSON[map[string]struct{ Enabled bool }](context.Background(), cache, "flags")
	fmt.Println(flags["checkout"].Enabled, err)
	// Output: true <nil>
}
