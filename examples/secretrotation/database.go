package main

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// errRefused is returned if the password is wrong.
var errRefused = errors.New("password refused")

// database stands in for a database. It takes the password that its secret has now.
type database struct {
	secrets params.PutSource
	secret  string // the name of the secret
}

// rotate changes the password, as a rotation function of Secrets Manager does.
func (d *database) rotate(ctx context.Context) error {
	_, err := d.secrets.Put(ctx, d.secret, rand.Text())
	return err
}

func (d *database) quantity(ctx context.Context, password lambdakit.Secret, sku string) (int, error) {
	now, err := d.secrets.Fetch(ctx, d.secret)
	if err != nil {
		return 0, err
	}
	if password.Reveal() != now.Text {
		return 0, errRefused
	}
	return 10 * len(sku), nil
}

// vault stands in for Secrets Manager. It holds one password.
type vault struct {
	mu       sync.Mutex
	password string
}

// Fetch implements params.Source.
func (v *vault) Fetch(context.Context, string) (params.Value, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return params.Value{Text: v.password, Secret: true}, nil
}

// Put implements params.PutSource.
func (v *vault) Put(_ context.Context, _, text string) (params.Value, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.password = text
	return params.Value{Text: text, Secret: true}, nil
}
