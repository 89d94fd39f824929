package dynamodbstore_test

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"hash"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/golden"
)

// TestGolden does what recorded programs did with the official libraries for TypeScript and
// Python, and compares the requests that DynamoDB gets, what the calls come to, and what is
// left in the table. Where this module differs on purpose, a rule of goldenRules says so: it
// rewrites what is expected.
func TestGolden(t *testing.T) {
	golden.Run(t, "idempotency_ddb.json", goldenRules, func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := &goldenCase{
			t: t, rule: touch, release: make(chan struct{}),
			diverged: map[string]string{}, keys: map[string]string{}, validations: map[string]attribute{}, cached: map[string]bool{}, rewritten: map[string]bool{},
		}
		c.decode(text)
		c.setenv()
		return c.run()
	})
}

// run does the steps and compares them.
func (c *goldenCase) run() (skip string) {
	if c.expiresAfter() < time.Second {
		return "moment"
	}
	c.fake = newFake(c.t, c.keySchema()...)
	c.fake.table = c.Given.Persistence.TableName
	c.fake.rules = c.Given.Server
	c.fake.record = func(r *request) {
		s := c.running[len(c.running)-1]
		s.requests = append(s.requests, r)
		c.history = append(c.history, r)
	}
	c.client = c.fake.client(nil)
	c.now = time.UnixMilli(c.Given.NowMS)
	defer func() {
		c.fake.close()
		close(c.release)
		c.hanging.Wait()
	}()
	if e := c.Want.Error; e != nil {
		c.rule("panics")
		if why := c.newEnvironment(); why == nil {
			c.t.Errorf("a table of which upstream says %q is taken", e.Message)
		}
		return ""
	}
	if why := c.newEnvironment(); why != nil {
		c.t.Fatalf("New panics: %v", why)
	}
	c.steps(c.Given.Steps, c.Want.Steps)
	c.fake.close()
	c.checkTable()
	return ""
}

// newEnvironment makes what a new execution environment has of its own: a store and a local
// cache. It returns what making the store panicked with.
func (c *goldenCase) newEnvironment() (panicked any) {
	defer func() { panicked = recover() }()
	given, cfg := c.Given.Persistence, c.Given.Config
	clear(c.cached)
	store := dynamodbstore.New(c.client, given.TableName, &dynamodbstore.Options{
		KeyAttr: given.KeyAttr, SortKeyAttr: given.SortKeyAttr, StaticPKValue: given.StaticPkValue,
		ExpiryAttr: given.ExpiryAttr, InProgressExpiryAttr: given.InProgressExpiryAttr, StatusAttr: given.StatusAttr,
		DataAttr: given.DataAttr, ValidationAttr: given.ValidationKeyAttr, NativeData: c.native(),
	})
	newHash, ok := map[string]func() hash.Hash{
		"": nil, "md5": nil, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	}[cfg.HashFunction]
	if !ok {
		c.unknown("the hash %q", cfg.HashFunction)
	}
	o := &idempotency.Options{
		Digest: idempotency.TypeScriptKey(newHash), RunWithoutKey: !cfg.ThrowOnNoIdempotencyKey, Prefix: c.Given.KeyPrefix,
		ExpiresAfter: c.expiresAfter(), LeaseMargin: -1, Now: func() time.Time { return c.now }, OnError: c.report,
	}
	if c.Lang == "python" {
		o.Digest = idempotency.PythonKey("app.handler", newHash)
	}
	if cfg.EventKeyJmesPath != "" {
		o.Key = idempotency.JMESPath(cfg.EventKeyJmesPath)
	}
	if cfg.PayloadValidationJmesPath != "" {
		o.Validate = idempotency.JMESPath(cfg.PayloadValidationJmesPath)
	}
	if cfg.UseLocalCache {
		o.CacheRecords = cmp.Or(cfg.MaxLocalCacheSize, map[string]int{"ts": 1000, "python": 256}[c.Lang])
	}
	c.once, c.onceErr = idempotency.New(store, o)
	return nil
}

func (c *goldenCase) report(err error) {
	if n := len(c.running); n > 0 {
		c.running[n-1].reports = append(c.running[n-1].reports, err)
	}
}

func (c *goldenCase) steps(given []*goldenStep, want []*goldenOutcome) {
	if len(given) != len(want) {
		c.unknown("%d steps with %d outcomes", len(given), len(want))
	}
	for i, g := range given {
		if want[i].Op != "" && want[i].Op != g.Op {
			c.unknown("the outcome of a step %q for one %q", want[i].Op, g.Op)
		}
		switch g.Op {
		case "new_environment":
			c.newEnvironment()
		case "invoke":
			failed := c.t.Failed()
			c.invoke(g, want[i])
			if c.t.Failed() && !failed {
				c.t.Errorf("… in step %d of %d: %s", i, len(given), text(g))
			}
		default:
			c.unknown("the step %q", g.Op)
		}
	}
}

// stepRun is one invocation and what came of it.
type stepRun struct {
	given *goldenStep
	up    *goldenOutcome // upstream's
	want  expectation

	began, ended time.Time
	ran, hung    bool
	lost         bool // another had the record when the handler returned
	result       answer
	err          error
	requests     []*request
	reports      []error
}

// thrown is the error of a handler.
type thrown struct{ message string }

func (e *thrown) Error() string { return e.message }

// deadline is a context that has one by the clock of the case, and is never done.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

func (c *goldenCase) invoke(g *goldenStep, up *goldenOutcome) {
	c.now = c.now.Add(time.Duration(g.AdvanceMS) * time.Millisecond)
	if c.now.UnixMilli() != up.NowMS {
		c.unknown("the clock of the step is %d, want %d", up.NowMS, c.now.UnixMilli())
	}
	s := &stepRun{given: g, up: up, began: c.now}
	c.expect(s)
	ctx := c.t.Context()
	if g.RemainingMS != nil {
		ctx = deadline{ctx, c.now.Add(time.Duration(*g.RemainingMS) * time.Millisecond)}
	}
	c.running = append(c.running, s)
	if s.err = c.onceErr; s.err == nil {
		hang := make(chan struct{})
		work := func() {
			s.result, s.err = idempotency.Call(ctx, c.once, json.RawMessage(g.PayloadJSON), func(context.Context) (answer, error) {
				return c.handle(s, hang)
			})
		}
		if g.Handler.Hangs {
			done := make(chan struct{})
			c.hanging.Go(func() {
				defer close(done)
				work()
			})
			select {
			case <-done:
			case <-hang:
				s = s.hangs()
			}
		} else {
			work()
		}
	}
	c.running = c.running[:len(c.running)-1]
	c.check(s)
}

// hangs returns what there is of a run whose worker is as good as dead: what that does when
// it is released at the end of the case is no part of it.
func (s *stepRun) hangs() *stepRun {
	left := *s
	left.hung = true
	return &left
}

func (c *goldenCase) handle(s *stepRun, hang chan struct{}) (answer, error) {
	s.ran = true
	h := s.given.Handler
	c.steps(h.During, s.up.During)
	if h.Hangs {
		close(hang)
		<-c.release
		return answer{}, errors.New("released")
	}
	s.ended = c.now
	s.lost = len(s.requests) > 0 && c.fake.owner(s.requests[0].key) != s.requests[0].item["owner"].str()
	if h.Throws != nil {
		return answer{}, &thrown{*h.Throws}
	}
	return answerOf(h.Returns), nil
}

func (f *fake) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}

func (f *fake) item(key item) item {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.items[key.String()]
}

func (f *fake) owner(key item) string { return f.item(key)["owner"].str() }
