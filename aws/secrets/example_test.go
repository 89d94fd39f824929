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

var errPassword = errors.New("wrong password")

// connect stands for the login of a database driver.
func connect(_ context.Context, password lambdakit.Secret) error {
	if password.Reveal() == "" {
		return errPassword
	}
	return nil
}

// If the password was rotated, RunWithRotation fetches it again and connects a second time.
func ExampleNew() {
	cache, err := params.New(secrets.New(nil, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	refused := func(err error) bool { return errors.Is(err, errPassword) }
	if err := params.RunWithRotation(context.Background(), cache, "shop/db/password", connect, refused); err != nil {
		log.Fatal(err)
	}
}

// Stage returns the name of another version of a secret, such as the one before a rotation.
func ExampleStage() {
	cache, err := params.New(secrets.New(nil, nil), nil)
	if err != nil {
		log.Fatal(err)
	}
	previous, err := cache.Secret(context.Background(), secrets.Stage("shop/db/password", "AWSPREVIOUS"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(previous) // prints [redacted]
}
