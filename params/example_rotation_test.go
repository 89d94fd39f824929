package params_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// The password was rotated after the Cache fetched it. The database refuses the old password, so
// RunWithRotation fetches it again and calls the function a second time.
func ExampleRunWithRotation() {
	source := table{"db/password": "first"}
	cache, err := params.New(source, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cache.Secret(ctx, "db/password")
	source["db/password"] = "second"

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
	fmt.Println(params.RunWithRotation(ctx, cache, "db/password", connect, refused))
	// Output:
	// refused
	// connected
	// <nil>
}
