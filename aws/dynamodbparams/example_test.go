package dynamodbparams_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit/aws/dynamodbparams"
	"github.com/lambdakit/lambdakit/params"
)

// The name of a parameter is the key of an item.
func ExampleNew() {
	client := &table{items: map[string]item{ // in Lambda: nil
		"id=db-url": {"value": text("postgres://db.example.com")},
	}}
	cache, err := params.New(dynamodbparams.New(client, "shop-config", &dynamodbparams.Options{Consistent: true}), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	fmt.Println(cache.String(ctx, "db-url"))
	_, err = cache.String(ctx, "db-user")
	fmt.Println(err)
	// Output:
	// postgres://db.example.com <nil>
	// params: get "db-user": not found
}

// Path returns the items of a partition by their sort keys.
func ExampleSource_FetchPath() {
	client := new(table) // in Lambda: nil
	cache, err := params.New(dynamodbparams.New(client, "shop-config", nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache.Path(context.Background(), "limits"))
	// Output: map[a:1 b:2] <nil>
}

// Put replaces an item.
func ExampleSource_Put() {
	client := new(table) // in Lambda: nil
	cache, err := params.New(dynamodbparams.New(client, "shop-config", nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	err = cache.Put(ctx, "checkout", "on")
	fmt.Println(err)
	fmt.Println(cache.String(ctx, "checkout"))
	// Output:
	// <nil>
	// on <nil>
}
