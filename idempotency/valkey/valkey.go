// Package valkey keeps the records of package idempotency in Valkey or Redis.
//
//	client, err := valkeyclient.NewClient(valkeyclient.ClientOption{InitAddress: []string{address}, TLSConfig: &tls.Config{}})
//	once, err := idempotency.New(valkey.New(valkeygo.New(client), nil), &idempotency.Options{...})
//
// Package valkeygo adapts clients of github.com/valkey-io/valkey-go, and package goredis clients of
// github.com/redis/go-redis/v9. Your own [Client] needs one method. New returns no error. It panics
// if the client is nil.
//
// # Records
//
// A record is a JSON text under its key, with the members status, expiration (seconds),
// in_progress_expiration (milliseconds), data (JSON in a string), validation and owner. The store
// also reads the records of Powertools for AWS Lambda, which have no owner.
//
// Every step is one script that the server runs atomically, so no other client can change the
// record during a step. The server removes a record a minute after its expiration, so that a client
// whose clock is behind still finds it.
//
// The server must not evict records. Set maxmemory-policy to noeviction, or to volatile-ttl with
// enough free memory. If a record is evicted, the work is done again. The same happens to the last
// writes if a primary fails before its replicas have them.
//
// # Access
//
// The store needs these commands for the keys with its prefix, with the ACL of Valkey and Redis:
//
//	ACL SETUSER orders on >PASSWORD ~orders* +evalsha +eval +get +set +del +pttl
//
// The client may need more: HELLO, AUTH, CLIENT SETINFO, PING and, in a cluster, CLUSTER SHARDS or
// CLUSTER SLOTS. +@connection and +cluster allow them. If EVAL is not allowed, load the scripts
// beforehand.
//
// # Failures
//
// Package idempotency sends a script again if the answer was lost, until the lease ends. Clients
// may retry too. Options.StoreTimeout of package idempotency bounds each request, even if the
// client ignores deadlines.
//
// A valkey-go client sends all requests over one connection. A request that hangs delays all others
// until ConnWriteTimeout of the client, 10 s by default. Set it to 1 s in a function.
//
// Errors of access (NOAUTH, WRONGPASS, NOPERM) and WRONGTYPE wrap idempotency.ErrRefused.
//
// # Cost
//
// A first call costs two scripts, a duplicate one. The server must be Valkey 7.2, Redis 6.2, or
// newer.
package valkey

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// Client runs scripts on a server.
type Client interface {
	// Eval runs a Lua script on the node that has the key, and returns the string that the
	// script returns. The scripts are few and constant, so a Client should use EVALSHA.
	Eval(ctx context.Context, script, key string, args []string) (string, error)
}

// Options describes the records. A nil *Options, and every zero field, means the default.
type Options struct {
	// NativeData stores a result as a part of the record's JSON, as Powertools for AWS Lambda
	// (TypeScript) does. A string is then read as text, not as JSON, and a response is replayed
	// without its white space. Default: results are JSON in a string, as in Powertools for AWS
	// Lambda (Python), and are replayed byte for byte.
	NativeData bool
}

// Store is an idempotency.Store. Create one with [New].
type Store struct {
	client Client
	o      Options
}

var _ idempotency.Store = (*Store)(nil)

// New returns a Store that uses client. It panics if client is nil.
func New(client Client, o *Options) *Store {
	if client == nil {
		panic("valkey: the client is nil")
	}
	s := &Store{client: client}
	if o != nil {
		s.o = *o
	}
	return s
}

// grace is how long the server keeps an expired record.
const grace = time.Minute

// keep returns for how many milliseconds the server keeps a record, as text.
func keep(expiration, now time.Time) string {
	return strconv.FormatInt(max(expiration.Sub(now), 0).Milliseconds()+grace.Milliseconds(), 10)
}

// Begin implements idempotency.Store.
func (s *Store) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	existing, err := s.eval(ctx, beginScript, r, strconv.FormatInt(now.UnixMilli(), 10), keep(r.Expiration, now))
	if err != nil || existing == "" {
		return nil, err
	}
	return decode(r.Key, existing, s.o.NativeData)
}

// Complete implements idempotency.Store.
func (s *Store) Complete(ctx context.Context, r *idempotency.Record) error {
	return s.owned(ctx, completeScript, r)
}

// Extend implements idempotency.Store.
func (s *Store) Extend(ctx context.Context, r *idempotency.Record) error {
	return s.owned(ctx, extendScript, r, strconv.FormatInt(r.Lease.UnixMilli(), 10))
}

// Delete implements idempotency.Store.
func (s *Store) Delete(ctx context.Context, r *idempotency.Record) error {
	return s.owned(ctx, deleteScript, r)
}

// owned runs a script that changes nothing if the record has another owner.
func (s *Store) owned(ctx context.Context, script string, r *idempotency.Record, more ...string) error {
	answer, err := s.eval(ctx, script, r, more...)
	if err == nil && answer == isLost {
		return idempotency.ErrLeaseLost
	}
	return err
}

// eval runs a script. The arguments are the owner, the JSON of the record, its expiration in seconds,
// and more.
func (s *Store) eval(ctx context.Context, script string, r *idempotency.Record, more ...string) (string, error) {
	text, err := encode(r, s.o.NativeData)
	if err != nil {
		return "", err
	}
	args := append([]string{r.Owner, text, strconv.FormatInt(r.Expiration.Unix(), 10)}, more...)
	answer, err := s.client.Eval(ctx, script, r.Key, args)
	if err != nil {
		return "", refused(err)
	}
	if answer == isBroken {
		return "", fmt.Errorf("%w: the value of its key is not a record", idempotency.ErrInconsistent)
	}
	return answer, nil
}

// refused wraps an error of the server that a retry cannot change in an ErrRefused. Clients return
// the text of the server, which begins with a code.
func refused(err error) error {
	code, _, _ := strings.Cut(err.Error(), " ")
	switch code {
	case "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE":
		return fmt.Errorf("%w: %w", idempotency.ErrRefused, err)
	}
	return err
}
