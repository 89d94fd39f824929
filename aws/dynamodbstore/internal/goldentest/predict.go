package goldentest

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"time"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
)

// existing returns the item that the step finds under its key, and whether a Rule provides it.
func (c *testCase) existing(s *stepRun) (it fakedynamodb.Item, madeUp bool) {
	c.fake.Lock()
	defer c.fake.Unlock()
	for _, rule := range c.fake.Rules {
		if rule.ConflictItem != nil && rule.Applies("PutItem", c.fake.Counts["PutItem"]+1) {
			return rule.ConflictItem, true
		}
	}
	return c.fake.Items[s.want.key], false
}

// time returns the time in an attribute, or zero if the attribute is missing.
func (c *testCase) time(it fakedynamodb.Item, name string, unit time.Duration) (t time.Time, ok bool) {
	v := it[name]
	if v == nil {
		return time.Time{}, true
	}
	n := v.Number()
	if n == nil {
		return time.Time{}, false
	}
	f, _ := n.Mul(n, big.NewRat(int64(unit/time.Millisecond), 1)).Float64()
	return time.UnixMilli(int64(f)), true
}

// predict replaces the expectation by the documented behaviour of this module, if upstream's outcome
// is not comparable: a rule has changed the record, or upstream reads it in another way.
func (c *testCase) predict(s *stepRun) {
	w := &s.want
	it, madeUp := c.existing(s)
	expiry, ok := c.time(it, c.expiryAttr(), time.Second)
	lease, ok2 := c.time(it, c.leaseAttr(), time.Millisecond)
	reason := c.diverged[w.key]
	switch {
	case w.key == "":
		return
	case reason != "":
	case it != nil && (!ok || !ok2 || it[c.statusAttr()].Text() == ""):
		reason = "malformed"
	case it != nil && it[c.expiryAttr()] == nil:
		reason = "no-expiry"
	case it != nil && expiry.Unix() == c.now.Unix() && c.now.UnixMilli()%1000 != 0:
		reason = "fraction"
	case madeUp && w.kind == inProgress && lease.Before(c.now):
		reason = "milliseconds"
	case w.kind == vanished:
		reason = "vanished"
	case c.native() && it[c.dataAttr()]["B"] != nil:
		reason = "binary"
	default:
		return
	}
	kind, attempts := c.predicted(s, it, madeUp, expiry, lease, ok && ok2)
	omits, empty := c.answersOfGet()
	if omits && empty == maxAttempts && kind != "run" {
		kind = inconsistent
	}
	result := c.stored(it)
	was := cmp.Or(w.kind, "replay")
	if w.ran {
		was = "run"
	}
	if kind == was {
		if kind == "replay" && !fakedynamodb.SameJSON(result.json, w.result.json) {
			c.rule(reason)
			w.result = &result
		}
		return
	}
	c.rule(reason)
	c.diverged[w.key], c.rewritten[w.key] = reason, true
	*w = expectation{key: w.key, puts: w.puts, requests: c.attempts(s, kind, attempts)}
	switch kind {
	case "run":
		w.ran, w.hung = true, s.given.Handler.Hangs
		w.completes = !w.hung
		if s.given.Handler.Throws != nil {
			w.kind = own
		} else if a := answerOf(s.given.Handler.Returns); a.none == nil {
			w.result = &a
		}
	case "replay":
		w.result = &result
	default:
		w.kind = kind
	}
}

// predicted returns the outcome of a step and the number of attempts.
func (c *testCase) predicted(s *stepRun, it fakedynamodb.Item, madeUp bool, expiry, lease time.Time, ok bool) (kind string, attempts int) {
	status := it[c.statusAttr()].Text()
	free := !expiry.IsZero() && expiry.Before(c.now) || status == "INPROGRESS" && !lease.IsZero() && lease.Before(c.now)
	validated := c.Given.Config.PayloadValidationJmesPath != ""
	switch {
	case it == nil, free && !madeUp:
		return "run", 1
	case !ok:
		return inconsistent, 1
	case validated && it[c.validationAttr()].Text() != c.validations[s.given.PayloadJSON].Text():
		return mismatch, 1
	case status != "INPROGRESS" && status != "COMPLETED":
		return inconsistent, 1
	case free:
		return inconsistent, maxAttempts
	case status == "INPROGRESS":
		return inProgress, 1
	case c.native() && it[c.dataAttr()]["B"] != nil:
		return undecodable, 1
	}
	return "replay", 1
}

