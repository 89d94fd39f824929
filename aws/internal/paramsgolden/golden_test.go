package paramsgolden

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/golden"
	"github.com/lambdakit/lambdakit/params"
)

// TestGolden does what recorded programs did with the official libraries for TypeScript
// and Python, and compares the requests that AWS gets, and what they come to. Where this
// module differs on purpose, a rule of goldenRules says so: it rewrites what is expected
// or, where nothing is left to compare, skips the case.
func TestGolden(t *testing.T) {
	golden.Run(t, "params.json", named(), func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := &goldenCase{t: t, rules: map[string]bool{}, caches: map[config]*params.Cache{}, known: map[string]known{}}
		defer func() {
			for id := range c.rules {
				touch(id)
			}
		}()
		c.decode(text)
		c.setenv()
		c.do()
		switch {
		case c.compared > 0:
			return ""
		case c.skip == "":
			t.Error("nothing was compared, and no rule says why")
		}
		return c.skip
	})
}

// named returns the rules with what golden.Run wants of them.
func named() []golden.Rule {
	all := make([]golden.Rule, len(goldenRules))
	for i, r := range goldenRules {
		all[i] = golden.Rule{ID: r.id, Reason: r.reason}
	}
	return all
}

// goldenCase is one case of the file and what came of it.
type goldenCase struct {
	Lang  string
	Given struct {
		NowMS           int64 `json:"now_ms"`
		Env             map[string]string
		ProviderOptions map[string]any `json:"provider_options"`
		Provider        string
		Backend         json.RawMessage
		Steps           []goldenStep
	}
	Want struct {
		Steps []struct {
			Op       string
			Requests []struct {
				Target, Op, Method, URL string
				Input, Body             map[string]any
			}
			Result json.RawMessage
			Error  *failure
		}
		Error *failure // of making the provider
	}

	t        *testing.T
	rules    map[string]bool
	skip     string // a rule that leaves nothing of a step to compare
	compared int    // steps
	now      time.Time
	backend  *backend
	endpoint string
	caches   map[config]*params.Cache
	known    map[string]known // what is cached, by the key of an ask
	polls    int              // upstream's, of AppConfig
	done     []*stepRun
	started  time.Time // the session of AppConfig
}

// known is what is cached of one parameter.
type known struct {
	at      time.Time
	missing bool
}

type goldenStep struct {
	Op     string
	Args   []any
	Kwargs map[string]any
	MS     int64
}

func (c *goldenCase) rule(id string) { c.rules[id] = true }

func (c *goldenCase) clock() time.Time { return c.now }

func (c *goldenCase) unknown(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("the case has something that this test does not know: "+format, args...)
}

// decode refuses what the interpreter does not know: a case that is understood by half
// proves nothing.
func (c *goldenCase) decode(text []byte) {
	var parts struct{ Given, Want json.RawMessage }
	if err := json.Unmarshal(text, &parts); err != nil {
		c.t.Fatal(err)
	}
	strict := func(text []byte, v any) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			c.unknown("%v", err)
		}
	}
	json.Unmarshal(text, &struct{ Lang *string }{&c.Lang})
	if c.Lang != "ts" && c.Lang != "python" {
		c.unknown("the language %q", c.Lang)
	}
	strict(parts.Given, &c.Given)
	strict(parts.Want, &c.Want)
	c.backend = &backend{t: c.t}
	strict(c.Given.Backend, c.backend)
	switch c.Given.Provider {
	case "ssm", "secrets", "appconfig", "dynamodb":
	default:
		c.unknown("the provider %q", c.Given.Provider)
	}
	for name := range c.Given.ProviderOptions {
		switch option(name) {
		case "environment", "application", "tablename", "keyattr", "sortattr", "valueattr":
		default:
			c.unknown("the provider's option %s", name)
		}
	}
	if c.Want.Error == nil && len(c.Want.Steps) != len(c.Given.Steps) {
		c.unknown("%d steps with %d outcomes", len(c.Given.Steps), len(c.Want.Steps))
	}
}

// setenv makes the environment that of the case alone.
func (c *goldenCase) setenv() {
	golden.Setenv(c.t, c.Given.Env)
}

// do does the steps and compares them.
func (c *goldenCase) do() {
	server := httptest.NewServer(c.backend)
	defer server.Close()
	c.endpoint = server.URL
	c.now = time.UnixMilli(c.Given.NowMS)
	for i, g := range c.Given.Steps {
		if g.Op == "advance" {
			c.now = c.now.Add(time.Duration(g.MS) * time.Millisecond)
			continue
		}
		s := c.step(g)
		c.expect(s, i)
		c.backend.publish(c.polls)
		c.run(s)
		s.gotRequests = c.backend.take()
		failed := c.t.Failed()
		c.check(s)
		if c.t.Failed() && !failed {
			c.t.Errorf("… in step %d: %+v", i, g)
		}
		c.done = append(c.done, s)
	}
}

// expect reads what upstream made of a step.
func (c *goldenCase) expect(s *stepRun, i int) {
	if c.Want.Error != nil {
		c.rule("late")
		s.wantErr = &failure{any: true}
		return
	}
	w := c.Want.Steps[i]
	s.wantErr = w.Error
	if w.Result == nil && w.Error == nil {
		c.unknown("step %d has neither result nor error", i)
	}
	if w.Result != nil {
		json.Unmarshal(w.Result, &s.want)
	}
	for _, r := range w.Requests {
		_, op, _ := strings.Cut(r.Target, ".")
		req := request{cmp.Or(op, r.Op), r.Input}
		switch path, token, _ := strings.Cut(r.URL, "?configuration_token="); {
		case path == "/configurationsessions":
			req = request{"StartConfigurationSession", r.Body}
		case path == "/configuration":
			req = request{"GetLatestConfiguration", map[string]any{"ConfigurationToken": token}}
		case path != "" || req.op == "":
			c.unknown("a request to %q", r.URL)
		}
		for k, v := range req.input {
			if b, ok := taggedBytes(v); ok {
				text, _ := json.Marshal(b)
				req.input[k] = strings.Trim(string(text), `"`)
			}
		}
		if req.op == "GetLatestConfiguration" {
			c.polls++
		}
		s.wantRequests = append(s.wantRequests, req)
	}
}

// check applies the rules and compares.
func (c *goldenCase) check(s *stepRun) {
	for _, r := range goldenRules {
		if r.step != nil && r.step(c, s) {
			c.rule(r.id)
		}
	}
	c.remember(s)
	if s.wantErr == nil && s.want == (any)(skipped{}) {
		return
	}
	c.compared++
	same := func(a, b request) bool { return a.String() == b.String() }
	if !slices.EqualFunc(s.gotRequests, s.wantRequests, same) {
		c.t.Errorf("the requests are\n%v\nwant\n%v", s.gotRequests, s.wantRequests)
	}
	if s.wantErr != nil {
		c.checkError(s)
		return
	}
	if s.err != nil {
		c.t.Errorf("it fails: %v (want %v)", s.err, s.want)
	} else if why := c.differ(s.want, s.got); why != "" {
		c.t.Errorf("the result is %#v, want %#v: %s", s.got, s.want, why)
	}
}

// skipped stands for a result that a rule leaves nothing of to compare.
type skipped struct{}
