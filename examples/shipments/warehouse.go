package main

import (
	"context"
	"errors"
	"sync"
)

var errClosed = errors.New("the warehouse is closed")

// warehouse stands in for a warehouse. It ships an order once, and is closed for the first order to
// "far away".
type warehouse struct {
	mu      sync.Mutex
	open    bool
	shipped []string
}

func (w *warehouse) ship(_ context.Context, o *order) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Address == "far away" && !w.open {
		w.open = true
		return errClosed
	}
	for _, id := range w.shipped {
		if id == o.ID {
			return nil
		}
	}
	w.shipped = append(w.shipped, o.ID)
	return nil
}
