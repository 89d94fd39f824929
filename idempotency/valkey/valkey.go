// Package valkey keeps the records of package idempotency in Valkey or Redis.
//
//	client, err := valkeyclient.NewClient(valkeyclient.ClientOption{InitAddress: []string{address}, TLSConfig: &tls.Config{}})
//	once, err := idempotency.New(valkey.New(valkeygo.New(client), nil), &idempotency.Options{...})
//
// Package valkeygo adapts clients of github.com/valkey-io/valkey-go, package goredis those of
// github.com/redis/go-redis/v9; a [Client] of one's own is one method.
//
// # Records
//
// A record is a JSON text under its key, with the members status, expiration (seconds),
// in_progress_expiration (milliseconds), data (JSON in a string), validation and owner. Records
// of Powertools for AWS Lambda, which lack the owner, are understood.
//
// Every step is one script, which the server runs atomically: nobody can take over a record
// between another's look at it and their write. The server removes a record a minute after its
// expiration, so that no clock that is behind finds it missing; that minute is counted by the
// server's own clock, whatever the time is here. It must not evict records:
// maxmemory-policy noeviction, or a volatile-ttl with memory to spare; one that is evicted is
// forgotten, and its work done again. Replicas that lag behind a failed primary forget the last
// writes, too.
//
// # Access
//
// The store needs these commands for the keys of its prefix, with the ACL of Valkey and Redis:
//
//	ACL SETUSER orders on >PASSWORD ~orders* +evalsha +eval +get +set +del +pttl
//
// A client may need more for itself: HELLO, AUTH, CLIENT SETINFO, PING and, in a cluster,
// CLUSTER SHARDS or CLUSTER SLOTS, which +@connection and +cluster allow. Without EVAL the
// scripts must be loaded beforehand.
//
// # Failures
//
// A script whose answer was lost is sent again: by this store's caller, package idempotency,
// until the lease ends, whatever the client does by itself. Options.StoreTimeout of package
// idempotency bounds each request, also with a go-redis client that does not heed deadlines.
// A valkey-go client sends all requests over one connection: one that hangs holds up all of them
// until ConnWriteTimeout of the client, 10 s by default, which a function should set to a second.
// Errors of access (NOAUTH, WRONGPASS, NOPERM) and WRONGTYPE wrap idempotency.ErrRefused.
//
// # Cost
//
// A first run costs two scripts, a duplicate one. Valkey 7.2 and Redis 6.2 or newer.
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
	// Eval runs a Lua script on the node that has the one key, and returns the string
	// that it returns. Scripts are few and constant; a Client does well to use EVALSHA.
	Eval(ctx context.Context, script, key string, args []string) (string, error)
}

// Options says what records look like. A nil *Options, and every zero field, means the
// default.
type Options struct {
	// NativeData stores a result as a part of the record's JSON, as Powertools for AWS Lambda
	// (TypeScript) does, and reads a string as text instead of as JSON. A response is then
	// replayed without its white space. Default: results are JSON in a string, as that
	// library for Python has them, and replayed exactly.
	NativeData bool
}

// Store is an idempotency.Store. Make one with [New].
type Store struct {
	client Client
	o      Options
}

var _ idempotency.Store = (*Store)(nil)

// New returns a Store that uses client. It panics where client is nil.
func New(client Client, o *Options) *Store {
	if client == nil {
		panic("valkey: no client")
	}
	s := &Store{client: client}
	if o != nil {
		s.o = *o
	}
	return s
}

// grace is how long the server keeps a record that has expired.
const grace = time.Minute

// keep returns for how many milliseconds the server is to keep a record that expires at a time.
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

// owned runs a script that does nothing where the record is another's.
func (s *Store) owned(ctx context.Context, script string, r *idempotency.Record, more ...string) error {
	answer, err := s.eval(ctx, script, r, more...)
	if err == nil && answer == isLost {
		return idempotency.ErrLeaseLost
	}
	return err
}

// eval runs a script with the arguments that all of them take: owner, text of the record and
// its expiration in seconds; and more.
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
		return "", fmt.Errorf("%w: what is stored under its key is no record", idempotency.ErrInconsistent)
	}
	return answer, nil
}

// refused marks the errors of a server that no further attempt can change. Clients give them
// with the server's own text, which begins with a code.
func refused(err error) error {
	code, _, _ := strings.Cut(err.Error(), " ")
	switch code {
	case "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE":
		return fmt.Errorf("%w: %w", idempotency.ErrRefused, err)
	}
	return err
}
