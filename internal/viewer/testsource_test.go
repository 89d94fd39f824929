package viewer

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestTestSource(t *testing.T) {
	t.Parallel()
	const (
		fails  = "if res.Err == nil {"
		works  = "if res.Err != nil {"
		wanted = "const want = "
	)
	metrics := []Metric{{Name: "Orders"}, {Name: "Orders"}, {Name: "Total"}}
	for name, c := range map[string]struct {
		inv         Invocation
		want, lacks []string
	}{
		"an answer":  {Invocation{Summary: Summary{Title: "POST /orders", Outcome: InvocationOK}, Event: Body{Text: "{}"}, Response: Body{Text: "1"}}, []string{"func TestPOSTOrders(t", "const event = `{}`", works, wanted + "`1`"}, []string{fails, "res.Metric"}},
		"a refusal":  {Invocation{Summary: Summary{Outcome: InvocationRefused}, Response: Body{Text: "1"}}, []string{"func TestEvent(t", works, wanted}, []string{fails}},
		"no answer":  {Invocation{Summary: Summary{Outcome: InvocationOK}}, []string{works}, []string{wanted}},
		"binary":     {Invocation{Summary: Summary{Outcome: InvocationOK}, Response: Body{Text: "/w==", Binary: true}}, []string{works}, []string{wanted}},
		"a stream":   {Invocation{Summary: Summary{Outcome: InvocationOK}, Response: Body{Text: "x", Prelude: "{}"}}, []string{works}, []string{wanted}},
		"a failure":  {Invocation{Summary: Summary{Outcome: InvocationFailed}, Response: Body{Text: "1"}}, []string{fails}, []string{works, wanted}},
		"a timeout":  {Invocation{Summary: Summary{Outcome: InvocationTimeout}}, []string{fails}, []string{works}},
		"metrics":    {Invocation{Summary: Summary{Metrics: metrics}}, []string{`res.Metric("Orders") // `, `res.Metric("Total") // `}, nil},
		"odd titles": {Invocation{Summary: Summary{Title: "été 2026, b"}}, []string{"func TestÉté2026B(t"}, nil},
	} {
		got := testSource(&c.inv)
		if _, err := parser.ParseFile(token.NewFileSet(), "x_test.go", "package x\n"+got, 0); err != nil {
			t.Errorf("%s: %v in\n%s", name, err, got)
		}
		for _, want := range c.want {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s: got\n%s\nwant %s once in it", name, got, want)
			}
		}
		for _, lacks := range c.lacks {
			if strings.Contains(got, lacks) {
				t.Errorf("%s: got\n%s\nwant no %s in it", name, got, lacks)
			}
		}
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":         "``",
		"a\n\tb":   "`a\n\tb`",
		"a`b":      `"a` + "`" + `b"`,
		"a\r\nb":   `"a\r\nb"`,
		"a\x00b":   `"a\x00b"`,
		"\ufeff{}": `"\ufeff{}"`,
	} {
		if got := literal(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
