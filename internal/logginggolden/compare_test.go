package logginggolden

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// zone returns the time zone of the case, UTC where it is not known.
func (c *testCase) zone() (*time.Location, error) {
	name := strings.TrimPrefix(c.Given.Env["TZ"], ":")
	if name == "Etc/UTC" || c.Given.Options["utc"] == true {
		name = "UTC"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC
	}
	return loc, err
}

// timestamp returns text in the form that is ours; text that says less than a time
// becomes the time of the case.
func (c *testCase) timestamp(text string) string {
	loc, _ := c.zone()
	at, err := time.Parse("2006-01-02 15:04:05.000-0700", strings.Replace(text, ",", ".", 1))
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		at = time.UnixMilli(c.Given.NowMS).In(loc)
	}
	if _, offset := at.Zone(); offset == 0 && loc == time.UTC {
		return at.Format("2006-01-02T15:04:05.000Z")
	}
	return at.Format("2006-01-02T15:04:05.000-07:00")
}

// dropOwnLines takes lines out of the wanted ones that upstream wrote about itself.
func (c *testCase) dropOwnLines(match func(text string) bool) (texts []string) {
	c.want = slices.DeleteFunc(c.want, func(l line) bool {
		text := l.plain + l.text("message")
		own := text != "" && !c.messages[text] && text != "Lambda invocation event" && match(text)
		if own {
			texts = append(texts, text)
		}
		return own
	})
	return texts
}

// compare applies the rules, then compares what is left.
func (c *testCase) compare(t *testing.T) {
	for _, r := range rules {
		if r.lines != nil && r.lines(c) {
			c.rule(r.id)
		}
	}
	if len(c.unreported) > 0 && len(c.reports) == 0 {
		t.Errorf("OnError was told nothing; upstream says %q", c.unreported)
	}
	for _, step := range c.errors {
		if !c.failures[step] {
			t.Errorf("step %s fails upstream, and not here", step)
		}
		delete(c.failures, step)
	}
	if len(c.failures) > 0 {
		t.Errorf("steps %v fail, and not upstream", slices.Sorted(maps.Keys(c.failures)))
	}
	if len(c.got) != len(c.want) {
		t.Fatalf("got %d lines %v\nwant %d %v", len(c.got), c.got, len(c.want), c.want)
	}
	for i, want := range c.want {
		got := c.got[i]
		for _, r := range rules {
			if r.line != nil && r.line(c, want, got) {
				c.rule(r.id)
			}
		}
		if !same(want.fields, got.fields) {
			t.Errorf("line %d\n got %v\nwant %v", i, got.fields, want.fields)
		}
		var own []string // in our order
		for _, name := range ownFields {
			if slices.Contains(got.keys, name) {
				own = append(own, name)
			}
		}
		if !slices.Equal(own, got.keys[:len(own)]) {
			t.Errorf("line %d: the fields are in the order %v, want %v first", i, got.keys, own)
		}
		if got.indented != want.indented {
			t.Errorf("line %d: indented %v, want %v", i, got.indented, want.indented)
		}
	}
}
