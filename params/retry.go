package params

import "context"

// Retry calls f with a secret. Where f fails with an error that refused says to be about
// the secret, such as that of a database after its password was rotated, the secret is
// fetched anew and f called once more; where the secret cannot be fetched, or is still the
// same, f's error is returned.
//
// A source whose own cache cannot be bypassed, which its documentation says, may still
// have the old secret.
func Retry(ctx context.Context, s *Store, name string, f func(ctx context.Context, secret Secret) error, refused func(error) bool) error {
	old, err := s.view().content(ctx, name)
	if err != nil {
		return err
	}
	err = f(ctx, NewSecret(old.value.Text))
	if err == nil || !refused(err) {
		return err
	}
	fresh, fetchErr := s.Fresh().content(ctx, name)
	if fetchErr != nil || fresh.value.Text == old.value.Text {
		return err
	}
	return f(ctx, NewSecret(fresh.value.Text))
}
