package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
)

// If the password was rotated, RunWithRotation fetches it again and connects a second time.
func ExampleNew() {
	client := &service{values: map[string]string{"shop/db/password": "first"}} // in Lambda: nil
	cache, err := params.New(secrets.New(client, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cache.Secret(ctx, "shop/db/password")
	client.values["shop/db/password"] = "second"

	errPassword := errors.New("wrong password")
	connect := func(_ context.Context, password lambdakit.Secret) error {
		if password.Reveal() != "second" {
			fmt.Println("refused")
			return errPassword
		}
		fmt.Println("connected")
		return nil
	}
	refused := func(err error) bool { return errors.Is(err, errPassword) }
	fmt.Println(params.RunWithRotation(ctx, cache, "shop/db/password", connect, refused))
	// Output:
	// refused
	// connected
	// <nil>
}

// Stage returns the name of another version of a secret, such as the one before a rotation.
func ExampleStage() {
	client := &service{values: map[string]string{"shop/db/password": "hunter2"}} // in Lambda: nil
	cache, err := params.New(secrets.New(client, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	previous, err := cache.Secret(context.Background(), secrets.Stage("shop/db/password", "AWSPREVIOUS"))
	fmt.Println(previous, err)
	fmt.Println(client.calls)
	// Output:
	// [redacted] <nil>
	// [get shop/db/password AWSPREVIOUS]
}

// Put writes a new version of a secret, and creates the secret if it does not exist.
func ExampleSource_Put() {
	client := &service{values: map[string]string{}} // in Lambda: nil
	cache, err := params.New(secrets.New(client, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	err = cache.Put(ctx, "shop/api/key", "hunter2")
	fmt.Println(err)
	fmt.Println(cache.Secret(ctx, "shop/api/key"))
	// Output:
	// <nil>
	// [redacted] <nil>
}
