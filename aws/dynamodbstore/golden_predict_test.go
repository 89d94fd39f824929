package dynamodbstore_test

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"time"
)

// existing returns what the step finds under its key, and whether the server makes it up.
func (c *goldenCase) existing(s *stepRun) (it item, madeUp bool) {
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	for _, rule := range c.fake.rules {
		if rule.ConflictItem != nil && rule.applies("PutItem", c.fake.counts["PutItem"]+1) {
			return rule.ConflictItem, true
		}
	}
	return c.fake.items[s.want.key], false
}

// time reads an attribute, which is zero where there is none.
func (c *goldenCase) time(it item, name string, unit time.Duration) (t time.Time, ok bool) {
	v := it[name]
	if v == nil {
		return time.Time{}, true
	}
	n := v.num()
	if n == nil {
		return time.Time{}, false
	}
	f, _ := n.Mul(n, big.NewRat(int64(unit/time.Millisecond), 1)).Float64()
	return time.UnixMilli(int64(f)), true
}

// predict rewrites what is wanted of a step of which upstream's account cannot be used, since
// a rule has made the record another one, or since upstream reads it another way: to what this
// module's documentation says.
func (c *goldenCase) predict(s *stepRun) {
	w := &s.want
	it, madeUp := c.existing(s)
	expiry, ok := c.time(it, c.expiryAttr(), time.Second)
	lease, ok2 := c.time(it, c.leaseAttr(), time.Millisecond)
	reason := c.diverged[w.key]
	switch {
	case w.key == "":
		return
	case reason != "":
	case it != nil && (!ok || !ok2 || it[c.statusAttr()].str() == ""):
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
		if kind == "replay" && !sameJSON(result.json, w.result.json) {
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

// predicted returns what a step comes to, and in how many attempts.
func (c *goldenCase) predicted(s *stepRun, it item, madeUp bool, expiry, lease time.Time, ok bool) (kind string, attempts int) {
	status := it[c.statusAttr()].str()
	free := !expiry.IsZero() && expiry.Before(c.now) || status == "INPROGRESS" && !lease.IsZero() && lease.Before(c.now)
	validated := c.Given.Config.PayloadValidationJmesPath != ""
	switch {
	case it == nil, free && !madeUp:
		return "run", 1
	case !ok:
		return inconsistent, 1
	case validated && it[c.validationAttr()].str() != c.validations[s.given.PayloadJSON].str():
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

// attempts returns the requests of a step but for the one that ends its run.
func (c *goldenCase) attempts(s *stepRun, kind string, n int) []*request {
	if kind == "replay" && c.cached[s.want.key] {
		return nil
	}
	put := c.putOf(s)
	omits, empty := c.answersOfGet()
	if kind == "run" || !omits {
		return slices.Repeat([]*request{put}, n)
	}
	get := c.parse("GetItem", []byte(text(map[string]any{"TableName": put.table, "Key": put.key, "ConsistentRead": true})))
	return slices.Repeat([]*request{put, get}, min(n+empty, maxAttempts))
}

// answersOfGet returns whether the server has to be asked for the record that is in the way,
// and how often it then says that there is none.
func (c *goldenCase) answersOfGet() (asked bool, empty int) {
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	for _, rule := range c.fake.rules {
		asked = asked || rule.On == "PutItem" && rule.OmitItem
		for empty < maxAttempts && rule.Empty && rule.applies("GetItem", c.fake.counts["GetItem"]+empty+1) {
			empty++
		}
	}
	return asked, empty
}

// putOf returns the request that begins the run of a step.
func (c *goldenCase) putOf(s *stepRun) *request {
	for _, r := range s.want.requests {
		if r.op == "PutItem" {
			return r
		}
	}
	var it item
	if err := json.Unmarshal([]byte(s.want.key), &it); err != nil {
		panic(err)
	}
	it[c.statusAttr()] = attribute{"S": "INPROGRESS"}
	it[c.expiryAttr()] = inSeconds(c.now.Add(c.expiresAfter()))
	it[c.leaseAttr()] = inMilliseconds(c.lease(s))
	if v := c.validations[s.given.PayloadJSON]; v != nil {
		it[c.validationAttr()] = v
	}
	r := c.parse("PutItem", []byte(text(map[string]any{
		"TableName": c.Given.Persistence.TableName, "Item": it, "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
		"ConditionExpression":       "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#lease) AND #lease < :ms)",
		"ExpressionAttributeNames":  map[string]string{"#id": c.keyAttr(), "#expiry": c.expiryAttr(), "#status": c.statusAttr(), "#lease": c.leaseAttr()},
		"ExpressionAttributeValues": item{":now": inSeconds(c.now), ":inprogress": {"S": "INPROGRESS"}, ":ms": inMilliseconds(c.now)},
	})))
	c.expectPut(s, r)
	return r
}

// endOf returns the request that ends a run.
func (c *goldenCase) endOf(s *stepRun) *request {
	var key item
	if err := json.Unmarshal([]byte(s.want.key), &key); err != nil {
		panic(err)
	}
	in := map[string]any{"TableName": c.Given.Persistence.TableName, "Key": key}
	if s.given.Handler.Throws != nil {
		return c.parse("DeleteItem", []byte(text(in)))
	}
	r := c.parse("UpdateItem", []byte(text(in)))
	r.set = item{
		c.statusAttr(): {"S": "COMPLETED"}, c.expiryAttr(): inSeconds(s.ended.Add(c.expiresAfter())),
		c.dataAttr(): c.data(answerOf(s.given.Handler.Returns)),
	}
	if v := c.validations[s.given.PayloadJSON]; v != nil {
		r.set[c.validationAttr()] = v
	}
	return r
}
