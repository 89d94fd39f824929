package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/appconfigagent"
	"github.com/lambdakit/lambdakit/params/extension"
)

func Example_paramsStart() {
	ctx := context.Background()
	// guide: params-start
	cache, err := params.New(parameterstore.New(nil, nil), nil) // in main, once
	if err != nil {
		log.Fatal(err)
	}

	url, err := cache.String(ctx, "/shop/prod/payments/url") // in each invocation
	// end
	_ = url
}

// guide: params-config
type config struct {
	URL     string           `param:"/shop/${STAGE:-dev}/payments/url"`
	Key     lambdakit.Secret `param:"/shop/${STAGE:-dev}/payments/key"` // prints as [redacted]
	Timeout time.Duration    `param:"/shop/${STAGE:-dev}/payments/timeout" default:"3s"`
	Banner  string           `param:"/shop/banner,optional"`
}

// loadConfig reads the configuration with as few requests as the source allows.
func loadConfig(ctx context.Context, source params.Source) (config, error) {
	cache, err := params.New(source, nil)
	if err != nil {
		return config{}, err
	}
	var c config
	err = params.Load(ctx, cache, &c)
	return c, err
}

// end

func Example_paramsConfig() {
	files := params.Files{FS: fstest.MapFS{
		"shop/dev/payments/url": {Data: []byte("https://pay.example\n")},
		"shop/dev/payments/key": {Data: []byte("test-key\n")},
	}}
	c, err := loadConfig(context.Background(), files)
	fmt.Printf("%+v %v\n", c, err)

	_, err = loadConfig(context.Background(), params.Files{FS: fstest.MapFS{
		"shop/dev/payments/url":     {Data: []byte("https://pay.example\n")},
		"shop/dev/payments/timeout": {Data: []byte("soon\n")},
	}})
	fmt.Println(err)
	// Output:
	// {URL:https://pay.example Key:[redacted] Timeout:3s Banner:} <nil>
	// params: load: field Key: params: get "/shop/dev/payments/key": open shop/dev/payments/key: file does not exist
	// field Timeout: the value of parameter "/shop/dev/payments/timeout" does not decode as time.Duration
}

// limits is the JSON of a parameter.
type limits struct{ Orders, Refunds int }

func Example_paramsTypes() {
	ctx := context.Background()
	cache, _ := params.New(params.Files{FS: fstest.MapFS{
		"shop/retries": {Data: []byte("3")},
		"shop/limits":  {Data: []byte(`{"orders": 10, "refunds": 2}`)},
		"shop/key":     {Data: []byte("live-key")},
	}}, nil)
	// guide: params-types
	retries, err := cache.Int(ctx, "/shop/retries")
	max, err := params.JSON[limits](ctx, cache, "/shop/limits") // decoded once for each value that is fetched
	key, err := cache.Secret(ctx, "/shop/key")
	// end
	fmt.Println(retries, max, key, err)
	// Output:
	// 3 {10 2} [redacted] <nil>
}

func Example_paramsAges() {
	ctx := context.Background()
	cache, _ := params.New(params.Environment{Lookup: func(string) (string, bool) { return "on", true }}, nil)
	// guide: params-ages
	flag, err := cache.WithMaxAge(10*time.Second).String(ctx, "/shop/checkout") // at most ten seconds old
	now, err := cache.Fresh().String(ctx, "/shop/checkout")                     // fetched now, never a stale value
	// end
	fmt.Println(flag, now, err)
	// Output:
	// on on <nil>
}

func Example_paramsRotation() {
	ctx := context.Background()
	errPassword := errors.New("wrong password")
	password := "first"
	cache, _ := params.New(params.SourceFunc(func(context.Context, string) (params.Value, error) {
		return params.Value{Text: password, Secret: true}, nil
	}), nil)
	cache.Secret(ctx, "shop/db")
	password = "second" // the secret is rotated after the Cache has fetched it
	query := func(_ context.Context, p string) error {
		fmt.Println("query with", p)
		if p != password {
			return errPassword
		}
		return nil
	}
	// guide: params-rotation
	err := params.RunWithRotation(ctx, cache, "shop/db",
		func(ctx context.Context, secret lambdakit.Secret) error { return query(ctx, secret.Reveal()) },
		func(err error) bool { return errors.Is(err, errPassword) }, // true: fetch the secret again, and query again
	)
	// end
	fmt.Println(err)
	// Output:
	// query with first
	// query with second
	// <nil>
}

func Example_paramsExtension() {
	// guide: params-extension
	cache, err := params.New(extension.ParameterStore(nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	load := sync.OnceValues(func() (config, error) { // in the first invocation: the extension does not answer before
		var c config
		err := params.Load(context.Background(), cache, &c)
		return c, err
	})
	// end
	_ = load
}

func Example_paramsFlags() {
	// guide: params-flags
	flags, err := params.New(appconfigagent.New("shop", "prod", nil), &params.Options{MaxAge: time.Second})
	// end
	_, _ = flags, err
}

func Example_paramsSecrets() {
	// guide: params-secrets
	passwords, err := params.New(secrets.New(nil, nil), nil)
	// end
	_, _ = passwords, err
}

func Example_paramsLocal() {
	// guide: params-local
	var source params.Source = params.Environment{} // /shop/dev/payments/url is SHOP_DEV_PAYMENTS_URL
	if os.Getenv("CONFIG") == "parameterstore" {
		source = parameterstore.New(nil, nil)
	}
	// end
	_ = source
}

// guide: params-test
func TestLoadConfig_HasADefaultTimeout(t *testing.T) {
	source := params.Map{
		"/shop/dev/payments/url": "https://pay.example",
		"/shop/dev/payments/key": "test-key",
	}
	c, err := loadConfig(t.Context(), source)
	if err != nil || c.Timeout != 3*time.Second || c.Key.Reveal() != "test-key" {
		t.Errorf("got %+v and the error %v, want a timeout of 3s and the key", c, err)
	}
}

// end
