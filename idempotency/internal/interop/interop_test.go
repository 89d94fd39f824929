package interop_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	community "github.com/jmespath-community/go-jmespath"
	original "github.com/jmespath/go-jmespath"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// outcome is what an implementation makes of an expression and a document: a value, in the
// form that encoding/json decodes to, or an error.
type outcome struct {
	value    any
	failed   bool
	syntax   bool // failed to compile
	panicked bool
	about    string
}

func (o outcome) same(other outcome) bool {
	return o.failed == other.failed && (o.failed || reflect.DeepEqual(o.value, other.value))
}

func (o outcome) String() string {
	if o.failed {
		return "error: " + o.about
	}
	text, err := json.Marshal(o.value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ours returns the outcome of package jmespath.
func ours(t testing.TB, expression, document string) outcome {
	x, err := jmespath.Compile(expression)
	if err != nil {
		return outcome{failed: true, syntax: true, about: err.Error()}
	}
	v, err := jsontree.ParseString(document)
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Search(v)
	if err != nil {
		return outcome{failed: true, about: err.Error()}
	}
	var out any
	if err := json.Unmarshal(jsontree.Append(nil, found), &out); err != nil {
		t.Fatalf("%s of %s: %v", expression, document, err)
	}
	return outcome{value: out}
}

// theirs returns the outcome of an oracle. A panic of it is an error.
func theirs(t testing.TB, search func(string, any) (any, error), expression, document string) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{failed: true, panicked: true, about: fmt.Sprint("panic: ", p)}
		}
	}()
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	found, err := search(expression, v)
	if err != nil {
		return outcome{failed: true, about: err.Error()}
	}
	if f, ok := found.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return outcome{failed: true, about: "not a number of JSON"}
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(found); err != nil {
		return outcome{failed: true, about: err.Error()}
	}
	var out any
	if err := json.Unmarshal(buf.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return outcome{value: out}
}

// rule returns why the oracles may differ from our outcome for an expression, or nothing.
func rule(expression string, got outcome) string {
	has := func(part string) bool { return strings.Contains(expression, part) }
	switch {
	case got.failed && got.syntax:
		return ""
	case got.failed && (has("[]") || has("[?") || has("*") || has(":")):
		return "errors: the oracles take an error in what a projection projects for null"
	case got.failed && (has("min_by(") || has("max_by(") || has("sort_by(")):
		return "errors: the oracles do not check the key of an only element"
	case has("*") && has("("):
		return "wildcard: the original projects a null more for each member, the community edition calls no function of null"
	case has("sort_by("):
		return "sort_by: the oracles sort the document itself, which the rest of the expression sees"
	case has("avg(") && (has("[") || has("{")):
		return "average of nothing: NaN for the original; the community edition selects from null, which is null"
	case has("to_string(") && has("merge("):
		return "order of members: merge keeps the order of its arguments, the oracles sort names"
	}
	return ""
}

// compare reports a difference from both oracles: where only one agrees, the other one has a
// bug or an extension of the language. It returns the rule that explains a difference.
func compare(t testing.TB, expression, document string) (excuse string, failed bool) {
	got := ours(t, expression, document)
	first := theirs(t, original.Search, expression, document)
	if got.same(first) {
		return "", got.failed
	}
	second := theirs(t, func(expression string, v any) (any, error) { return community.Search(expression, v) }, expression, document)
	if got.same(second) {
		return "", got.failed
	}
	switch {
	case first.panicked && second.panicked:
		return "panic: the oracles cannot look for an array or object in an array", got.failed
	case first.panicked && second.failed:
		return "panic: the original cannot look for an array in an array, and the community edition calls no function of null", got.failed
	}
	if excuse = rule(expression, got); excuse == "" {
		t.Errorf("%s\nof %s\nours      %v\noriginal  %v\ncommunity %v", expression, document, got, first, second)
	}
	return excuse, got.failed
}

func TestGenerated(t *testing.T) {
	t.Parallel()
	count := 60_000
	if testing.Short() {
		count = 5_000
	}
	excused := map[string]int{}
	errors, nulls := 0, 0
	for i := range count {
		g := generator{choose: randomly(uint64(i)), ordered: i%4 == 0}
		document := g.document(4)
		expression := g.expression(1 + g.choose(4))
		excuse, failed := compare(t, expression, document)
		if excuse != "" {
			excused[excuse]++
		}
		if failed {
			errors++
		} else if ours(t, expression, document).value == nil {
			nulls++
		}
	}
	t.Logf("%d cases: %d errors, %d nulls", count, errors, nulls)
	total := 0
	for excuse, n := range excused {
		t.Logf("%d differ by rule: %s", n, excuse)
		total += n
	}
	if total > count/50 {
		t.Errorf("%d of %d cases differ by rule, which are too many to mean anything", total, count)
	}
}

// FuzzExpression derives an expression and a document from the fuzzer's bytes.
func FuzzExpression(f *testing.F) {
	for seed := range uint64(40) {
		choose := randomly(seed)
		data := make([]byte, 40+choose(60))
		for i := range data {
			data[i] = byte(choose(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 300 {
			return
		}
		g := generator{choose: from(data)}
		g.ordered = g.choose(4) == 1
		document := g.document(4)
		expression := g.expression(4)
		compare(t, expression, document)
	})
}
