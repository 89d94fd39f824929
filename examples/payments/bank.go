package main

import (
	"errors"
	"fmt"
	"sync"
)

var (
	errDeclined = errors.New("declined")
	errAccount  = errors.New("unknown account")
	errBusy     = errors.New("the bank is busy")
)

// bank stands in for a bank. It does not detect duplicate transfers. The first transfer to the
// account "busy" fails with errBusy.
type bank struct {
	mu        sync.Mutex
	transfers []payment
	busy      bool
}

func newBank() *bank { return &bank{busy: true} }

func (b *bank) transfer(p payment) (booking string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case p.Account == "":
		return "", errAccount
	case p.Cents > 100_000:
		return "", fmt.Errorf("account %s: %w", p.Account, errDeclined)
	case p.Account == "busy" && b.busy:
		b.busy = false
		return "", errBusy
	}
	b.transfers = append(b.transfers, p)
	return fmt.Sprintf("b-%d", len(b.transfers)), nil
}
