// Package valkeygo adapts clients of github.com/valkey-io/valkey-go to package
// idempotency/valkey.
package valkeygo

import (
	"context"
	"sync"

	"github.com/valkey-io/valkey-go"
)

// New returns a client for valkey.New.
func New(client valkey.Client) *Client { return &Client{client: client} }

// Client is a store.Client. Make one with [New].
type Client struct {
	client  valkey.Client
	scripts sync.Map // *valkey.Lua by text
}

// Eval implements valkey.Client. It sends the digest of the script, and the text if the server does
// not have it yet. After a broken connection the client retries until ctx ends, because every
// script may run twice.
func (a *Client) Eval(ctx context.Context, script, key string, args []string) (string, error) {
	lua, ok := a.scripts.Load(script)
	if !ok {
		lua, _ = a.scripts.LoadOrStore(script, valkey.NewLuaScriptRetryable(script))
	}
	return lua.(*valkey.Lua).Exec(ctx, a.client, []string{key}, args).ToString()
}
