package params_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"testing/fstest"

	"github.com/lambdakit/lambdakit/params"
)

// A function can be a source. This one returns the plan of each tenant.
func ExampleSourceFunc() {
	tenants := map[string]string{"acme/plan": "gold"}
	source := params.SourceFunc(func(_ context.Context, name string) (params.Value, error) {
		text, ok := tenants[name]
		if !ok {
			return params.Value{}, params.ErrNotFound
		}
		return params.Value{Text: text}, nil
	})

	cache, err := params.New(source, nil)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := cache.String(context.Background(), "acme/plan")
	fmt.Println(plan, err)
	_, err = cache.String(context.Background(), "other/plan")
	fmt.Println(err, errors.Is(err, params.ErrNotFound))
	// Output:
	// gold <nil>
	// params: get "other/plan": not found true
}

// With Environment, the parameter "/shop/db-url" is the variable SHOP_DB_URL.
func ExampleEnvironment() {
	os.Setenv("SHOP_DB_URL", "postgres://localhost")
	cache, err := params.New(params.Environment{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	url, err := cache.String(context.Background(), "/shop/db-url")
	fmt.Println(url, err)
	// Output: postgres://localhost <nil>
}

// With Files, the parameter "/shop/db/url" is the file shop/db/url, here of a file system in
// memory. In a program it is os.DirFS("config") or an embed.FS.
func ExampleFiles() {
	files := fstest.MapFS{"shop/db/url": {Data: []byte("postgres://localhost\n")}}
	cache, err := params.New(params.Files{FS: files}, nil)
	if err != nil {
		log.Fatal(err)
	}
	url, err := cache.String(context.Background(), "/shop/db/url")
	fmt.Println(url, err)
	// Output: postgres://localhost <nil>
}
