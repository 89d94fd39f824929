package dynamodbparams_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit/aws/dynamodbparams"
	"github.com/lambdakit/lambdakit/params"
)

// Path returns the items of a partition if the table has a sort key.
func ExampleNew() {
	cache, err := params.New(dynamodbparams.New(nil, "shop-config", &dynamodbparams.Options{Consistent: true}), nil)
	if err != nil {
		log.Fatal(err)
	}
	db, err := cache.Path(context.Background(), "db")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db["url"])
}
