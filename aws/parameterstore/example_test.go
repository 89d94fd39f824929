package parameterstore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// Load fetches up to ten parameters with one request.
func ExampleNew() {
	client := &service{values: map[string]string{ // in Lambda: nil
		"/shop/prod/db/url":      "postgres://db.example.com",
		"/shop/prod/db/password": "hunter2",
	}}
	cache, err := params.New(parameterstore.New(client, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	var config struct {
		URL      string           `param:"/shop/${STAGE:-prod}/db/url"`
		Password lambdakit.Secret `param:"/shop/${STAGE:-prod}/db/password"`
		Timeout  time.Duration    `param:"/shop/${STAGE:-prod}/timeout" default:"3s"`
	}
	err = params.Load(context.Background(), cache, &config)
	fmt.Printf("%+v %v\n", config, err)
	fmt.Println("requests:", len(client.calls))
	// Output:
	// {URL:postgres://db.example.com Password:[redacted] Timeout:3s} <nil>
	// requests: 1
}

// Put replaces an existing parameter only if Overwrite is set.
func ExampleSource_Put() {
	client := &service{values: map[string]string{"/shop/prod/checkout": "off"}} // in Lambda: nil
	cache, err := params.New(parameterstore.New(client, &parameterstore.Options{Overwrite: true}), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	err = cache.Put(ctx, "/shop/prod/checkout", "on")
	fmt.Println(err)
	fmt.Println(cache.String(ctx, "/shop/prod/checkout"))
	// Output:
	// <nil>
	// on <nil>
}
