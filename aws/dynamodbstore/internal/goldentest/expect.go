package goldentest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
)

// expectation is the expected outcome of a step.
type expectation struct {
	ran, hung bool
	result    *answer // nil: not compared
	kind      string  // of the error; empty: no error
	requests  []*fakedynamodb.Request
	key       string // of the record
	completes bool   // the request that ends the execution is added after the handler has run
	puts      string // the rule by which the record in progress differs from upstream's
}

// maxAttempts bounds the attempts to write a record that changes each time.
const maxAttempts = 3

// Kinds of errors. An error of the server is "server " and its code.
const (
	inProgress   = "in progress"
	mismatch     = "payload mismatch"
	noKey        = "no key"
	inconsistent = "inconsistent"
	vanished     = "the record is gone"
	leaseLost    = "lease lost"
	own          = "the handler's"
	undecodable  = "the stored result is not JSON"
)

var clientError = regexp.MustCompile(`^An error occurred \((\w+)\)`)

// kindOf returns the kind of an error of upstream.
func (c *testCase) kindOf(s *stepRun, e *upstreamError) string {
	if throws := s.given.Handler.Throws; throws != nil && e.Message == *throws {
		return own
	}
	if e.Name == "IdempotencyPersistenceLayerError" && e.Cause != nil {
		e = e.Cause
	}
	if kind := map[string]string{
		"IdempotencyAlreadyInProgressError": inProgress, "IdempotencyValidationError": mismatch, "IdempotencyKeyError": noKey,
		"IdempotencyInconsistentStateError": inconsistent, "IdempotencyInvalidStatusError": inconsistent, "IdempotencyItemNotFoundError": vanished,
	}[e.Name]; kind != "" {
		return kind
	}
	if m := clientError.FindStringSubmatch(e.Message); m != nil {
		return "server " + m[1]
	}
	return "server " + e.Name
}

// is reports whether err is of a kind.
func (c *testCase) is(s *stepRun, kind string) bool {
	if code, ok := strings.CutPrefix(kind, "server "); ok {
		return hasCode(s.err, code)
	}
	if kind == own {
		return s.given.Handler.Throws != nil && s.err != nil && *s.given.Handler.Throws == s.err.Error() && errors.As(s.err, new(*thrown))
	}
	if kind == undecodable {
		return errors.As(s.err, new(*json.SyntaxError))
	}
	return errors.Is(s.err, map[string]error{
		inProgress: idempotency.ErrInProgress, mismatch: idempotency.ErrPayloadMismatch, noKey: idempotency.ErrNoKey,
		inconsistent: idempotency.ErrInconsistent, leaseLost: idempotency.ErrLeaseLost, "": nil,
	}[kind])
}

func hasCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// expect reads the outcome of a step in upstream, before the step is done, because some rules
// depend on the table before the step.
func (c *testCase) expect(s *stepRun) {
	w, up := &s.want, s.up
	w.ran, w.hung = up.HandlerRan, up.Hung
	if up.Result != nil {
		a := answerOf(up.Result)
		if a.tagged {
			c.rule("json-only")
		}
		w.result = &a
	}
	if up.Error != nil {
		w.kind = c.kindOf(s, up.Error)
		c.rule("kinds")
	}
	if len(up.Warnings) > 0 {
		c.rule("warnings")
	}
	for _, r := range up.Requests {
		w.requests = append(w.requests, c.parse(r.Op, r.Input))
	}
	w.key = c.keys[s.given.PayloadJSON]
	for _, r := range w.requests {
		if r.Op == "PutItem" {
			w.key = r.Key.String()
			c.keys[s.given.PayloadJSON], c.validations[s.given.PayloadJSON] = w.key, r.Item[c.validationAttr()]
			c.expectPut(s, r)
		}
	}
	c.predict(s)
}

func (c *testCase) parse(op string, input []byte) (r *fakedynamodb.Request) {
	defer func() {
		if v := recover(); v != nil {
			c.unknown("the request %s %s: %v", op, input, v)
		}
	}()
	return fakedynamodb.ParseRequest(op, input, c.keySchema())
}

// lease returns the end of the lease of a step.
func (c *testCase) lease(s *stepRun) time.Time {
	if s.given.RemainingMS == nil {
		return c.now.Add(15 * time.Minute)
	}
	return c.now.Add(time.Duration(max(*s.given.RemainingMS, 0)) * time.Millisecond)
}

func inSeconds(t time.Time) fakedynamodb.Attribute {
	return fakedynamodb.Attribute{"N": strconv.FormatInt(t.Unix(), 10)}
}

func inMilliseconds(t time.Time) fakedynamodb.Attribute {
	return fakedynamodb.Attribute{"N": strconv.FormatInt(t.UnixMilli(), 10)}
}

// expectPut applies the rules to a record in progress.
func (c *testCase) expectPut(s *stepRun, r *fakedynamodb.Request) {
	lease := c.lease(s)
	if r.Item[c.leaseAttr()] == nil {
		s.want.puts = "lease"
		r.Item[c.leaseAttr()] = inMilliseconds(lease)
	}
	if c.expectExpiry(r.Item, c.now) {
		s.want.puts = "rounding"
	}
	if expiry := c.now.Add(c.expiresAfter()).Truncate(time.Second); expiry.Before(lease) {
		s.want.puts = "outlives"
		r.Item[c.expiryAttr()] = inSeconds(lease.Truncate(time.Second).Add(time.Second))
	}
	if s.want.puts != "" {
		c.rule(s.want.puts)
	}
	c.expectNow(r.Condition)
}

// expectExpiry truncates the expiration in an item.
func (c *testCase) expectExpiry(it fakedynamodb.Item, now time.Time) bool {
	ours := inSeconds(now.Add(c.expiresAfter()))
	rounded := inSeconds(now.Add(c.expiresAfter()).Add(500 * time.Millisecond))
	if it[c.expiryAttr()].Equal(ours) || !it[c.expiryAttr()].Equal(rounded) {
		return false
	}
	it[c.expiryAttr()] = ours
	c.rule("rounding")
	return true
}

// expectNow adds the fraction to the time in the condition on the expiration.
func (c *testCase) expectNow(cond *fakedynamodb.Condition) {
	for _, a := range cond.Args {
		c.expectNow(a)
	}
	if cond.Op != "<" || cond.Args[0].Name != c.expiryAttr() || cond.Args[1].Op != "value" {
		return
	}
	now := fakedynamodb.Attribute{"N": new(big.Rat).SetFrac64(c.now.UnixMilli(), 1000).FloatString(3)}
	if v := cond.Args[1].Value; !v.Equal(now) && v.Equal(inSeconds(c.now)) {
		c.rule("fraction")
		cond.Args[1].Value = now
	}
}

func (e expectation) String() string {
	return fmt.Sprintf("ran: %v, hung: %v, result: %v, error: %q, requests: %v", e.ran, e.hung, e.result, e.kind, e.requests)
}
