// Package goredis adapts clients of github.com/redis/go-redis/v9 to package
// idempotency/valkey.
package goredis

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"

	store "github.com/lambdakit/lambdakit/idempotency/valkey"
)

// New returns client, a *redis.Client or *redis.ClusterClient for example, as what valkey.New
// takes.
func New(client redis.Scripter) store.Client { return &adapter{client: client} }

type adapter struct {
	client  redis.Scripter
	scripts sync.Map // *redis.Script by text
}

// Eval implements valkey.Client. It sends a script's digest, and its text where the server
// does not know it yet.
func (a *adapter) Eval(ctx context.Context, script, key string, args []string) (string, error) {
	s, ok := a.scripts.Load(script)
	if !ok {
		s, _ = a.scripts.LoadOrStore(script, redis.NewScript(script))
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg
	}
	return s.(*redis.Script).Run(ctx, a.client, []string{key}, values...).Text()
}
