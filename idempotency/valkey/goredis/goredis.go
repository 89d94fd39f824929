// Package goredis adapts clients of github.com/redis/go-redis/v9 to package
// idempotency/valkey.
//
// A request of a *redis.Client ends when its context ends. Set ContextTimeoutEnabled in the options
// of other clients, such as *redis.ClusterClient. Otherwise a request that hangs keeps its
// connection for ReadTimeout, and the pool may run out of connections.
package goredis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// New returns a client for valkey.New. client is, for example, a *redis.Client or a
// *redis.ClusterClient.
func New(client redis.Scripter) *Client { return &Client{client: client} }

// Client is a store.Client. Make one with [New].
type Client struct {
	client  redis.Scripter
	scripts sync.Map // *redis.Script by text
}

// Eval implements valkey.Client. It sends the digest of the script, and the text if the server does
// not have it yet.
func (a *Client) Eval(ctx context.Context, script, key string, args []string) (string, error) {
	s, ok := a.scripts.Load(script)
	if !ok {
		s, _ = a.scripts.LoadOrStore(script, redis.NewScript(script))
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg
	}
	return s.(*redis.Script).Run(ctx, a.bounded(ctx), []string{key}, values...).Text()
}

// bounded returns the client with the time until the deadline of ctx as its timeout. go-redis
// ignores the deadline of a context unless ContextTimeoutEnabled is set.
func (a *Client) bounded(ctx context.Context) redis.Scripter {
	client, ok := a.client.(*redis.Client)
	if !ok || client.Options().ContextTimeoutEnabled {
		return a.client
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return a.client
	}
	return client.WithTimeout(max(time.Until(deadline), time.Millisecond))
}
