package parameterstore_test

import (
	"context"
	"log"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// Load fetches ten parameters with one request.
func ExampleNew() {
	cache, err := params.New(parameterstore.New(nil, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	var config struct {
		URL      string           `param:"/shop/${STAGE}/db/url"`
		Password lambdakit.Secret `param:"/shop/${STAGE}/db/password"`
		Timeout  time.Duration    `param:"/shop/${STAGE}/timeout" default:"3s"`
	}
	if err := params.Load(context.Background(), cache, &config); err != nil {
		log.Fatal(err)
	}
}

// Put replaces an existing parameter only if Overwrite is set.
func ExampleSource_Put() {
	cache, err := params.New(parameterstore.New(nil, &parameterstore.Options{Overwrite: true}), nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := cache.Put(context.Background(), "/shop/prod/checkout", "on"); err != nil {
		log.Fatal(err)
	}
}
