package viewer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// testSource returns a Go test that sends the event of an invocation to the handler, and expects what
// the function did.
func testSource(inv *Invocation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "func Test%s(t *testing.T) {\n", testName(inv.Title))
	b.WriteString("\tconst event = " + literal(inv.Event.Text) + "\n")
	b.WriteString("\tres := lambdatest.Run(t, handler, event) // handler is the argument of lambda.Start\n")
	if inv.Outcome == InvocationFailed || inv.Outcome == InvocationTimeout {
		b.WriteString("\tif res.Err == nil {\n\t\tt.Errorf(\"got the response %s, want an error\", res.Response)\n\t}\n")
	} else {
		b.WriteString("\tif res.Err != nil {\n\t\tt.Fatalf(\"got the error %v, want a response: %s\", res.Err, res.Output)\n\t}\n")
		if inv.Response.Text != "" && !inv.Response.Binary && inv.Response.Prelude == "" {
			b.WriteString("\tconst want = " + literal(inv.Response.Text) + "\n")
			b.WriteString("\tif got := string(res.Response); got != want {\n\t\tt.Errorf(\"got %s, want %s\", got, want)\n\t}\n")
		}
	}
	for _, name := range metricNames(inv) {
		fmt.Fprintf(&b, "\tres.Metric(%q) // fails the test if it is missing\n", name)
	}
	b.WriteString("}\n")
	return b.String()
}

func metricNames(inv *Invocation) []string {
	var names []string
	known := make(map[string]bool)
	for _, m := range inv.Metrics {
		if !known[m.Name] {
			known[m.Name] = true
			names = append(names, m.Name)
		}
	}
	return names
}

// testName returns a title as a part of an identifier.
func testName(title string) string {
	var b strings.Builder
	upper := true
	for _, r := range title {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "Event"
	}
	return b.String()
}

// literal returns a Go string literal, a raw one if possible.
func literal(s string) string {
	if strconv.CanBackquote(strings.NewReplacer("\n", "", "\t", "").Replace(s)) && !strings.ContainsRune(s, '\r') {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}
