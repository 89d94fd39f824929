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
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/report"
)

// Guard runs functions once per key. Create one with [New]. Its methods may be called from several
// goroutines.
type Guard struct {
	store    Store
	options  Options
	prefix   string
	report   *report.Reporter
	cache    *cache // nil without a cache
	disabled bool
	inMemory bool // the store is a *MemoryStore: it never blocks, and its errors are final

	jitter    func(pause time.Duration) time.Duration
	simulated bool // by a test: requests start no goroutines
}

// localPrefix is the default of Options.Prefix in tests and on a developer's machine.
const localPrefix = "local"

// New returns a Guard that keeps its records in store. If store is nil, it is a store in memory,
// for tests and a developer's machine. New fails if an option is invalid, if the keys have no prefix,
// and if store is nil in Lambda, because each execution environment would have its own memory.
func New(store Store, o *Options) (*Guard, error) {
	g := &Guard{store: store, jitter: jitter}
	if o != nil {
		g.options = *o
		g.options.Final = maps.Clone(o.Final)
	}
	function := env.Text("AWS_LAMBDA_FUNCTION_NAME")
	if store == nil {
		if execenv.InLambda() {
			return nil, errors.New("idempotency: no store: in Lambda records must outlive the execution environment; pass a store of package aws/dynamodbstore or idempotency/valkey")
		}
		g.store = NewMemoryStore(nil)
		function = cmp.Or(function, localPrefix)
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	g.defaults()
	if g.prefix = g.options.Prefix; g.prefix == "" {
		if g.prefix = g.options.Digest.prefix(function); g.prefix == "" && g.options.Digest == &canonicalSHA256 {
			if execenv.InLambda() {
				return nil, errors.New("idempotency: no Prefix: set Options.Prefix or AWS_LAMBDA_FUNCTION_NAME")
			}
			g.prefix = localPrefix
		}
	}
	g.prefix = g.options.Digest.cleanPrefix(g.prefix)
	_, g.inMemory = g.store.(*MemoryStore)
	g.report = report.New(g.options.OnError)
	if g.options.MaxCacheRecords > 0 {
		g.cache = newCache(g.options.MaxCacheRecords, g.options.MaxCacheBytes)
	}
	const name = "POWERTOOLS_IDEMPOTENCY_DISABLED"
	disabled, _, err := env.Bool(name)
	if err != nil && g.options.Disabled == nil {
		return nil, fmt.Errorf("idempotency: %s=%q is neither true nor false: unset it in production, set it to true on a developer's machine", name, os.Getenv(name))
	}
	switch {
	case g.options.Disabled != nil:
		g.disabled = *g.options.Disabled
	case disabled:
		g.disabled = true
		g.report.Once("disabled", errors.New("idempotency: POWERTOOLS_IDEMPOTENCY_DISABLED is set: every call runs, duplicates too; unset it in production"))
	}
	return g, nil
}

// check returns an error if an option is invalid.
func (g *Guard) check() error {
	if g.options.Key != nil && g.options.KeyFunc != nil {
		return errors.New("idempotency: Options has both a Key and a KeyFunc")
	}
	for name, x := range map[string]*Expression{"Key": g.options.Key, "Validate": g.options.Validate} {
		if x != nil && x.err != nil {
			return fmt.Errorf("idempotency: Options.%s: %w", name, x.err)
		}
		if x != nil && x.eval == nil {
			return fmt.Errorf("idempotency: Options.%s was not made by Path or JMESPath", name)
		}
		if err := g.options.Digest.checkExpression(x); err != nil {
			return fmt.Errorf("idempotency: Options.%s: %w", name, err)
		}
	}
	if v := reflect.ValueOf(g.store); v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("idempotency: the store is a nil %T", g.store)
	}
	if g.options.Digest != nil && g.options.Digest.sum == nil {
		return errors.New("idempotency: Options.Digest was not made by PythonKey or TypeScriptKey")
	}
	for name, err := range g.options.Final {
		v := reflect.ValueOf(err)
		if name == "" || err == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			return fmt.Errorf("idempotency: Options.Final has an empty name or a nil error: %q", name)
		}
	}
	if g.options.ExpiresAfter != 0 && g.options.ExpiresAfter < time.Second {
		return fmt.Errorf("idempotency: Options.ExpiresAfter is %v; it is at least a second", g.options.ExpiresAfter)
	}
	for name, d := range map[string]time.Duration{"Lease": g.options.Lease, "Wait": g.options.Wait, "StoreTimeout": g.options.StoreTimeout, "CleanupTimeout": g.options.CleanupTimeout,
		"MaxCacheRecords": time.Duration(g.options.MaxCacheRecords), "MaxCacheBytes": time.Duration(g.options.MaxCacheBytes)} {
		if d < 0 {
			return fmt.Errorf("idempotency: Options.%s is negative", name)
		}
	}
	return nil
}

