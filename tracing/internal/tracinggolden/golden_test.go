package tracinggolden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/internal/golden"
	"github.com/lambdakit/lambdakit/internal/xraytest"
)

// TestGolden runs programs that were recorded with the official library for TypeScript and compares
// the documents that the daemon gets. Each deliberate difference is one of the rules. The
// rule changes the expected documents, or skips the case if nothing can be compared.
func TestGolden(t *testing.T) {
	golden.Run(t, "tracer_segments.json", named(), func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := &testCase{t: t, rules: map[string]bool{}, errors: map[string]string{}}
		defer func() {
			for id := range c.rules {
				touch(id)
			}
		}()
		c.decode(text)
		c.setenv()
		daemon := newDaemon(t)
		t.Setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address())
		synctest.Test(t, func(*testing.T) { c.run() })
		datagrams := daemon.close()
		if c.skip == "" {
			c.compare(datagrams)
		}
		return c.skip
	})
}

// named returns the ids and reasons of the rules for golden.Run.
func named() []golden.Rule {
	all := make([]golden.Rule, len(rules))
	for i, r := range rules {
		all[i] = golden.Rule{ID: r.id, Reason: r.reason}
	}
	return all
}

// testCase is one case of the file and its result.
type testCase struct {
	Lang  string
	Given struct {
		NowMS   int64 `json:"now_ms"`
		Env     map[string]string
		Options map[string]any
		Steps   []recordedStep
	}
	Want struct {
		Datagrams []struct {
			Header  string
			Segment map[string]any
		}
		SentHeaders []map[string]any `json:"sent_headers"`
		Warnings    []any
		Errors      []struct {
			Step          any
			Name, Message string
		}
	}

	t         *testing.T
	rules     map[string]bool
	skip      string // the rule that skips the case
	service   string
	reports   []string          // errors that OnError got
	needs     []string          // texts that the reports must contain
	spans     []*span           // spans of the program, sorted by end
	told      bool              // the cold start was reported
	errors    map[string]string // errors of failed steps
	sent      []string          // trace headers of requests
	want, got []*document
	wantSent  []string
}

type recordedStep struct {
	Op, Name, Path, Table string
	Args                  []json.RawMessage
	Event                 json.RawMessage
	Steps                 []recordedStep
	Options               map[string]any
	Status                int
	Returns, Throws       json.RawMessage // nil: unset
}

// decode fails on unknown members, so that the test does not ignore a part of a case.
func (c *testCase) decode(text []byte) {
	var parts struct{ Given, Want json.RawMessage }
	if err := json.Unmarshal(text, &parts); err != nil {
		c.t.Fatal(err)
	}
	strict := func(text []byte, v any) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			c.t.Fatalf("the case has something that this test does not know: %v", err)
		}
	}
	json.Unmarshal(text, &struct{ Lang *string }{&c.Lang})
	if c.Lang != "ts" {
		c.t.Fatalf("the case has something that this test does not know: the language %q", c.Lang)
	}
	strict(parts.Given, &c.Given)
	strict(parts.Want, &c.Want)
}

// setenv sets the environment of the case and clears other variables.
func (c *testCase) setenv() {
	c.t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "")
	c.t.Setenv("_HANDLER", "")
	golden.Setenv(c.t, c.Given.Env)
	function := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	switch execution := os.Getenv("AWS_EXECUTION_ENV"); {
	case execution == "" || execution == "AWS_Lambda_amplify-mock":
		function = ""
	case function == "":
		function = "function"
	}
	if function != os.Getenv("AWS_LAMBDA_FUNCTION_NAME") {
		c.rule("lambda-env")
		c.t.Setenv("AWS_LAMBDA_FUNCTION_NAME", function)
	}
}

func (c *testCase) rule(id string) { c.rules[id] = true }

// stop skips the case because of a rule.
func (c *testCase) stop(rule, why string) {
	c.rule(rule)
	if c.skip == "" {
		c.skip = rule
		c.t.Log("skipped: " + why)
	}
}

// failure returns the error that a step threw upstream.
func (c *testCase) failure(at string) (message string, failed bool) {
	for _, e := range c.Want.Errors {
		if fmt.Sprint(e.Step) == at {
			return e.Message, true
		}
	}
	return "", false
}

