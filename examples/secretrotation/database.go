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

// database stands in for a database, and for the Secrets Manager that rotates its password.
type database struct {
	mu       sync.Mutex
	password string
}

func newDatabase(password string) *database { return &database{password: password} }

func (d *database) rotate() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.password = rand.Text()
}

func (d *database) quantity(_ context.Context, password lambdakit.Secret, sku string) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if password.Reveal() != d.password {
		return 0, errRefused
	}
	return 10 * len(sku), nil
}

// Fetch implements params.Source.
func (d *database) Fetch(context.Context, string) (params.Value, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return params.Value{Text: d.password, Secret: true}, nil
}
