package main

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

// errRefused is the error of a database that does not know the password.
var errRefused = errors.New("password refused")

// database stands in for one, and for the Secrets Manager that changes its password.
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
