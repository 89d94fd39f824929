package schematest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsontest"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed testdata
var testdata embed.FS

var (
	emfSchema     = sync.OnceValue(func() *schema { return compile("emf") })
	segmentSchema = sync.OnceValue(func() *schema { return compile("segment") })
)

type schema struct{ compiled *jsonschema.Schema }

// decode returns the schema of testdata with the name.
func decode(name string) any {
	text, err := testdata.ReadFile("testdata/" + name + ".schema.json")
	if err != nil {
		panic(err)
	}
	if problems := jsontest.Problems(text); problems != nil {
		panic(fmt.Sprint(name, problems))
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	return doc
}

func compile(name string) *schema {
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, decode(name)); err != nil {
		panic(err)
	}
	return &schema{c.MustCompile(name)}
}

// problems returns the faults of a document, each with its JSON pointer; nil if it has none.
func (s *schema) problems(document []byte) []string {
	problems := jsontest.Problems(document)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return problems
	}
	if err := s.compiled.Validate(doc); err != nil {
		var invalid *jsonschema.ValidationError
		if !errors.As(err, &invalid) {
			return append(problems, err.Error())
		}
		problems = appendCauses(problems, invalid.DetailedOutput())
	}
	return problems
}

// appendCauses appends the errors that have no further cause, as "pointer: error".
func appendCauses(dst []string, unit *jsonschema.OutputUnit) []string {
	if unit.Error != nil && len(unit.Errors) == 0 {
		return append(dst, unit.InstanceLocation+": "+unit.Error.String())
	}
	for i := range unit.Errors {
		dst = appendCauses(dst, &unit.Errors[i])
	}
	return dst
}

// rejects fails the test unless the schema finds a problem that contains want.
func rejects(t *testing.T, s *schema, document, want string) {
	t.Helper()
	if got := strings.Join(s.problems([]byte(document)), "\n"); !strings.Contains(got, want) {
		t.Errorf("%.500s: got problems %.500q, want %q", document, got, want)
	}
}

// accepts fails the test for each problem of a document.
func accepts(t *testing.T, s *schema, document string) {
	t.Helper()
	for _, problem := range s.problems([]byte(document)) {
		t.Errorf("%.500s: got problem %.500q, want none", document, problem)
	}
}

// understood lists the keywords that both drafts of JSON Schema define. A validator ignores
// all others, so that a misspelt keyword would check nothing.
var understood = strings.Fields(`$schema $comment $defs $ref title description examples
	type const enum required properties patternProperties additionalProperties items not allOf anyOf oneOf if then else
	pattern minLength maxLength minimum maximum minItems maxItems minProperties maxProperties`)

// unknownKeywords returns the keywords of a schema that are not among those.
func unknownKeywords(v any) (unknown []string) {
	keywords, _ := v.(map[string]any)
	for keyword, value := range keywords {
		switch keyword {
		case "properties", "patternProperties", "$defs":
			for _, nested := range value.(map[string]any) {
				unknown = append(unknown, unknownKeywords(nested)...)
			}
		case "allOf", "anyOf", "oneOf":
			for _, nested := range value.([]any) {
				unknown = append(unknown, unknownKeywords(nested)...)
			}
		case "additionalProperties", "items", "not", "if", "then", "else":
			unknown = append(unknown, unknownKeywords(value)...)
		default:
			if !slices.Contains(understood, keyword) {
				unknown = append(unknown, keyword)
			}
		}
	}
	return unknown
}

func TestSchemas_OnlyKeywordsThatAreChecked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"emf", "segment"} {
		if got := unknownKeywords(decode(name)); got != nil {
			t.Errorf("%s: got keywords %q that no draft defines, want none", name, got)
		}
	}
	misspelt := map[string]any{"items": map[string]any{"allOf": []any{map[string]any{"properties": map[string]any{"a": map[string]any{"maxLenght": 1.0}}}}}}
	if got := unknownKeywords(misspelt); !slices.Equal(got, []string{"maxLenght"}) {
		t.Errorf("got keywords %q, want the misspelt one", got)
	}
}
