package dynamodbstore_test

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

	"github.com/lambdakit/lambdakit/idempotency"
)

// expectation is what a step is wanted to come to.
type expectation struct {
	ran, hung bool
	result    *answer // nil: it is not compared
	kind      string  // of error; empty: none
	requests  []*request
	key       string // of the record
	completes bool   // the request that ends the run is missing, and is known when it has run
	puts      string // rule by which the record in progress differs from upstream's
}

// maxAttempts is how often a record is tried to be written that is another one each time.
const maxAttempts = 3

// Kinds of errors. Those of the server are "server " and their code.
const (
	inProgress   = "in progress"
	mismatch     = "payload mismatch"
	noKey        = "no key"
	inconsistent = "inconsistent"
	vanished     = "the record is gone"
	leaseLost    = "lease lost"
	own          = "the handler's"
	undecodable  = "the stored result is no JSON"
)

var clientError = regexp.MustCompile(`^An error occurred \((\w+)\)`)

// kindOf reads an error of upstream.
func (c *goldenCase) kindOf(s *stepRun, e *goldenError) string {
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
func (c *goldenCase) is(s *stepRun, kind string) bool {
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

// expect reads what upstream made of a step, before the step is done: some rules look at the
// table as the step finds it.
func (c *goldenCase) expect(s *stepRun) {
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
		if r.op == "PutItem" {
			w.key = r.key.String()
			c.keys[s.given.PayloadJSON], c.validations[s.given.PayloadJSON] = w.key, r.item[c.validationAttr()]
			c.expectPut(s, r)
		}
	}
	c.predict(s)
}

func (c *goldenCase) parse(op string, input []byte) (r *request) {
	defer func() {
		if v := recover(); v != nil {
			c.unknown("the request %s %s: %v", op, input, v)
		}
	}()
	return parseRequest(op, input, c.keySchema())
}

// lease returns until when the run of a step may go on.
func (c *goldenCase) lease(s *stepRun) time.Time {
	if s.given.RemainingMS == nil {
		return c.now.Add(15 * time.Minute)
	}
	return c.now.Add(time.Duration(max(*s.given.RemainingMS, 0)) * time.Millisecond)
}

func inSeconds(t time.Time) attribute {
	return attribute{"N": strconv.FormatInt(t.Unix(), 10)}
}

func inMilliseconds(t time.Time) attribute {
	return attribute{"N": strconv.FormatInt(t.UnixMilli(), 10)}
}

// expectPut applies the rules to a record in progress.
func (c *goldenCase) expectPut(s *stepRun, r *request) {
	lease := c.lease(s)
	if r.item[c.leaseAttr()] == nil {
		s.want.puts = "lease"
		r.item[c.leaseAttr()] = inMilliseconds(lease)
	}
	if c.expectExpiry(r.item, c.now) {
		s.want.puts = "rounding"
	}
	if expiry := c.now.Add(c.expiresAfter()).Truncate(time.Second); expiry.Before(lease) {
		s.want.puts = "outlives"
		r.item[c.expiryAttr()] = inSeconds(lease.Truncate(time.Second).Add(time.Second))
	}
	if s.want.puts != "" {
		c.rule(s.want.puts)
	}
	c.expectNow(r.condition)
}

// expectExpiry makes the expiration in an item one that is truncated.
func (c *goldenCase) expectExpiry(it item, now time.Time) bool {
	ours := inSeconds(now.Add(c.expiresAfter()))
	rounded := inSeconds(now.Add(c.expiresAfter()).Add(500 * time.Millisecond))
	if it[c.expiryAttr()].equal(ours) || !it[c.expiryAttr()].equal(rounded) {
		return false
	}
	it[c.expiryAttr()] = ours
	c.rule("rounding")
	return true
}

// expectNow gives the time that expirations are compared with its fraction.
func (c *goldenCase) expectNow(cond *condition) {
	for _, a := range cond.args {
		c.expectNow(a)
	}
	if cond.op != "<" || cond.args[0].name != c.expiryAttr() || cond.args[1].op != "value" {
		return
	}
	now := attribute{"N": new(big.Rat).SetFrac64(c.now.UnixMilli(), 1000).FloatString(3)}
	if v := cond.args[1].value; !v.equal(now) && v.equal(inSeconds(c.now)) {
		c.rule("fraction")
		cond.args[1].value = now
	}
}

func (e expectation) String() string {
	return fmt.Sprintf("ran: %v, hung: %v, result: %v, error: %q, requests: %v", e.ran, e.hung, e.result, e.kind, e.requests)
}
