package dynamodbstore_test

import (
	"fmt"
	"slices"
	"strings"
)

// check applies the rules that need to know how the step went, and compares.
func (c *goldenCase) check(s *stepRun) {
	w := &s.want
	if w.completes && s.ran {
		w.requests = append(w.requests, c.endOf(s))
	}
	c.expectFailure(s)
	c.expectRetries(s)
	for i, want := range w.requests {
		if i < len(s.requests) && s.requests[i].op == want.op {
			got := s.requests[i]
			c.expectOwner(s, want, got)
			c.expectData(s, want, got)
			if got.raw != want.raw {
				c.rule("placeholders")
			}
			got.want = want
			if got.applied && want.op == "PutItem" && w.puts != "" {
				c.diverged[w.key] = w.puts
			}
		}
	}
	c.cached[w.key] = c.Given.Config.UseLocalCache && s.err == nil && !s.hung
	c.compare(s)
}

func (c *goldenCase) compare(s *stepRun) {
	w := &s.want
	if s.ran != w.ran || s.hung != w.hung {
		c.t.Errorf("the handler ran: %v, and hung: %v, want %v and %v", s.ran, s.hung, w.ran, w.hung)
	}
	if !c.is(s, w.kind) {
		c.t.Errorf("the error is %v, want %q", s.err, w.kind)
	}
	if w.result != nil && !sameJSON([]byte(s.result.String()), []byte(w.result.String())) {
		c.t.Errorf("the result is %v, want %v", s.result, w.result)
	}
	if strings.HasPrefix(w.kind, "server ") && !s.ran && len(s.requests) > 0 {
		c.rule("withdrawn")
		w.requests = append(w.requests, c.withdrawal(s.requests[0]))
	}
	if !slices.EqualFunc(s.requests, w.requests, (*request).equal) {
		c.t.Errorf("the requests are\n%v\nwant\n%v", join(s.requests), join(w.requests))
	}
}

// withdrawal is the request after a Begin that failed.
func (c *goldenCase) withdrawal(put *request) *request {
	return c.parse("DeleteItem", []byte(text(map[string]any{
		"TableName": put.table, "Key": put.key, "ConditionExpression": "attribute_not_exists(#id) OR #owner = :owner",
		"ExpressionAttributeNames":  map[string]string{"#id": c.keyAttr(), "#owner": "owner"},
		"ExpressionAttributeValues": map[string]any{":owner": put.item["owner"]},
	})))
}

func join(rs []*request) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

func (r *request) equal(o *request) bool {
	return r.op == o.op && r.table == o.table && r.key.equal(o.key) && r.item.equal(o.item) && r.set.equal(o.set) &&
		slices.Equal(r.remove, o.remove) && r.condition.equal(o.condition) &&
		r.returnItem == o.returnItem && r.consistent == o.consistent
}

func (it item) equal(o item) bool {
	for name, v := range it {
		if o[name] == nil || !v.equal(o[name]) {
			return false
		}
	}
	return len(it) == len(o)
}

// expectFailure rewrites what is wanted of a run after which something failed that upstream
// tells the caller of.
func (c *goldenCase) expectFailure(s *stepRun) {
	w := &s.want
	if !s.ran || s.hung {
		return
	}
	if s.given.Handler.Throws != nil {
		if w.kind != own {
			c.rule("masked")
			c.wantReport(s, w.kind)
			w.kind = own
		}
		if s.lost {
			c.rule("fence")
			c.diverged[w.key], c.rewritten[w.key] = "fence", true
		}
		return
	}
	a := answerOf(s.given.Handler.Returns)
	updates := slices.ContainsFunc(w.requests, func(r *request) bool { return r.op == "UpdateItem" })
	switch {
	case w.completes, w.kind == "":
	case updates:
		c.rule("done")
		c.wantReport(s, w.kind)
		w.result = &a
	default: // upstream could not make a value of DynamoDB's of it
		if a.none == nil {
			c.rule("json-only")
			c.diverged[w.key], c.rewritten[w.key] = "json-only", true
		}
		w.kind, w.result = "", &a
		w.requests = append(w.requests, c.endOf(s))
	}
	if a.none != nil {
		c.expectMark(s)
	}
	if s.lost {
		c.rule("fence")
		c.diverged[w.key], c.rewritten[w.key] = "fence", true
		w.kind = leaseLost
	}
}

// expectMark wants the mark in place of a result that cannot be stored.
func (c *goldenCase) expectMark(s *stepRun) {
	w := &s.want
	w.result = nil
	c.rule("mark")
	c.diverged[w.key], c.rewritten[w.key] = "mark", true
	if len(s.reports) == 0 {
		c.t.Error("OnError was not told of a result that cannot be stored")
	}
	last := s.requests[len(s.requests)-1]
	mark := c.stored(last.set)
	if !strings.HasPrefix(string(mark.json), `{"$lambdakit":{"lost":"`) {
		c.t.Errorf("what is stored of a result that cannot be is %s", mark.json)
	}
	w.requests[len(w.requests)-1].set[c.dataAttr()] = last.set[c.dataAttr()]
}

