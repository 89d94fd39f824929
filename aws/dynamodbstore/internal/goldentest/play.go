// Package goldentest repeats recorded cases of Powertools for AWS Lambda with the DynamoDB store.
package goldentest

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
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/golden"
)

// Run repeats recorded programs that used the official libraries for TypeScript and Python. It
// compares the requests to DynamoDB, the results of the calls, and the table at the end. If this
// module differs on purpose, a rule gives the reason and changes the expectation.
func Run(t *testing.T) {
	golden.Run(t, "idempotency_ddb.json", rules, func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := &testCase{
			t: t, rule: touch, release: make(chan struct{}),
			diverged: map[string]string{}, keys: map[string]string{}, validations: map[string]fakedynamodb.Attribute{}, cached: map[string]bool{}, rewritten: map[string]bool{},
			wanted: map[*fakedynamodb.Request]*fakedynamodb.Request{},
		}
		c.decode(text)
		c.setenv()
		return c.run()
	})
}

// run does the steps of the case and compares them.
func (c *testCase) run() (skip string) {
	if c.expiresAfter() < time.Second {
		return "moment"
	}
	c.fake = fakedynamodb.New(c.t, c.keySchema()...)
	c.fake.Table = c.Given.Persistence.TableName
	c.fake.Rules = c.Given.Server
	c.fake.Record = func(r *fakedynamodb.Request) {
		s := c.running[len(c.running)-1]
		s.requests = append(s.requests, r)
		c.history = append(c.history, r)
	}
	c.client = c.fake.Client(nil)
	c.now = time.UnixMilli(c.Given.NowMS)
	defer func() {
		c.fake.Close()
		close(c.release)
		c.hanging.Wait()
	}()
	if e := c.Want.Error; e != nil {
		c.rule("panics")
		if why := c.newEnvironment(); why == nil {
			c.t.Errorf("New: got no panic, want one as upstream has the error %q", e.Message)
		}
		return ""
	}
	if why := c.newEnvironment(); why != nil {
		c.t.Fatalf("New: got panic %v, want none", why)
	}
	c.steps(c.Given.Steps, c.Want.Steps)
	c.fake.Close()
	c.checkTable()
	return ""
}

// newEnvironment creates the state of a new execution environment: a store and a local cache. It
// returns the panic value of dynamodbstore.New.
func (c *testCase) newEnvironment() (panicked any) {
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
		o.MaxCacheRecords = cmp.Or(cfg.MaxLocalCacheSize, map[string]int{"ts": 1000, "python": 256}[c.Lang])
	}
	c.once, c.onceErr = idempotency.New(store, o)
	return nil
}

func (c *testCase) report(err error) {
	if n := len(c.running); n > 0 {
		c.running[n-1].reports = append(c.running[n-1].reports, err)
	}
}

func (c *testCase) steps(given []*step, want []*outcome) {
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
				c.t.Errorf("… in step %d of %d: %s", i, len(given), fakedynamodb.JSON(g))
			}
		default:
			c.unknown("the step %q", g.Op)
		}
	}
}

// stepRun is one invocation and its outcome.
type stepRun struct {
	given *step
	up    *outcome // upstream's
	want  expectation

	began, ended time.Time
	ran, hung    bool
	lost         bool // the record had another owner when the handler returned
	result       answer
	err          error
	requests     []*fakedynamodb.Request
	reports      []error
}

// thrown is the error of a handler.
type thrown struct{ message string }

func (e *thrown) Error() string { return e.message }

// deadline is a context with a deadline by the clock of the case. It never ends.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

func (c *testCase) invoke(g *step, up *outcome) {
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

// hangs returns a copy of the step at the time when its handler hangs. The worker ends later, and
// its requests do not count.
func (s *stepRun) hangs() *stepRun {
	left := *s
	left.hung = true
	return &left
}

func (c *testCase) handle(s *stepRun, hang chan struct{}) (answer, error) {
	s.ran = true
	h := s.given.Handler
	c.steps(h.During, s.up.During)
	if h.Hangs {
		close(hang)
		<-c.release
		return answer{}, errors.New("released")
	}
	s.ended = c.now
	s.lost = len(s.requests) > 0 && c.fake.OwnerOf(s.requests[0].Key) != s.requests[0].Item["owner"].Text()
	if h.Throws != nil {
		return answer{}, &thrown{*h.Throws}
	}
	return answerOf(h.Returns), nil
}
