package params

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// RunWithRotation calls f with a secret. If f fails with an error for which refused returns
// true, such as the error of a database after its password was rotated, RunWithRotation fetches
// the secret again and calls f once more. It returns the first error of f if the secret cannot
// be fetched, or has not changed.
//
// A source whose own cache cannot be bypassed may still have the old secret. The documentation
// of the source says so.
func RunWithRotation(ctx context.Context, s *Cache, name string, f func(ctx context.Context, secret lambdakit.Secret) error, refused func(error) bool) error {
	old, err := s.view().content(ctx, name)
	if err != nil {
		return err
	}
	err = f(ctx, lambdakit.NewSecret(old.value.Text))
	if err == nil || !refused(err) {
		return err
	}
	fresh, fetchErr := s.Fresh().content(ctx, name)
	if fetchErr != nil || fresh.value.Text == old.value.Text {
		return err
	}
	return f(ctx, lambdakit.NewSecret(fresh.value.Text))
}
