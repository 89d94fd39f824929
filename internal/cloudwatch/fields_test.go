package cloudwatch_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

// errorParts are the members of an error. Package logging writes them without a constant.
var errorParts = []string{"error.message", "error.type", "error.stack", "error.cause", "error.causes"}

func TestFields_AreTheFieldsOfTheCode(t *testing.T) {
	t.Parallel()
	written := readCode(t).fields
	documented := make(map[string]bool)
	for _, f := range cloudwatch.Fields {
		documented[f.Name] = true
		folders := strings.Fields(written[f.Name])
		if len(folders) == 0 && !slices.Contains(errorParts, f.Name) {
			t.Errorf("got no code that writes the field %s", f.Name)
		}
		for _, folder := range folders {
			if !slices.Contains(strings.Split(f.Writer, ", "), folder) {
				t.Errorf("%s: got the writer %q, want %s in it", f.Name, f.Writer, folder)
			}
		}
	}
	for name, folder := range written {
		if !documented[name] {
			t.Errorf("%s writes the field %s, and the list does not have it", folder, name)
		}
	}
}

func TestMessages_AreTheMessagesOfTheCode(t *testing.T) {
	t.Parallel()
	written := readCode(t).messages
	for _, m := range cloudwatch.Messages {
		found := ""
		for text, where := range written {
			if prefix, ok := strings.CutSuffix(text, "*"); text == m.Text || ok && strings.HasPrefix(m.Text, prefix) {
				found = where
			}
		}
		if want := m.Level + " " + m.Writer; found != want {
			t.Errorf("%s: got %q in the code, want %q", m.Text, found, want)
		}
	}
	for text, where := range written {
		prefix, ok := strings.CutSuffix(text, "*")
		if !slices.ContainsFunc(cloudwatch.Messages, func(m cloudwatch.Message) bool { return m.Text == text || ok && strings.HasPrefix(m.Text, prefix) }) {
			t.Errorf("%s writes %q, and the list does not have it", where, text)
		}
	}
}

func TestMetrics_AreTheMetricsOfTheCode(t *testing.T) {
	t.Parallel()
	written := maps.Clone(readCode(t).metrics)
	text, err := os.ReadFile("../../metrics/batch.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\{"([A-Za-z]+)", r\.`).FindAllStringSubmatch(string(text), -1) {
		written[m[1]] = true
	}
	var got []string
	for _, m := range cloudwatch.EMFMetrics {
		got = append(got, m.Name)
	}
	slices.Sort(got)
	if want := slices.Sorted(maps.Keys(written)); !slices.Equal(got, want) {
		t.Errorf("got the metrics %v, want %v, which the code writes", got, want)
	}
}

// tables are the tables of docs/fields.md by their names.
func tables() map[string]string {
	fields := func(list []cloudwatch.Field) string {
		var b strings.Builder
		b.WriteString("| field | type | written by | when |\n|---|---|---|---|\n")
		for _, f := range list {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, f.Writer, f.When)
		}
		return b.String()
	}
	var messages, metrics strings.Builder
	messages.WriteString("| message | level | written by | meaning |\n|---|---|---|---|\n")
	for _, m := range cloudwatch.Messages {
		fmt.Fprintf(&messages, "| `%s` | %s | %s | %s |\n", m.Text, m.Level, m.Writer, m.Meaning)
	}
	metrics.WriteString("| metric | unit | dimensions | when |\n|---|---|---|---|\n")
	for _, m := range cloudwatch.EMFMetrics {
		fmt.Fprintf(&metrics, "| `%s` | %s | %s | %s |\n", m.Name, m.Unit, m.Dimensions, m.When)
	}
	return map[string]string{
		"fields": fields(cloudwatch.Fields), "messages": messages.String(), "metrics": metrics.String(), "lambda": fields(cloudwatch.LambdaFields),
	}
}

func TestFieldsDocument_HasTheTables(t *testing.T) {
	t.Parallel()
	const file = "../../docs/fields.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, want := range tables() {
		begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
		before, rest, ok := strings.Cut(text, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the table %s", file, name)
		}
		if *update {
			text = before + begin + want + end + after
			continue
		}
		if got != want {
			t.Errorf("%s has another table of %s; run: go test ./internal/cloudwatch -run FieldsDocument -update\ngot\n%s\nwant\n%s", file, name, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
