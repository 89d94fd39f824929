package params_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strconv"
	"testing/fstest"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// config is a folder of files. In Lambda, a source such as parameterstore.New takes its place.
var config = params.Files{FS: fstest.MapFS{
	"shop/db/url":      {Data: []byte("postgres://db.example.com\n")},
	"shop/db/password": {Data: []byte("hunter2\n")},
	"shop/timeout":     {Data: []byte("1m30s\n")},
	"shop/retries":     {Data: []byte("3\n")},
	"shop/limits":      {Data: []byte(`{"max": 3, "channels": ["web"]}`)},
}}

func Example() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	url, err := cache.String(ctx, "/shop/db/url")
	fmt.Println(url, err)
	timeout, err := cache.Duration(ctx, "/shop/timeout")
	fmt.Println(timeout, err)
	_, err = cache.String(ctx, "/shop/db/user")
	fmt.Println(errors.Is(err, params.ErrNotFound))
	// Output:
	// postgres://db.example.com <nil>
	// 1m30s <nil>
	// true
}

// A Secret prints as [redacted]. Reveal returns the text.
func ExampleCache_Secret() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	password, err := cache.Secret(context.Background(), "/shop/db/password")
	fmt.Println(password, len(password.Reveal()), err)
	// Output: [redacted] 7 <nil>
}

// A value that does not decode is a DecodeError. Its text does not contain the value.
func ExampleCache_Int() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	retries, err := cache.Int(ctx, "/shop/retries")
	fmt.Println(retries, err)
	_, err = cache.Int(ctx, "/shop/db/password")
	fmt.Println(err)
	// Output:
	// 3 <nil>
	// params: the value of "/shop/db/password" does not decode as whole number
}

// Many returns the values that it found, even if some names fail.
func ExampleCache_Many() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	values, err := cache.Many(context.Background(), "/shop/timeout", "/shop/retries", "/shop/region")
	fmt.Println(values)
	fmt.Println(errors.Is(err, params.ErrNotFound))
	// Output:
	// map[/shop/retries:3 /shop/timeout:1m30s]
	// true
}

// Path returns the parameters below a path by their relative names.
func ExampleCache_Path() {
	cache, err := params.New(config, nil)
	if err != nil {
		log.Fatal(err)
	}
	db, err := cache.Path(context.Background(), "/shop/db")
	fmt.Println(db["url"], len(db), err)
	// Output: postgres://db.example.com 2 <nil>
}

// counter returns a source whose value counts the fetches.
func counter() params.Source {
	n := 0
	return params.SourceFunc(func(context.Context, string) (params.Value, error) {
		n++
		return params.Value{Text: strconv.Itoa(n)}, nil
	})
}

// Fresh fetches a value although the cached one is young. The Cache keeps the new value.
func ExampleCache_Fresh() {
	cache, err := params.New(counter(), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	first, _ := cache.Int(ctx, "flags")
	cached, _ := cache.Int(ctx, "flags")
	fresh, _ := cache.Fresh().Int(ctx, "flags")
	after, _ := cache.Int(ctx, "flags")
	fmt.Println(first, cached, fresh, after)
	// Output: 1 1 2 2
}

// WithMaxAge fetches a value that is older than ten seconds, although the Cache serves values for
// five minutes.
func ExampleCache_WithMaxAge() {
	now := time.Now()
	cache, err := params.New(counter(), &params.Options{Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	first, _ := cache.Int(ctx, "flags")
	now = now.Add(time.Minute)
	cached, _ := cache.Int(ctx, "flags")
	younger, _ := cache.WithMaxAge(10*time.Second).Int(ctx, "flags")
	fmt.Println(first, cached, younger)
	// Output: 1 1 2
}

// table is a source that also writes parameters.
type table map[string]string

func (t table) Fetch(_ context.Context, name string) (params.Value, error) {
	text, ok := t[name]
	if !ok {
		return params.Value{}, params.ErrNotFound
	}
	return params.Value{Text: text}, nil
}

func (t table) Put(_ context.Context, name, text string) (params.Value, error) {
	t[name] = text
	return params.Value{Text: text}, nil
}

// Put writes to the source and caches the new value.
func ExampleCache_Put() {
	cache, err := params.New(table{"checkout": "off"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	before, _ := cache.String(ctx, "checkout")
	err = cache.Put(ctx, "checkout", "on")
	after, _ := cache.String(ctx, "checkout")
	fmt.Println(before, after, err)
	// Output: off on <nil>
}
