package guide_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

// Order and Receipt are the event and the response of most functions in the guides.
type Order struct {
	ID      string  `json:"id"`
	Channel string  `json:"channel"`
	Total   float64 `json:"total"`
	Card    string  `json:"card"`
}

type Receipt struct {
	OrderID string `json:"order_id"`
	Payment string `json:"payment"`
}

var (
	errDeclined = errors.New("card declined")

	// good is an order that is accepted, and bad one whose card is declined.
	good = Order{ID: "o-1001", Channel: "web", Total: 29.95, Card: "tok_visa"}
	bad  = Order{ID: "o-1002", Channel: "app", Total: 12.5, Card: "tok_declined"}
)

// charge stands in for a payment provider.
func charge(_ context.Context, o Order) (Receipt, error) {
	if o.Card == "tok_declined" {
		return Receipt{}, errDeclined
	}
	return Receipt{OrderID: o.ID, Payment: "p-" + o.ID}, nil
}

// t is the argument of package lambdatest outside a test.
var t = new(testing.T)

// mask is a part of the output that differs from one run to the next.
type mask struct {
	pattern *regexp.Regexp
	text    string
}

var masks = []mask{
	{regexp.MustCompile(`"timestamp":"[^"]*"`), `"timestamp":"2026-11-22T10:15:30.123Z"`},
	{regexp.MustCompile(`"Timestamp":\d+`), `"Timestamp":1795342530123`},
	{regexp.MustCompile(`"function_request_id":"[^"]*"`), `"function_request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef"`},
	{regexp.MustCompile(`"xray_trace_id":"[^"]*"`), `"xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793"`},
}

// full prints the lines of an invocation, with line breaks between members.
func full(res *lambdatest.Result) {
	text := string(res.Output)
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.text)
	}
	for line := range strings.Lines(text) {
		width := 0
		members := strings.Split(strings.TrimSpace(line), `,"`)
		for i, member := range members {
			if i > 0 {
				member = `"` + member
			}
			if i < len(members)-1 {
				member += ","
			}
			if width > 0 && width+len(member) > 100 {
				fmt.Print("\n ")
				width = 1
			}
			fmt.Print(member)
			width += len(member)
		}
		fmt.Println()
	}
}

// common are the fields that all lines of an invocation share, and the timestamp.
var common = regexp.MustCompile(`,"timestamp":"[^"]*"|,"cold_start":.*"function_request_id":"[^"]*"(,"xray_trace_id":"[^"]*")?|"function_request_id":"[^"]*",`)

// brief prints the lines of an invocation without the timestamp and the fields that all lines share.
func brief(res *lambdatest.Result) {
	for line := range strings.Lines(string(res.Output)) {
		fmt.Print(masks[1].pattern.ReplaceAllString(common.ReplaceAllString(line, ""), masks[1].text))
	}
}
