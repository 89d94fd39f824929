package goldentest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
)

// check applies the rules that depend on the outcome of the step, and compares.
func (c *testCase) check(s *stepRun) {
	w := &s.want
	if w.completes && s.ran {
		w.requests = append(w.requests, c.endOf(s))
	}
	c.expectFailure(s)
	c.expectRetries(s)
	for i, want := range w.requests {
		if i < len(s.requests) && s.requests[i].Op == want.Op {
			got := s.requests[i]
			c.expectOwner(s, want, got)
			c.expectData(s, want, got)
			if got.Raw != want.Raw {
				c.rule("placeholders")
			}
			c.wanted[got] = want
			if got.Applied && want.Op == "PutItem" && w.puts != "" {
				c.diverged[w.key] = w.puts
			}
		}
	}
	c.cached[w.key] = c.Given.Config.UseLocalCache && s.err == nil && !s.hung
	c.compare(s)
}

func (c *testCase) compare(s *stepRun) {
	w := &s.want
	if s.ran != w.ran || s.hung != w.hung {
		c.t.Errorf("got a handler that ran: %v, and hung: %v, want %v and %v", s.ran, s.hung, w.ran, w.hung)
	}
	if !c.is(s, w.kind) {
		c.t.Errorf("got error %v, want %q", s.err, w.kind)
	}
	if w.result != nil && !fakedynamodb.SameJSON([]byte(s.result.String()), []byte(w.result.String())) {
		c.t.Errorf("got result %v, want %v", s.result, w.result)
	}
	if strings.HasPrefix(w.kind, "server ") && !s.ran && len(s.requests) > 0 {
		c.rule("withdrawn")
		w.requests = append(w.requests, c.withdrawal(s.requests[0]))
	}
	if !slices.EqualFunc(s.requests, w.requests, (*fakedynamodb.Request).Equal) {
		c.t.Errorf("got requests\n%v\nwant\n%v", join(s.requests), join(w.requests))
	}
}

// withdrawal returns the request that follows a failed Begin.
func (c *testCase) withdrawal(put *fakedynamodb.Request) *fakedynamodb.Request {
	return c.parse("DeleteItem", []byte(fakedynamodb.JSON(map[string]any{
		"TableName": put.Table, "Key": put.Key, "ConditionExpression": "attribute_not_exists(#id) OR #owner = :owner",
		"ExpressionAttributeNames":  map[string]string{"#id": c.keyAttr(), "#owner": "owner"},
		"ExpressionAttributeValues": map[string]any{":owner": put.Item["owner"]},
	})))
}

