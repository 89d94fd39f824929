package metrics_test

import (
	_ "embed"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/internal/schema"
)

// emfSchemaText is the schema that the specification of EMF publishes.
//
//go:embed testdata/emf-schema.json
var emfSchemaText []byte

var emfSchema = sync.OnceValue(func() *schema.Schema {
	s, err := schema.Compile(emfSchemaText)
	if err != nil {
		panic(err)
	}
	return s
})

// validateEMF checks a line against the schema of EMF.
func validateEMF(t testing.TB, line []byte) {
	t.Helper()
	for _, problem := range emfProblems(line) {
		t.Errorf("%s: %.500s", problem, line)
	}
}

// emfProblems returns what the schema has against a line.
func emfProblems(line []byte) []string { return emfSchema().Problems(line) }

func TestSchemaRejectsBrokenDocuments(t *testing.T) {
	t.Parallel()
	const good = `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"m","Unit":"Count","StorageResolution":1}]}]},"d":"v","m":1}`
	if problems := emfProblems([]byte(good)); problems != nil {
		t.Fatal(problems)
	}
	many := func(n int) string { return `[["d"` + strings.Repeat(`,"d"`, n-1) + `]]` }
	for _, c := range []struct{ old, new, want string }{
		{good, `{`, "unexpected end"},
		{good, `[]`, "document is no object"},
		{`"_aws"`, `"aws"`, "document has no _aws"},
		{`"Timestamp":1,`, ``, "has no Timestamp"},
		{`"Timestamp":1`, `"Timestamp":"1"`, "Timestamp is no integer"},
		{`"Timestamp":1`, `"Timestamp":1.5`, "Timestamp is no integer"},
		{`"Namespace":"N",`, ``, "has no Namespace"},
		{`"N"`, `""`, "Namespace is shorter than 1"},
		{`"N"`, `"` + strings.Repeat("é", 1025) + `"`, "Namespace is longer than 1024"},
		{`[["d"]]`, `[]`, "Dimensions has 0 items"},
		{`[["d"]]`, `["d"]`, "Dimensions[0] is no array"},
		{`[["d"]]`, `[[1]]`, "Dimensions[0][0] is no string"},
		{`[["d"]]`, many(31), "Dimensions[0] has 31 items"},
		{`[["d"]]`, `[["d\n"]]`, "does not match"},
		{`"Name":"m",`, ``, "Metrics[0] has no Name"},
		{`"Count"`, `"Furlongs"`, `"Furlongs" does not match`},
		{`"StorageResolution":1`, `"StorageResolution":"high"`, "StorageResolution is no integer"},
	} {
		line := strings.Replace(good, c.old, c.new, 1)
		if problems := emfProblems([]byte(line)); !strings.Contains(strings.Join(problems, "; "), c.want) {
			t.Errorf("%.200s: %q, want %q", line, problems, c.want)
		}
	}
	for _, sets := range []string{`[[]]`, many(30)} {
		if problems := emfProblems([]byte(strings.Replace(good, `[["d"]]`, sets, 1))); problems != nil {
			t.Errorf("%s: %v", sets, problems)
		}
	}
	if _, err := schema.Compile([]byte(`{"format":"x"}`)); err == nil {
		t.Error("an unknown keyword passes")
	}
	if problems := emfProblems([]byte(strings.Replace(good, `"d":"v"`, `"d":"v","d":"w"`, 1))); len(problems) != 1 {
		t.Errorf("a member that comes twice passes: %q", problems)
	}
}
