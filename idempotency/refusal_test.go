package idempotency_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
)

// A key that differs from the other language's is a silent second run.
func TestNew_RefusesKeysThatDifferInTheOtherLanguage(t *testing.T) {
	t.Parallel()
	const python, typeScript = 1, 2
	for text, refused := range map[string]int{
		"[customer, orderId]":                0,
		"powertools_json(body).orderId":      0,
		"powertools_json(body).[user, item]": 0,
		"Records[0].messageId":               0,
		"items[*].sku":                       0,
		"items[?sku == 'a'].price":           0,
		"type(amount)":                       0,
		"to_string(amount)":                  python | typeScript,
		"sort(tags)":                         typeScript,
		"sort_by(items, &sku)":               typeScript,
		"max(tags)":                          typeScript,
		"length(name)":                       typeScript,
		"reverse(name)":                      typeScript,
		"values(prices)":                     typeScript,
		"keys(prices)":                       typeScript,
		"prices.*":                           typeScript,
		"to_number(amount)":                  python | typeScript,
		"sum(items[].price)":                 python | typeScript,
		"avg(items[].price)":                 python | typeScript,
		"merge(a, b)":                        python | typeScript,
		"not_null(a, b)":                     typeScript,
		`""`:                                 typeScript,
		"items[?a > b]":                      python | typeScript,
	} {
		for language, digest := range map[int]*idempotency.Digest{python: idempotency.PythonKey("app.handler", nil), typeScript: idempotency.TypeScriptKey(nil)} {
			for name, o := range map[string]*idempotency.Options{
				"Key": {Key: idempotency.JMESPath(text)}, "Validate": {Validate: idempotency.JMESPath(text)},
			} {
				o.Prefix, o.Digest = "p", digest
				_, err := idempotency.New(nil, o)
				if want := refused&language != 0; (err != nil) != want {
					t.Errorf("%s %s, language %d: got %v, want it refused: %v", name, text, language, err, want)
				} else if want && (!strings.Contains(err.Error(), "Options."+name) || !strings.Contains(err.Error(), "KeyFunc")) {
					t.Errorf("%s %s: got %v, want an error that names the option and the alternative", name, text, err)
				}
			}
		}
		if _, err := idempotency.New(nil, &idempotency.Options{Prefix: "p", Key: idempotency.JMESPath(text)}); err != nil {
			t.Errorf("%s with the default digest: %v", text, err)
		}
	}
}

var update = flag.Bool("update", false, "write the table of docs/keys.md")

// The document has a row for each function and form.
func TestKeysDocument_HasTheTable(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../docs/keys.md", "<!-- differences -->\n", "<!-- end of differences -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	var table strings.Builder
	table.WriteString("| function or form | with PythonKey | with TypeScriptKey |\n|---|---|---|\n")
	cell := func(why string) string {
		if why == "" {
			return "allowed"
		}
		return "refused: " + why
	}
	for _, r := range jmespath.Differences() {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", r.Name, cell(r.Python), cell(r.TypeScript))
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != table.String() {
		t.Errorf("%s has another table; run: go test ./idempotency -run KeysDocument -update\ngot\n%s\nwant\n%s", file, got, table.String())
	}
}
