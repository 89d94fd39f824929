package foreign_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// TestAppend compares with recorded texts: of json.dumps with sort_keys in Python, and of
// JSON.stringify in Node.js after Powertools for TypeScript sorted the value.
func TestAppend(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	var values []struct{ Text, Python, TypeScript string }
	if err := json.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	for _, c := range values {
		v, err := jsontree.ParseString(c.Text)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(foreign.AppendPython([]byte("x"), v)); got != "x"+c.Python {
			t.Errorf("%s in Python: got %s, want %s", c.Text, got[1:], c.Python)
		}
		if got := string(foreign.AppendJavaScript([]byte("x"), v)); got != "x"+c.TypeScript {
			t.Errorf("%s in TypeScript: got %s, want %s", c.Text, got[1:], c.TypeScript)
		}
	}
}

func TestLanguage_Member(t *testing.T) {
	t.Parallel()
	for name, differs := range map[string]bool{
		"": true, "constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true, "toLocaleString": true, "toString": true,
		"valueOf": true, "__proto__": true, "__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
		"id": false, "Constructor": false, "length": false, "0": false, " ": false,
	} {
		if got := foreign.TypeScript.Member(name); (got != nil) != differs {
			t.Errorf("%q in TypeScript: got %v, want a difference: %v", name, got, differs)
		}
		if got := foreign.Python.Member(name); got != nil {
			t.Errorf("%q in Python: got %v, want no difference", name, *got)
		}
		if got := foreign.TypeScript.NewMember(name); (got != nil) != (name == "__proto__") {
			t.Errorf("a new member %q in TypeScript: got %v", name, got)
		}
		if got := foreign.Python.NewMember(name); got != nil {
			t.Errorf("a new member %q in Python: got %v, want no difference", name, *got)
		}
	}
	if foreign.Python.String() != "Python" || foreign.TypeScript.String() != "TypeScript" {
		t.Errorf("got %v and %v", foreign.Python, foreign.TypeScript)
	}
}
