package interop

import (
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/lambdakit/lambdakit/events/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// TestCompare_CompatibleIsNeverContradicted compares random pairs of schemas. If the reader reads the
// writer's data, it must accept all of the writer's documents.
func TestCompare_CompatibleIsNeverContradicted(t *testing.T) {
	t.Parallel()
	var pairs, compatible, documents atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(drafts).Draw(t, "draft")
		old := root(t, d)
		current := mutate(t, d, old)
		if rapid.IntRange(0, 3).Draw(t, "unrelated") == 0 {
			current = root(t, d)
		}
		if text(old) == text(current) {
			t.Skip("the schemas are equal")
		}
		before, err := compile([]byte(text(old)))
		if err != nil {
			t.Skip(err)
		}
		after, err := compile([]byte(text(current)))
		if err != nil {
			t.Skip(err)
		}
		report, err := schema.Compare([]byte(text(old)), []byte(text(current)))
		if err != nil {
			t.Fatalf("%s, %s: %v", text(old), text(current), err)
		}
		pairs.Add(1)
		check := func(reads bool, written object, r *jsonschema.Schema) {
			if !reads {
				return
			}
			compatible.Add(1)
			w := newWriter(t, d, written)
			for range 8 {
				document, ok := w.document()
				if !ok {
					continue
				}
				documents.Add(1)
				if err := validate(r, []byte(document)); err != nil {
					t.Fatalf("old %s\nnew %s\ngot %s, but the reader refuses %s: %v", text(old), text(current), report.Verdict(), document, err)
				}
			}
		}
		check(report.Backward, old, after)
		check(report.Forward, current, before)
	})
	t.Logf("%d pairs, %d compatible directions, %d documents", pairs.Load(), compatible.Load(), documents.Load())
	if documents.Load() < pairs.Load()/2 {
		t.Errorf("got %d documents for %d pairs, want more", documents.Load(), pairs.Load())
	}
}

// plain returns a random schema of an object, as package events/schema makes them.
func plain(t *rapid.T, depth int) object {
	properties, required := object{}, []string{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 4, rapid.ID).Draw(t, "properties") {
		properties[name] = plainValue(t, depth)
		if rapid.Bool().Draw(t, "required") {
			required = append(required, name)
		}
	}
	x := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		x["required"] = required
	}
	return x
}

func plainValue(t *rapid.T, depth int) object {
	forms := []string{"integer", "limited", "number", "string", "enum", "nullable", "bytes", "any", "boolean"}
	if depth > 0 {
		forms = append(forms, "object", "ref", "nullable ref", "list", "map")
	}
	switch rapid.SampledFrom(forms).Draw(t, "form") {
	case "integer":
		return object{"type": "integer", "format": "int64"}
	case "limited":
		return object{"type": "integer", "minimum": 0, "maximum": 255}
	case "number":
		return object{"type": "number", "exclusiveMinimum": 0}
	case "string":
		return object{"type": "string", "minLength": 1, "maxLength": 10, "pattern": "^a"}
	case "enum":
		return object{"type": "string", "enum": []any{"a", "b"}}
	case "nullable":
		return object{"type": []string{"string", "null"}}
	case "bytes":
		return object{"type": "string", "contentEncoding": "base64"}
	case "boolean":
		return object{"type": "boolean"}
	case "object":
		return plain(t, depth-1)
	case "ref":
		return object{"$ref": "#/$defs/A"}
	case "nullable ref":
		return object{"anyOf": []any{object{"$ref": "#/$defs/A"}, object{"type": "null"}}}
	case "list":
		return object{"type": []string{"array", "null"}, "maxItems": 3, "items": plainValue(t, depth-1)}
	case "map":
		return object{"type": "object", "additionalProperties": plainValue(t, depth-1)}
	}
	return object{}
}

// changes are the kinds of known changes, with their verdicts. A change returns false if the place does
// not have what it changes.
var changes = map[string]struct {
	verdict string
	apply   func(t *rapid.T, x object) bool
}{
	"optional member added": {"full", func(t *rapid.T, x object) bool {
		properties, ok := x["properties"].(object)
		if ok {
			properties["new"] = plainValue(t, 1)
		}
		return ok
	}},
	"enum widened": {"backward", func(_ *rapid.T, x object) bool {
		list, ok := x["enum"].([]any)
		if ok {
			x["enum"] = append(slices.Clone(list), "new")
		}
		return ok
	}},
	"minimum lowered":      {"backward", changeNumber("minimum", -1)},
	"maximum raised":       {"backward", changeNumber("maximum", 1)},
	"exclusive lowered":    {"backward", changeNumber("exclusiveMinimum", -1)},
	"minLength lowered":    {"backward", changeNumber("minLength", -1)},
	"maxLength raised":     {"backward", changeNumber("maxLength", 1)},
	"maxItems raised":      {"backward", changeNumber("maxItems", 1)},
	"pattern removed":      {"backward", remove("pattern")},
	"maxItems removed":     {"backward", remove("maxItems")},
	"description changed":  {"full", func(_ *rapid.T, x object) bool { x["description"] = "new"; return true }},
	"format changed":       {"full", func(_ *rapid.T, x object) bool { x["format"] = "new"; return true }},
	"member now optional":  {"backward", remove("required")},
	"boolean now nullable": {"backward", retype("boolean", []string{"boolean", "null"})},
	"integer to number":    {"backward", retype("integer", "number")},
}

func changeNumber(keyword string, by int) func(*rapid.T, object) bool {
	return func(_ *rapid.T, x object) bool {
		n, ok := x[keyword].(int)
		if ok {
			x[keyword] = n + by
		}
		return ok
	}
}

func remove(keyword string) func(*rapid.T, object) bool {
	return func(_ *rapid.T, x object) bool {
		_, ok := x[keyword]
		delete(x, keyword)
		return ok
	}
}

func retype(from string, to any) func(*rapid.T, object) bool {
	return func(_ *rapid.T, x object) bool {
		if x["type"] != from {
			return false
		}
		x["type"] = to
		return true
	}
}

// TestCompare_KnownChangesAreRecognised makes changes whose verdict is known, at a random place of a
// schema. None may be a false alarm.
func TestCompare_KnownChangesAreRecognised(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				old := plain(t, 2)
				defs := object{"A": plain(t, 1)}
				old["$defs"] = defs
				old["properties"].(object)["ref"] = object{"$ref": "#/$defs/A"} // the definition is used
				current := clone(old).(object)
				list := append(places(current), places(current["$defs"].(object)["A"].(object))...)
				place := rapid.IntRange(0, len(list)-1).Draw(t, "place")
				for i := 0; !changes[name].apply(t, list[(place+i)%len(list)]); i++ {
					if i == len(list) {
						t.Skip("no place has what the change is about")
					}
				}
				report, err := schema.Compare([]byte(text(old)), []byte(text(current)))
				if err != nil {
					t.Fatal(err)
				}
				if report.Verdict() != changes[name].verdict {
					t.Fatalf("old %s\nnew %s\ngot %s %v, want %s", text(old), text(current), report.Verdict(), report.Breaks, changes[name].verdict)
				}
				back, err := schema.Compare([]byte(text(current)), []byte(text(old)))
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]string{"full": "full", "backward": "forward"}[changes[name].verdict]
				if back.Verdict() != want {
					t.Fatalf("old %s\nnew %s\ngot %s %v for the reverse change, want %s", text(current), text(old), back.Verdict(), back.Breaks, want)
				}
			})
		})
	}
}