func (g *Guard) defaults() {
	o := &g.options
	o.Digest = cmp.Or(o.Digest, &canonicalSHA256)
	o.ExpiresAfter = cmp.Or(o.ExpiresAfter, defaultExpiresAfter)
	o.Lease = cmp.Or(o.Lease, defaultLease)
	o.LeaseMargin = max(cmp.Or(o.LeaseMargin, defaultLeaseMargin), 0)
	o.MaxCacheBytes = cmp.Or(o.MaxCacheBytes, defaultCacheBytes)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, defaultStoreTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Scope returns a Guard for one step of a handler, for use with [Call] and [Run]. The prefix of its
// keys is extended by a dot and the name, so that several steps may have equal keys. Dots, slashes,
// "#" and "%" in the name are escaped: two different scopes never have the same key. Options.Key,
// KeyFunc and Validate do not apply to the new Guard, because they pick from events.
func (g *Guard) Scope(name string) *Guard {
	scoped := *g
	scoped.prefix += "." + scopeEscaper.Replace(name)
	scoped.options.Key, scoped.options.KeyFunc, scoped.options.Validate = nil, nil, nil
	return &scoped
}

// A key is prefix, scopes, tenant and digest: p.scope.scope/tenant#digest. Each escaper escapes the
// characters that end its part. Names of letters, digits and dashes do not change.
var (
	prefixEscaper = strings.NewReplacer("%", "%25", "/", "%2F", "#", "%23")
	scopeEscaper  = strings.NewReplacer("%", "%25", "/", "%2F", "#", "%23", ".", "%2E")
	tenantEscaper = strings.NewReplacer("%", "%25", "#", "%23")
)

// now returns the time by the wall clock, because the monotonic clock stops while Lambda has frozen
// the environment. It is truncated to milliseconds, the precision of records, so that a lease ends
// at the same time for a store and its caller.
func (g *Guard) now() time.Time { return g.options.Now().Round(0).Truncate(time.Millisecond) }

// Key returns the key in the store for an event, a []byte or json.RawMessage, or for a key of
// [Call]. It is empty if the event has no key and RunWithoutKey is set.
func (g *Guard) Key(ctx context.Context, of any) (string, error) {
	e, err := eventOf(of)
	if err != nil {
		return "", err
	}
	key, _, err := g.identify(ctx, e)
	return key, err
}

// identify returns the key of an event and the digest of its validated value. The key is empty if
// the event has none and runs nevertheless.
func (g *Guard) identify(ctx context.Context, e event) (key, validation string, err error) {
	value := e.text
	if !e.whole {
		if value, err = g.pick(e.text); err != nil {
			return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
		}
	}
	if e.hides(value) {
		return "", "", errKeySecret
	}
	missing, err := g.options.Digest.isMissing(value, g.options.Key != nil && !e.whole, g.options.RunWithoutKey)
	// In a text that is not JSON, Path may find nothing, or a list of nulls, which the other
	// digests accept as a key.
	if err == nil && (missing || g.options.Digest != &canonicalSHA256) && !json.Valid(e.text) {
		err = errors.New("the event is not valid JSON")
	}
	switch {
	case err != nil:
		return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
	case missing && g.options.RunWithoutKey:
		g.report.Once("key", g.noKeyError("it ran without idempotency because Options.RunWithoutKey is set; later ones are not reported"))
		return "", "", nil
	case missing:
		return "", "", g.noKeyError("see Options.RunWithoutKey")
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	text := append(buf.b[:0], g.prefix...)
	if inv := lambdakit.FromContext(ctx); inv != nil && inv.TenantID() != "" {
		text = append(append(text, '/'), tenantEscaper.Replace(inv.TenantID())...)
	}
	if text, err = g.options.Digest.sum(append(text, '#'), value); err != nil {
		return "", "", fmt.Errorf("idempotency: %w: key: %w", ErrEvent, err)
	}
	buf.b = text
	if g.options.Validate != nil {
		if validation, err = g.validation(e); err != nil {
			return "", "", err
		}
	}
	return string(text), validation, nil
}

func (g *Guard) pick(event []byte) ([]byte, error) {
	if g.options.KeyFunc == nil {
		return g.options.Key.pick(event)
	}
	text, err := g.options.KeyFunc(event)
	if err != nil {
		return nil, err
	}
	return appendText(nil, text)
}

func (g *Guard) noKeyError(hint string) error {
	reason := "the whole event is empty"
	switch {
	case g.options.Key != nil:
		reason = "nothing at " + g.options.Key.text
	case g.options.KeyFunc != nil:
		reason = "KeyFunc found nothing"
	}
	return fmt.Errorf("idempotency: %w: %s (%s)", ErrNoKey, reason, hint)
}

func (g *Guard) validation(e event) (string, error) {
	value, err := e.text, error(nil)
	if !e.whole {
		value, err = g.options.Validate.pick(e.text)
	}
	if e.hides(value) {
		return "", errKeySecret
	}
	if err == nil {
		var sum []byte
		if sum, err = g.options.Digest.sum(nil, value); err == nil {
			return string(sum), nil
		}
	}
	return "", fmt.Errorf("idempotency: %w: validation: %w", ErrEvent, err)
}

// leaseEnd returns the end of the lease of an execution that begins now: LeaseMargin after the
// deadline of ctx or of the invocation, whichever is later, because Lambda enforces only the
// latter. If ctx has no deadline, the function may go on in the background for Options.Lease.
func (g *Guard) leaseEnd(ctx context.Context, now time.Time) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = now.Add(g.options.Lease)
	} else if inv := lambdakit.FromContext(ctx); inv != nil {
		if last, ok := inv.Deadline(); ok && last.After(deadline) {
			deadline = last
		}
	}
	if deadline.Before(now) {
		deadline = now
	}
	return milliseconds(deadline.Add(g.options.LeaseMargin))
}

// milliseconds rounds a time up to milliseconds.
func milliseconds(t time.Time) time.Time {
	return t.Round(0).Add(time.Millisecond - 1).Truncate(time.Millisecond)
}

// expiration returns the expiration of a record that is written now. It is not before the lease,
// because an expired record in progress is taken over.
func (g *Guard) expiration(now, lease time.Time) time.Time {
	e := now.Add(g.options.ExpiresAfter).Truncate(time.Second)
	if e.Before(lease) {
		e = lease.Truncate(time.Second).Add(time.Second)
	}
	return e
}

func newOwner() string { return rand.Text() }