// attempts returns the requests of a step without the one that ends the execution.
func (c *testCase) attempts(s *stepRun, kind string, n int) []*fakedynamodb.Request {
	if kind == "replay" && c.cached[s.want.key] {
		return nil
	}
	put := c.putOf(s)
	omits, empty := c.answersOfGet()
	if kind == "run" || !omits {
		return slices.Repeat([]*fakedynamodb.Request{put}, n)
	}
	get := c.parse("GetItem", []byte(fakedynamodb.JSON(map[string]any{"TableName": put.Table, "Key": put.Key, "ConsistentRead": true})))
	return slices.Repeat([]*fakedynamodb.Request{put, get}, min(n+empty, maxAttempts))
}

// answersOfGet reports whether a GetItem is needed to read the existing record, and how often it
// finds nothing.
func (c *testCase) answersOfGet() (asked bool, empty int) {
	c.fake.Lock()
	defer c.fake.Unlock()
	for _, rule := range c.fake.Rules {
		asked = asked || rule.On == "PutItem" && rule.OmitItem
		for empty < maxAttempts && rule.Empty && rule.Applies("GetItem", c.fake.Counts["GetItem"]+empty+1) {
			empty++
		}
	}
	return asked, empty
}

// putOf returns the PutItem that begins the execution.
func (c *testCase) putOf(s *stepRun) *fakedynamodb.Request {
	for _, r := range s.want.requests {
		if r.Op == "PutItem" {
			return r
		}
	}
	var it fakedynamodb.Item
	if err := json.Unmarshal([]byte(s.want.key), &it); err != nil {
		panic(err)
	}
	it[c.statusAttr()] = fakedynamodb.Attribute{"S": "INPROGRESS"}
	it[c.expiryAttr()] = inSeconds(c.now.Add(c.expiresAfter()))
	it[c.leaseAttr()] = inMilliseconds(c.lease(s))
	if v := c.validations[s.given.PayloadJSON]; v != nil {
		it[c.validationAttr()] = v
	}
	r := c.parse("PutItem", []byte(fakedynamodb.JSON(map[string]any{
		"TableName": c.Given.Persistence.TableName, "Item": it, "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
		"ConditionExpression":       "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#lease) AND #lease < :ms)",
		"ExpressionAttributeNames":  map[string]string{"#id": c.keyAttr(), "#expiry": c.expiryAttr(), "#status": c.statusAttr(), "#lease": c.leaseAttr()},
		"ExpressionAttributeValues": fakedynamodb.Item{":now": inSeconds(c.now), ":inprogress": {"S": "INPROGRESS"}, ":ms": inMilliseconds(c.now)},
	})))
	c.expectPut(s, r)
	return r
}

// endOf returns the request that ends the execution.
func (c *testCase) endOf(s *stepRun) *fakedynamodb.Request {
	var key fakedynamodb.Item
	if err := json.Unmarshal([]byte(s.want.key), &key); err != nil {
		panic(err)
	}
	in := map[string]any{"TableName": c.Given.Persistence.TableName, "Key": key}
	if s.given.Handler.Throws != nil {
		return c.parse("DeleteItem", []byte(fakedynamodb.JSON(in)))
	}
	r := c.parse("UpdateItem", []byte(fakedynamodb.JSON(in)))
	r.Set = fakedynamodb.Item{
		c.statusAttr(): {"S": "COMPLETED"}, c.expiryAttr(): inSeconds(s.ended.Add(c.expiresAfter())),
		c.dataAttr(): c.data(answerOf(s.given.Handler.Returns)),
	}
	if v := c.validations[s.given.PayloadJSON]; v != nil {
		r.Set[c.validationAttr()] = v
	}
	return r
}
