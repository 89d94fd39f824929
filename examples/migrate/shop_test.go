package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

type Order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
	Card  string  `json:"card"`
}

type Receipt struct {
	OrderID string `json:"order_id"`
}

var (
	good = Order{ID: "o-1001", Total: 29.95}
	bad  = Order{ID: "o-1002", Total: 12.5, Card: "tok_declined"}
)

var errDeclined = errors.New("card declined")

// charge stands in for a payment provider.
func charge(_ context.Context, o Order) (Receipt, error) {
	if o.Card == "tok_declined" {
		return Receipt{}, errDeclined
	}
	return Receipt{OrderID: o.ID}, nil
}

// t is the argument of package lambdatest outside a test.
var t = new(testing.T)

// stdout writes to os.Stdout, with texts that are the same in each run.
type stdout struct{}

var masks = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`"(timestamp|time)":"[^"]*T[^"]*\.\d+[^"]*"`), `"$1":"2026-11-22T10:15:30.123Z"`},
	{regexp.MustCompile(`"time":"[^".]*"`), `"time":"2026-11-22T10:15:30Z"`},
	{regexp.MustCompile(`"ts":[\d.e+]+`), `"ts":1795342530.123`},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), `c6af9ac6-7b61-11e6-9a41-93e8deadbeef`},
	{regexp.MustCompile(`"xray_trace_id":"[^"]*"`), `"xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793"`},
}

func (stdout) Write(line []byte) (int, error) {
	text := string(line)
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.text)
	}
	width := 0
	members := strings.Split(strings.TrimSpace(text), `,"`)
	for i, member := range members {
		if i > 0 {
			member = `"` + member
		}
		if i < len(members)-1 {
			member += ","
		}
		if width > 0 && width+len(member) > 100 {
			fmt.Fprint(os.Stdout, "\n ")
			width = 1
		}
		fmt.Fprint(os.Stdout, member)
		width += len(member)
	}
	fmt.Fprintln(os.Stdout)
	return len(line), nil
}

// show prints the lines of an invocation.
func show(res *lambdatest.Result) {
	for line := range strings.Lines(string(res.Output)) {
		stdout{}.Write([]byte(line))
	}
}
