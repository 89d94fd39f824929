package metrics_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// emfSchemaText is the schema that the specification of EMF publishes.
//
//go:embed testdata/emf-schema.json
var emfSchemaText []byte

var emfSchema = sync.OnceValue(func() (s map[string]any) {
	if err := json.Unmarshal(emfSchemaText, &s); err != nil {
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
func emfProblems(line []byte) []string {
	var v any
	if err := json.Unmarshal(line, &v); err != nil {
		return []string{err.Error()}
	}
	return schemaProblems(emfSchema(), v, "document")
}

// schemaProblems interprets the keywords that the schema uses. It fails on others, so
// that a newer schema does not pass for one that is checked.
func schemaProblems(schema map[string]any, v any, at string) (problems []string) {
	bad := func(format string, args ...any) {
		problems = append(problems, at+" "+fmt.Sprintf(format, args...))
	}
	object, _ := v.(map[string]any)
	array, isArray := v.([]any)
	text, isText := v.(string)
	for keyword, want := range schema {
		limit, _ := want.(float64)
		switch keyword {
		case "$schema", "title", "examples":
		case "type":
			if !isSchemaType(v, want.(string)) {
				bad("is no %v", want)
			}
		case "required":
			for _, name := range want.([]any) {
				if _, ok := object[name.(string)]; object != nil && !ok {
					bad("has no %v", name)
				}
			}
		case "properties":
			for name, s := range want.(map[string]any) {
				if member, ok := object[name]; ok {
					problems = append(problems, schemaProblems(s.(map[string]any), member, at+"."+name)...)
				}
			}
		case "items":
			for i, x := range array {
				problems = append(problems, schemaProblems(want.(map[string]any), x, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "minItems":
			if isArray && len(array) < int(limit) {
				bad("has %d items", len(array))
			}
		case "maxItems":
			if isArray && len(array) > int(limit) {
				bad("has %d items", len(array))
			}
		case "minLength":
			if isText && utf8.RuneCountInString(text) < int(limit) {
				bad("is shorter than %v", limit)
			}
		case "maxLength":
			if isText && utf8.RuneCountInString(text) > int(limit) {
				bad("is longer than %v", limit)
			}
		case "pattern":
			if isText && !schemaPattern(want.(string)).MatchString(text) {
				bad("%.60q does not match %.60s", text, want)
			}
		default:
			bad("is under the keyword %q, which this validator does not know", keyword)
		}
	}
	return problems
}

func isSchemaType(v any, want string) bool {
	switch v := v.(type) {
	case map[string]any:
		return want == "object"
	case []any:
		return want == "array"
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case float64:
		return want == "number" || want == "integer" && v == math.Trunc(v)
	}
	return want == "null"
}

var schemaPatterns sync.Map

func schemaPattern(pattern string) *regexp.Regexp {
	if known, ok := schemaPatterns.Load(pattern); ok {
		return known.(*regexp.Regexp)
	}
	re := regexp.MustCompile(pattern)
	schemaPatterns.Store(pattern, re)
	return re
}

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
	if problems := schemaProblems(map[string]any{"oneOf": []any{}}, nil, "x"); len(problems) != 1 {
		t.Errorf("an unknown keyword passes: %v", problems)
	}
}
