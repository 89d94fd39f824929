package idempotency

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/report"
)

// Guard runs work once per key. Make one with [New]; its methods may be called from
// several goroutines.
type Guard struct {
	store    Store
	o        Options
	prefix   string
	report   *report.Reporter
	cache    *cache // nil if there is none
	disabled bool
	memory   bool // the store is in memory: it never waits, and each error is an answer

	jitter    func(pause time.Duration) time.Duration
	simulated bool // by a test: no attempt needs a goroutine of its own
}

// New returns a Guard that keeps its records in store. A nil store is one in memory on
// a developer's machine and in tests, and an error in Lambda, where each execution environment
// would have its own. Errors are those of o and of the environment.
func New(store Store, o *Options) (*Guard, error) {
	g := &Guard{store: store, jitter: jitter}
	if o != nil {
		g.o = *o
		g.o.Final = maps.Clone(o.Final)
	}
	function := env.Text("AWS_LAMBDA_FUNCTION_NAME")
	if store == nil {
		if inLambda() {
			return nil, errors.New("idempotency: no store: in Lambda records must outlive the execution environment; pass one of the modules aws/dynamodbstore or idempotency/valkey")
		}
		g.store = NewMemory(nil)
		function = cmp.Or(function, "local")
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	g.defaults()
	if g.prefix = g.o.Prefix; g.prefix == "" {
		if g.prefix = g.o.Digest.prefix(function); g.prefix == "" && g.o.Digest == &canonicalSHA256 {
			return nil, errors.New("idempotency: no Prefix, and no AWS_LAMBDA_FUNCTION_NAME to take it from")
		}
	}
	g.prefix = g.o.Digest.tidy(g.prefix)
	_, g.memory = g.store.(*Memory)
	g.report = report.New(g.o.OnError)
	if g.o.CacheRecords > 0 {
		g.cache = newCache(g.o.CacheRecords, g.o.CacheBytes)
	}
	const name = "POWERTOOLS_IDEMPOTENCY_DISABLED"
	disabled, _, err := env.Bool(name)
	if err != nil && g.o.Disabled == nil {
		return nil, fmt.Errorf("idempotency: %s=%q is neither true nor false: unset it in production, set it to true on a developer's machine", name, os.Getenv(name))
	}
	switch {
	case g.o.Disabled != nil:
		g.disabled = *g.o.Disabled
	case disabled:
		g.disabled = true
		g.report.Once("disabled", errors.New("idempotency: POWERTOOLS_IDEMPOTENCY_DISABLED is set: every call runs, duplicates too; unset it in production"))
	}
	return g, nil
}

// inLambda reports whether the process runs in Lambda itself, not in an emulator of it.
func inLambda() bool {
	return env.Text("AWS_LAMBDA_RUNTIME_API") != "" && env.Text("LAMBDAKIT_LOCAL") == "" && env.Text("AWS_SAM_LOCAL") == ""
}

// check returns what is wrong with the options.
func (g *Guard) check() error {
	if g.o.Key != nil && g.o.KeyFunc != nil {
		return errors.New("idempotency: Options has both a Key and a KeyFunc")
	}
	for name, x := range map[string]*Expression{"Key": g.o.Key, "Validate": g.o.Validate} {
		if x != nil && x.err != nil {
			return fmt.Errorf("idempotency: Options.%s: %w", name, x.err)
		}
		if x != nil && x.eval == nil {
			return fmt.Errorf("idempotency: Options.%s was not made by Path or JMESPath", name)
		}
		if err := g.o.Digest.refuses(x); err != nil {
			return fmt.Errorf("idempotency: Options.%s: %w", name, err)
		}
	}
	if v := reflect.ValueOf(g.store); v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("idempotency: the store is a nil %T", g.store)
	}
	if g.o.Digest != nil && g.o.Digest.sum == nil {
		return errors.New("idempotency: Options.Digest was not made by PythonKey or TypeScriptKey")
	}
	for name, err := range g.o.Final {
		v := reflect.ValueOf(err)
		if name == "" || err == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			return fmt.Errorf("idempotency: Options.Final has an empty name or a nil error: %q", name)
		}
	}
	if g.o.ExpiresAfter != 0 && g.o.ExpiresAfter < time.Second {
		return fmt.Errorf("idempotency: Options.ExpiresAfter is %v; it is at least a second", g.o.ExpiresAfter)
	}
	for name, d := range map[string]time.Duration{"Lease": g.o.Lease, "Wait": g.o.Wait, "StoreTimeout": g.o.StoreTimeout, "CleanupTimeout": g.o.CleanupTimeout,
		"CacheRecords": time.Duration(g.o.CacheRecords), "CacheBytes": time.Duration(g.o.CacheBytes)} {
		if d < 0 {
			return fmt.Errorf("idempotency: Options.%s is negative", name)
		}
	}
	return nil
}

