package params

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// RunWithRotation calls f with a secret. If f fails and refused returns true for the error, such as
// a database's error for a wrong password, RunWithRotation fetches the secret again and calls f a
// second time. It returns the first error of f if the secret cannot be fetched or has not changed.
//
// If the source has its own cache, it may return the old secret: see [Fixed].
func RunWithRotation(ctx context.Context, c *Cache, name string, f func(ctx context.Context, secret lambdakit.Secret) error, refused func(error) bool) error {
	old, err := c.view().content(ctx, name)
	if err != nil {
		return err
	}
	err = f(ctx, lambdakit.NewSecret(old.value.Text))
	if err == nil || !refused(err) {
		return err
	}
	fresh, fetchErr := c.Fresh().content(ctx, name)
	if fetchErr != nil || fresh.value.Text == old.value.Text {
		return err
	}
	return f(ctx, lambdakit.NewSecret(fresh.value.Text))
}