// wantReport fails where OnError was not told of an error of a kind.
func (c *goldenCase) wantReport(s *stepRun, kind string) {
	for _, err := range s.reports {
		if code, ok := strings.CutPrefix(kind, "server "); ok && hasCode(err, code) {
			return
		}
	}
	c.t.Errorf("OnError was told %v, want %q", s.reports, kind)
}

// expectRetries makes one of equal requests that follow each other, where the server says
// that it is out of order.
func (c *goldenCase) expectRetries(s *stepRun) {
	retries := slices.ContainsFunc(c.Given.Server, func(r serverRule) bool { return r.Error != nil && r.Error.Status >= 500 })
	if !retries {
		return
	}
	same := func(a, b *request) bool { return a.String() == b.String() }
	got, want := slices.CompactFunc(slices.Clone(s.requests), same), slices.CompactFunc(slices.Clone(s.want.requests), same)
	if len(got) < len(s.requests) || len(want) < len(s.want.requests) {
		c.rule("retries")
		s.requests, s.want.requests = got, want
	}
}

// expectOwner wants a token in each record, and the last one as the condition of what ends
// the run.
func (c *goldenCase) expectOwner(s *stepRun, want, got *request) {
	owner := s.requests[0].item["owner"]
	for _, r := range s.requests {
		if r.op == "PutItem" {
			owner = r.item["owner"]
		}
		if r == got {
			break
		}
	}
	if owner.str() == "" {
		return
	}
	isOwner := &condition{op: "=", args: []*condition{{op: "name", name: "owner"}, {op: "value", value: owner}}}
	isGone := &condition{op: "attribute_not_exists", args: []*condition{{op: "name", name: c.keyAttr()}}}
	switch want.op {
	case "PutItem":
		want.item["owner"] = owner
	case "UpdateItem":
		want.condition = isOwner
	case "DeleteItem":
		want.condition = &condition{op: "OR", args: []*condition{isGone, isOwner}}
	default:
		return
	}
	c.rule("owner")
}

// expectData applies the rules to a record that is completed.
func (c *goldenCase) expectData(s *stepRun, want, got *request) {
	if want.op != "UpdateItem" {
		return
	}
	key := s.want.key
	c.expectExpiry(want.set, s.ended)
	a := answerOf(s.given.Handler.Returns)
	w, g := want.set[c.dataAttr()], got.set[c.dataAttr()]
	switch {
	case a.none != nil || w != nil && w.equal(g):
	case w == nil:
		c.rule("undefined")
		c.diverged[key] = "undefined"
		want.set[c.dataAttr()] = c.data(answer{json: []byte("null")})
	case c.native() && a.tagged:
		c.rule("json-only")
		c.diverged[key] = "json-only"
		want.set[c.dataAttr()] = c.data(a)
	case c.native():
	case sameJSON([]byte(w.str()), []byte(g.str())):
		c.rule("json-text")
		want.set[c.dataAttr()] = g
	case w.str() == "null" && slices.Contains([]string{"false", "0", "0.0", "-0.0", `""`, "[]", "{}"}, string(a.json)):
		c.rule("falsy")
		c.diverged[key] = "falsy"
		want.set[c.dataAttr()] = c.data(a)
	}
}

// checkTable compares what is left in the table: with upstream's and, where a rule has made a
// record another one, with what the wanted requests make of it.
func (c *goldenCase) checkTable() {
	model := map[string]item{}
	for _, r := range c.history {
		if r.applied && r.want != nil && r.op != "GetItem" {
			r.want.apply(model)
		}
	}
	upstream := map[string]item{}
	for _, it := range c.Want.TableAfter {
		key := item{}
		for _, name := range c.keySchema() {
			key[name] = it[name]
		}
		upstream[key.String()] = it
	}
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	for key, it := range c.fake.items {
		want := model[key]
		if up := upstream[key]; up != nil && !c.rewritten[key] {
			want = up
			for _, attr := range []string{"owner", c.ruledAttr(key)} {
				if model[key][attr] != nil {
					want[attr] = model[key][attr]
				}
			}
			if data := want[c.dataAttr()]; !c.native() && data != nil && sameJSON([]byte(data.str()), []byte(it[c.dataAttr()].str())) {
				want[c.dataAttr()] = it[c.dataAttr()]
			}
		} else if !c.rewritten[key] {
			c.t.Errorf("upstream leaves nothing of %s", it)
		}
		if !it.equal(want) {
			c.t.Errorf("the table has\n%s\nwant\n%s", it, want)
		}
	}
	for key := range upstream {
		if c.fake.items[key] == nil && !c.rewritten[key] {
			c.t.Errorf("the table has nothing at %s", key)
		}
	}
}

// ruledAttr returns the attribute that is another one by the rule under which the record of a
// key differs from upstream's.
func (c *goldenCase) ruledAttr(key string) string {
	return map[string]string{
		"falsy": c.dataAttr(), "undefined": c.dataAttr(), "json-only": c.dataAttr(), "lease": c.leaseAttr(),
		"rounding": c.expiryAttr(), "outlives": c.expiryAttr(),
	}[c.diverged[key]]
}