// need adds a text that the reports must contain.
func (c *testCase) need(format string, args ...any) {
	c.needs = append(c.needs, fmt.Sprintf(format, args...))
}

// daemon is an X-Ray daemon. It reads while the program runs, so that its socket buffer does
// not fill up.
type daemon struct {
	t    *testing.T
	conn *net.UDPConn
	all  chan []string
}

const lastDatagram = "that was the last one"

func newDaemon(t *testing.T) *daemon {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadBuffer(4 << 20)
	d := &daemon{t, conn, make(chan []string, 1)}
	go d.read()
	return d
}

func (d *daemon) address() string { return d.conn.LocalAddr().String() }

func (d *daemon) read() {
	var all []string
	b := make([]byte, 1<<16)
	for {
		n, err := d.conn.Read(b)
		if err != nil || string(b[:n]) == lastDatagram {
			d.all <- all
			return
		}
		all = append(all, string(b[:n]))
	}
}

// close returns the datagrams that were sent.
func (d *daemon) close() []string {
	defer d.conn.Close()
	end, err := net.Dial("udp4", d.address())
	if err != nil {
		d.t.Fatal(err)
	}
	defer end.Close()
	d.conn.SetReadDeadline(time.Now().Add(time.Minute)) // the system may lose the last datagram
	if _, err := end.Write([]byte(lastDatagram)); err != nil {
		d.t.Fatal(err)
	}
	return <-d.all
}

// compare applies the rules and compares.
func (c *testCase) compare(datagrams []string) {
	for _, w := range c.Want.Datagrams {
		c.want = append(c.want, &document{header: w.Header, m: w.Segment})
	}
	for _, text := range datagrams {
		if _, document, ok := strings.Cut(text, "\n"); ok {
			xraytest.Validate(c.t, []byte(document))
		}
		c.got = append(c.got, c.parseDoc(text))
	}
	for _, h := range c.Want.SentHeaders {
		value, _ := h["x-amzn-trace-id"].(string)
		c.wantSent = append(c.wantSent, value)
	}
	align(c.got, c.spans)
	align(c.want, slices.DeleteFunc(slices.Clone(c.spans), func(sp *span) bool { return sp.kind == "outer" }))
	for _, r := range rules {
		if r.docs != nil && r.docs(c) {
			c.rule(r.id)
		}
	}
	c.wantSent = c.normalize(c.want, c.wantSent)
	c.sent = c.normalize(c.got, c.sent)
	for _, r := range rules {
		for _, w := range c.want {
			if r.doc != nil && w.span != nil && r.doc(c, w) {
				c.rule(r.id)
			}
		}
	}

	for i := range max(len(c.want), len(c.got)) {
		switch {
		case i >= len(c.got):
			c.t.Errorf("datagram %d is missing:\n%s", i, c.want[i])
		case i >= len(c.want):
			c.t.Errorf("datagram %d should not be there:\n%s", i, c.got[i])
		case !c.want[i].same(c.got[i]):
			c.t.Errorf("datagram %d is\n%s\nwant\n%s", i, c.got[i], c.want[i])
		}
	}
	if !slices.Equal(c.sent, c.wantSent) {
		c.t.Errorf("the trace headers of requests are %q, want %q", c.sent, c.wantSent)
	}
	for _, e := range c.Want.Errors {
		at := fmt.Sprint(e.Step)
		if got, ok := c.errors[at]; !ok || got != e.Message {
			c.t.Errorf("step %s fails with %q, want %q", at, got, e.Message)
		}
		delete(c.errors, at)
	}
	for at, message := range c.errors {
		c.t.Errorf("step %s fails with %q", at, message)
	}
	c.compareReports()
}

func (c *testCase) compareReports() {
	for _, need := range c.needs {
		i := slices.IndexFunc(c.reports, func(s string) bool { return strings.Contains(s, need) })
		if i < 0 {
			c.t.Errorf("nothing is reported of %s: %q", need, c.reports)
		}
	}
	for _, r := range c.reports {
		if !slices.ContainsFunc(c.needs, func(need string) bool { return strings.Contains(r, need) }) {
			c.t.Errorf("reported: %s", r)
		}
	}
}
