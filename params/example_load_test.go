package params_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// Load fills a struct when the program starts. ${STAGE:-dev} in a name is the environment variable
// STAGE, or dev if it is unset.
func ExampleLoad() {
	cache, err := params.New(table{"/shop/dev/db/key": "hunter2", "/shop/dev/channels": "web, app"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	var config struct {
		URL      string           `param:"/shop/${STAGE:-dev}/db/url" default:"localhost"`
		Key      lambdakit.Secret `param:"/shop/${STAGE:-dev}/db/key"`
		Timeout  time.Duration    `param:"/shop/${STAGE:-dev}/timeout" default:"3s"`
		Channels []string         `param:"/shop/${STAGE:-dev}/channels"`
		Banner   string           `param:"/shop/${STAGE:-dev}/banner,optional"`
	}
	err = params.Load(context.Background(), cache, &config)
	fmt.Printf("%+v %v\n", config, err)
	// Output: {URL:localhost Key:[redacted] Timeout:3s Channels:[web app] Banner:} <nil>
}

// The error of Load names each field that failed and its parameter.
func ExampleLoad_errors() {
	cache, err := params.New(table{"/shop/timeout": "soon"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	var config struct {
		URL     string        `param:"/shop/db/url"`
		Timeout time.Duration `param:"/shop/timeout"`
	}
	fmt.Println(params.Load(context.Background(), cache, &config))
	// Output:
	// params: load: field URL: params: get "/shop/db/url": not found
	// field Timeout: the value of parameter "/shop/timeout" does not decode as time.Duration
}