func (g *Guard) defaults() {
	o := &g.o
	o.Digest = cmp.Or(o.Digest, &canonicalSHA256)
	o.ExpiresAfter = cmp.Or(o.ExpiresAfter, defaultExpiresAfter)
	o.Lease = cmp.Or(o.Lease, defaultLease)
	o.LeaseMargin = max(cmp.Or(o.LeaseMargin, defaultLeaseMargin), 0)
	o.CacheBytes = cmp.Or(o.CacheBytes, defaultCacheBytes)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, defaultStoreTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Scope returns a Guard for [Call] and [Run], whose keys have a dot and a name added to their
// prefix: for one of several steps that are idempotent each by itself and may have equal keys.
// Dots, slashes, "#" and "%" in the name are escaped, so that two different scopes never have
// the same keys. Options.Key, KeyFunc and Validate, which are about events, do not apply to it.
func (g *Guard) Scope(name string) *Guard {
	scoped := *g
	scoped.prefix += "." + scopeEscaper.Replace(name)
	scoped.o.Key, scoped.o.KeyFunc, scoped.o.Validate = nil, nil, nil
	return &scoped
}

// A key is prefix, scopes, tenant and digest: p.scope.scope/tenant#digest. Each escaper keeps a
// part free of what ends it, and names of letters, digits and dashes as they are.
var (
	prefixEscaper = strings.NewReplacer("%", "%25", "/", "%2F", "#", "%23")
	scopeEscaper  = strings.NewReplacer("%", "%25", "/", "%2F", "#", "%23", ".", "%2E")
	tenantEscaper = strings.NewReplacer("%", "%25", "#", "%23")
)

// now returns the wall clock: the other one stops while Lambda has the environment frozen. It
// is as exact as records are, so that a store and its caller see a lease run out at once.
func (g *Guard) now() time.Time { return g.o.Now().Round(0).Truncate(time.Millisecond) }

// Key returns the key in the store of an event, a []byte or json.RawMessage, or of a key of
// [Call]; empty where there is none and RunWithoutKey is set.
func (g *Guard) Key(ctx context.Context, of any) (string, error) {
	e, err := eventOf(of)
	if err != nil {
		return "", err
	}
	key, _, err := g.identify(ctx, e)
	return key, err
}

// identify returns the key of an event, empty where the event has none and runs anyway, and
// the digest of what is validated.
func (g *Guard) identify(ctx context.Context, e event) (key, validation string, err error) {
	value := e.text
	if !e.whole {
		if value, err = g.pick(e.text); err != nil {
			return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
		}
	}
	nothing, err := g.o.Digest.nothing(value, g.o.Key != nil && !e.whole, g.o.RunWithoutKey)
	// What Path finds in a text that is not JSON may be nothing, or a list of nulls, which the
	// other digests take for a key.
	if err == nil && (nothing || g.o.Digest != &canonicalSHA256) && !json.Valid(e.text) {
		err = errors.New("the event is not valid JSON")
	}
	switch {
	case err != nil:
		return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
	case nothing && g.o.RunWithoutKey:
		g.report.Once("key", g.keyMissing("it ran without idempotency, as all such do; Options.RunWithoutKey says so"))
		return "", "", nil
	case nothing:
		return "", "", g.keyMissing("see Options.RunWithoutKey")
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	text := append(buf.b[:0], g.prefix...)
	if inv := lambdakit.FromContext(ctx); inv != nil && inv.TenantID() != "" {
		text = append(append(text, '/'), tenantEscaper.Replace(inv.TenantID())...)
	}
	if text, err = g.o.Digest.sum(append(text, '#'), value); err != nil {
		return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
	}
	buf.b = text
	if g.o.Validate != nil {
		if validation, err = g.validation(e); err != nil {
			return "", "", err
		}
	}
	return string(text), validation, nil
}

func (g *Guard) pick(event []byte) ([]byte, error) {
	if g.o.KeyFunc == nil {
		return g.o.Key.pick(event)
	}
	text, err := g.o.KeyFunc(event)
	if err != nil {
		return nil, err
	}
	return appendText(nil, text)
}

func (g *Guard) keyMissing(what string) error {
	where := "the whole event is empty"
	switch {
	case g.o.Key != nil:
		where = "nothing at " + g.o.Key.text
	case g.o.KeyFunc != nil:
		where = "KeyFunc found nothing"
	}
	return fmt.Errorf("idempotency: %w: %s (%s)", ErrNoKey, where, what)
}

func (g *Guard) validation(e event) (string, error) {
	value, err := e.text, error(nil)
	if !e.whole {
		value, err = g.o.Validate.pick(e.text)
	}
	if err == nil {
		var sum []byte
		if sum, err = g.o.Digest.sum(nil, value); err == nil {
			return string(sum), nil
		}
	}
	return "", fmt.Errorf("idempotency: %w: validation: %w", ErrEvent, err)
}

// leaseOf returns until when a run that begins now may go on: until the invocation's
// deadline, which Lambda enforces, else until that of its context. Work whose context has no
// deadline, in an invocation that has one, goes on in the background.
func (g *Guard) leaseOf(ctx context.Context, now time.Time) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = now.Add(g.o.Lease)
	} else if inv := lambdakit.FromContext(ctx); inv != nil {
		if last, ok := inv.Deadline(); ok && last.After(deadline) {
			deadline = last
		}
	}
	if deadline.Before(now) {
		deadline = now
	}
	return milliseconds(deadline.Add(g.o.LeaseMargin))
}

// milliseconds rounds a time on the wall clock up.
func milliseconds(t time.Time) time.Time {
	return t.Round(0).Add(time.Millisecond - 1).Truncate(time.Millisecond)
}

// expiration returns when a record written now expires: not before its lease, since a record
// in progress that has expired is taken over.
func (g *Guard) expiration(now, lease time.Time) time.Time {
	e := now.Add(g.o.ExpiresAfter).Truncate(time.Second)
	if e.Before(lease) {
		e = lease.Truncate(time.Second).Add(time.Second)
	}
	return e
}

func newOwner() string { return rand.Text() }
