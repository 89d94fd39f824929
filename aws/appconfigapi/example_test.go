package appconfigapi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
	"github.com/lambdakit/lambdakit/params"
)

func ExampleNew() {
	cache, err := params.New(appconfigapi.New(nil, "shop", "prod", nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	flags, err := params.JSON[map[string]struct{ Enabled bool }](context.Background(), cache, "flags")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(flags["checkout"].Enabled)
}
