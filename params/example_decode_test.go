package params_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"strings"

	"github.com/lambdakit/lambdakit/params"
)

func ExampleJSON() {
	type limits struct {
		Max      int
		Channels []string
	}
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	l, err := params.JSON[limits](context.Background(), cache, "/shop/limits")
	fmt.Println(l, err)
	// Output: {3 [web]} <nil>
}

// JSON also takes a View.
func ExampleJSON_fresh() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	l, err := params.JSON[map[string]any](context.Background(), cache.Fresh(), "/shop/limits")
	fmt.Println(l["max"], err)
	// Output: 3 <nil>
}

// endpoint has no pointers, so the Decoder is called once for each value that was fetched.
type endpoint struct{ Scheme, Host string }

var endpoints = params.NewDecoder("endpoint", func(text []byte) (endpoint, error) {
	scheme, host, ok := strings.Cut(string(text), "://")
	if !ok {
		return endpoint{}, fmt.Errorf("no scheme")
	}
	return endpoint{scheme, host}, nil
})

func ExampleDecoder() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	db, err := endpoints.Get(ctx, cache, "/shop/db/url")
	fmt.Println(db.Host, err)
	_, err = endpoints.Get(ctx, cache, "/shop/db/password")
	fmt.Println(err)
	// Output:
	// db.example.com <nil>
	// params: the value of "/shop/db/password" does not decode as endpoint
}

func ExampleUnmarshalText() {
	cache, err := params.New(table{"network": "10.0.0.0/16"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	network, err := params.UnmarshalText[netip.Prefix](context.Background(), cache, "network")
	fmt.Println(network.Bits(), err)
	// Output: 16 <nil>
}
