package params_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// A source of one's own is a function: this one knows the settings of each tenant.
func ExampleSourceFunc() {
	tenants := map[string]string{"acme/plan": "gold"}
	source := params.SourceFunc(func(_ context.Context, name string) (params.Value, error) {
		text, ok := tenants[name]
		if !ok {
			return params.Value{}, params.ErrNotFound
		}
		return params.Value{Text: text}, nil
	})

	store, err := params.New(source, nil)
	if err != nil {
		panic(err)
	}
	plan, err := store.Text(context.Background(), "acme/plan")
	fmt.Println(plan, err)
	_, err = store.Text(context.Background(), "other/plan")
	fmt.Println(err, errors.Is(err, params.ErrNotFound))
	// Output:
	// gold <nil>
	// params: get "other/plan": not found true
}

func ExampleLoad() {
	os.Setenv("SHOP_DEV_DB_KEY", "hunter2")
	store, err := params.New(params.Environment{}, nil)
	if err != nil {
		panic(err)
	}

	var c struct {
		URL     string           `param:"/shop/${STAGE:-dev}/db/url" default:"localhost"`
		Key     lambdakit.Secret `param:"/shop/${STAGE:-dev}/db/key"`
		Timeout time.Duration    `param:"/shop/${STAGE:-dev}/timeout" default:"3s"`
	}
	err = params.Load(context.Background(), store, &c)
	fmt.Printf("%+v %v\n", c, err)
	fmt.Println(c.Key.Reveal())
	// Output:
	// {URL:localhost Key:[redacted] Timeout:3s} <nil>
	// hunter2
}

func ExampleJSON() {
	type limits struct {
		Max      int
		Channels []string
	}
	store, err := params.New(params.Files(fstest.MapFS{"shop/limits": {Data: []byte(`{"max": 3, "channels": ["web"]}`)}}), nil)
	if err != nil {
		panic(err)
	}
	l, err := params.JSON[limits](context.Background(), store, "/shop/limits")
	fmt.Println(l, err)
	// Output: {3 [web]} <nil>
}

// The password is rotated after it was fetched: it is refused, fetched anew and accepted.
func ExampleRunWithRotation() {
	password := "first"
	store, err := params.New(params.SourceFunc(func(context.Context, string) (params.Value, error) {
		return params.Value{Text: password, Secret: true}, nil
	}), nil)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	store.Text(ctx, "db/password")
	password = "second"

	refused := errors.New("password refused")
	err = params.RunWithRotation(ctx, store, "db/password", func(_ context.Context, secret lambdakit.Secret) error {
		if secret.Reveal() != password {
			fmt.Println("refused:", secret)
			return refused
		}
		fmt.Println("accepted:", secret)
		return nil
	}, func(err error) bool { return errors.Is(err, refused) })
	fmt.Println(err)
	// Output:
	// refused: [redacted]
	// accepted: [redacted]
	// <nil>
}