func join(rs []*fakedynamodb.Request) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// expectFailure rewrites the expectation if a request after the handler failed and upstream returns
// its error to the caller.
func (c *testCase) expectFailure(s *stepRun) {
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
	updates := slices.ContainsFunc(w.requests, func(r *fakedynamodb.Request) bool { return r.Op == "UpdateItem" })
	switch {
	case w.completes, w.kind == "":
	case updates:
		c.rule("done")
		c.wantReport(s, w.kind)
		w.result = &a
	default: // upstream could not convert the result into a value of DynamoDB
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

// expectMark expects the mark instead of a result that cannot be stored.
func (c *testCase) expectMark(s *stepRun) {
	w := &s.want
	w.result = nil
	c.rule("mark")
	c.diverged[w.key], c.rewritten[w.key] = "mark", true
	if len(s.reports) == 0 {
		c.t.Error("got no report to OnError, want one of a result that cannot be stored")
	}
	last := s.requests[len(s.requests)-1]
	mark := c.stored(last.Set)
	if !strings.HasPrefix(string(mark.json), `{"$lambdakit":{"lost":"`) {
		c.t.Errorf("got %s stored, want a mark that the result is lost", mark.json)
	}
	w.requests[len(w.requests)-1].Set[c.dataAttr()] = last.Set[c.dataAttr()]
}

// wantReport fails if OnError did not get an error of a kind.
func (c *testCase) wantReport(s *stepRun, kind string) {
	for _, err := range s.reports {
		if code, ok := strings.CutPrefix(kind, "server "); ok && hasCode(err, code) {
			return
		}
	}
	c.t.Errorf("got reports %v to OnError, want %q", s.reports, kind)
}

// expectRetries counts equal successive requests as one if the server answers with a status of
// 500 or more.
func (c *testCase) expectRetries(s *stepRun) {
	retries := slices.ContainsFunc(c.Given.Server, func(r fakedynamodb.Rule) bool { return r.Error != nil && r.Error.Status >= 500 })
	if !retries {
		return
	}
	same := func(a, b *fakedynamodb.Request) bool { return a.String() == b.String() }
	got, want := slices.CompactFunc(slices.Clone(s.requests), same), slices.CompactFunc(slices.Clone(s.want.requests), same)
	if len(got) < len(s.requests) || len(want) < len(s.want.requests) {
		c.rule("retries")
		s.requests, s.want.requests = got, want
	}
}

// expectOwner expects a token in each record, and the last token in the condition of the request
// that ends the execution.
func (c *testCase) expectOwner(s *stepRun, want, got *fakedynamodb.Request) {
	owner := s.requests[0].Item["owner"]
	for _, r := range s.requests {
		if r.Op == "PutItem" {
			owner = r.Item["owner"]
		}
		if r == got {
			break
		}
	}
	if owner.Text() == "" {
		return
	}
	isOwner := &fakedynamodb.Condition{Op: "=", Args: []*fakedynamodb.Condition{{Op: "name", Name: "owner"}, {Op: "value", Value: owner}}}
	isGone := &fakedynamodb.Condition{Op: "attribute_not_exists", Args: []*fakedynamodb.Condition{{Op: "name", Name: c.keyAttr()}}}
	switch want.Op {
	case "PutItem":
		want.Item["owner"] = owner
	case "UpdateItem":
		want.Condition = isOwner
	case "DeleteItem":
		want.Condition = &fakedynamodb.Condition{Op: "OR", Args: []*fakedynamodb.Condition{isGone, isOwner}}
	default:
		return
	}
	c.rule("owner")
}

// expectData applies the rules to a completed record.
func (c *testCase) expectData(s *stepRun, want, got *fakedynamodb.Request) {
	if want.Op != "UpdateItem" {
		return
	}
	key := s.want.key
	c.expectExpiry(want.Set, s.ended)
	a := answerOf(s.given.Handler.Returns)
	w, g := want.Set[c.dataAttr()], got.Set[c.dataAttr()]
	switch {
	case a.none != nil || w != nil && w.Equal(g):
	case w == nil:
		c.rule("undefined")
		c.diverged[key] = "undefined"
		want.Set[c.dataAttr()] = c.data(answer{json: []byte("null")})
	case c.native() && a.tagged:
		c.rule("json-only")
		c.diverged[key] = "json-only"
		want.Set[c.dataAttr()] = c.data(a)
	case c.native():
	case fakedynamodb.SameJSON([]byte(w.Text()), []byte(g.Text())):
		c.rule("json-text")
		want.Set[c.dataAttr()] = g
	case w.Text() == "null" && slices.Contains([]string{"false", "0", "0.0", "-0.0", `""`, "[]", "{}"}, string(a.json)):
		c.rule("falsy")
		c.diverged[key] = "falsy"
		want.Set[c.dataAttr()] = c.data(a)
	}
}

// checkTable compares the table at the end with upstream's table. If a rule changed a record, it
// compares that record with the effect of the expected requests.
func (c *testCase) checkTable() {
	model := map[string]fakedynamodb.Item{}
	for _, r := range c.history {
		if want := c.wanted[r]; r.Applied && want != nil && r.Op != "GetItem" {
			want.Apply(model)
		}
	}
	upstream := map[string]fakedynamodb.Item{}
	for _, it := range c.Want.TableAfter {
		key := fakedynamodb.Item{}
		for _, name := range c.keySchema() {
			key[name] = it[name]
		}
		upstream[key.String()] = it
	}
	c.fake.Lock()
	defer c.fake.Unlock()
	for key, it := range c.fake.Items {
		want := model[key]
		if up := upstream[key]; up != nil && !c.rewritten[key] {
			want = up
			for _, attr := range []string{"owner", c.ruledAttr(key)} {
				if model[key][attr] != nil {
					want[attr] = model[key][attr]
				}
			}
			if data := want[c.dataAttr()]; !c.native() && data != nil && fakedynamodb.SameJSON([]byte(data.Text()), []byte(it[c.dataAttr()].Text())) {
				want[c.dataAttr()] = it[c.dataAttr()]
			}
		} else if !c.rewritten[key] {
			c.t.Errorf("got %s in the table, want no such item", it)
		}
		if !it.Equal(want) {
			c.t.Errorf("got item\n%s\nwant\n%s", it, want)
		}
	}
	for key := range upstream {
		if c.fake.Items[key] == nil && !c.rewritten[key] {
			c.t.Errorf("got no item at %s, want one", key)
		}
	}
}

// ruledAttr returns the attribute in which the record of a key differs from upstream's.
func (c *testCase) ruledAttr(key string) string {
	return map[string]string{
		"falsy": c.dataAttr(), "undefined": c.dataAttr(), "json-only": c.dataAttr(), "lease": c.leaseAttr(),
		"rounding": c.expiryAttr(), "outlives": c.expiryAttr(),
	}[c.diverged[key]]
}
