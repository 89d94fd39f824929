package metrics_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/metrics"
)

// marshaled is a value whose MarshalJSON returns its text.
type marshaled string

func (m marshaled) MarshalJSON() ([]byte, error) { return []byte(m), nil }

func TestAddMetadata_MendsTextOfOthers(t *testing.T) {
	t.Parallel()
	many := `{"a":1`
	for i := range 40 {
		many += fmt.Sprintf(`,"n%d":0`, i)
	}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"raw":                          {json.RawMessage(`{"a": [1.50, "\u00e9"]}`), `{"a":[1.50,"\u00e9"]}`},
		"raw that is not UTF-8":        {json.RawMessage("{\"a\":\"x\xff\xfey\"}"), `{"a":"x` + "\uFFFD" + `y"}`},
		"name that is not UTF-8":       {json.RawMessage("{\"a\xc3\":1}"), `{"a` + "\uFFFD" + `":1}`},
		"raw in a struct":              {struct{ A json.RawMessage }{json.RawMessage("\"\xff\"")}, `{"A":"` + "\uFFFD" + `"}`},
		"MarshalJSON that is not":      {marshaled("\"\xff\""), `"` + "\uFFFD" + `"`},
		"twice":                        {json.RawMessage(`{"a":1,"b":12345678901234567890,"a":2}`), `{"a":2,"b":12345678901234567890}`},
		"twice, deep":                  {json.RawMessage(`[0,{"x":[{"a":1},{"a":1,"a":2}]}]`), `[0,{"x":[{"a":1},{"a":2}]}]`},
		"twice, escaped":               {json.RawMessage(`{"a":1,"\u0061":2}`), `{"a":2}`},
		"twice, by MarshalJSON":        {map[string]any{"m": marshaled(`{"a":1,"a":2}`)}, `{"m":{"a":2}}`},
		"twice after an inner object":  {json.RawMessage(`{"a":1,"b":{"c":1},"a":2}`), `{"a":2,"b":{"c":1}}`},
		"same name in another object":  {json.RawMessage(`{"b":{"a":1},"a":{"b":2}}`), `{"b":{"a":1},"a":{"b":2}}`},
		"a string like a name":         {json.RawMessage(`{"b":["a","a"],"a":"b:"}`), `{"b":["a","a"],"a":"b:"}`},
		"twice among many":             {json.RawMessage(many + `,"n30":7,"z":{"n30":1}}`), ""},
		"twice, the first time early":  {json.RawMessage(many + `,"n3":7,"z":{"n3":1}}`), ""},
		"many in order, none of twice": {json.RawMessage(`{"z":1` + many[len(`{"a":1`):] + `}`), `{"z":1` + many[len(`{"a":1`):] + `}`},
	} {
		_, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			metrics.AddMetadata(ctx, "x", c.value)
			m.Counter("N").Add(ctx, 1)
			return nil
		})
		docs, line := runLine(t, func(ctx context.Context, m *metrics.Meter) {
			metrics.AddMetadata(ctx, "x", c.value)
			m.Counter("N").Add(ctx, 1)
		})
		if len(reported) > 0 || len(docs) != 1 || !strings.Contains(line, `"x":`+c.want) {
			t.Errorf("%s: got %s, want %s, reported %q", name, line, c.want, reported)
		}
		if member, ok := map[string]string{"twice among many": `"n30":`, "twice, the first time early": `"n3":`}[name]; ok && (strings.Count(line, member) != 2 || !strings.Contains(line, member+"7")) {
			t.Errorf("%s: got %s, want one member %s that is 7", name, line, member)
		}
	}
}

func TestAddMetadata_RefusesWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"raw": json.RawMessage(`{"a":1`), "two values": json.RawMessage(`1 2`), "MarshalJSON": marshaled(`{a:1}`), "panic": panicky{}, "channel": make(chan int),
		"a number": json.Number("1x"),
	} {
		docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
			metrics.AddMetadata(ctx, "x", value)
			m.Counter("N").Add(ctx, 1)
			return nil
		})
		if len(docs) != 1 || docs[0].Members["x"] != nil || len(reported) != 1 {
			t.Errorf("%s: got %d documents, reported %q", name, len(docs), reported)
		}
	}
}

func TestAddMetadata_ReplacesInPlace(t *testing.T) {
	t.Parallel()
	_, line := runLine(t, func(ctx context.Context, m *metrics.Meter) {
		metrics.AddMetadata(ctx, "a", 1)
		metrics.AddMetadata(ctx, "b", 2)
		metrics.AddMetadata(ctx, "a", true)
		metrics.AddMetadata(ctx, "c\xff", "x")
		metrics.AddMetadata(ctx, "c\xfe", "y")
		m.Counter("N").Add(ctx, 1)
	})
	if want := `"a":true,"b":2,"c` + "\uFFFD" + `":"y","N":1`; !strings.Contains(line, want) {
		t.Errorf("got %s, want %s", line, want)
	}
}

func TestAddMetadata_OnlyWhatDoesNotFitIsLeftOut(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{MaxDocumentBytes: 8000}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddMetadata(ctx, "first", 1)
		metrics.AddMetadata(ctx, "large", strings.Repeat("x", 6000))
		metrics.AddMetadata(ctx, "second", strings.Repeat("y", 3000))
		m.Counter("N").Add(ctx, 1)
		m.Counter("N").With("wide", strings.Repeat("v", 1024), "wider", strings.Repeat("v", 1024), "widest", strings.Repeat("v", 1024)).Add(ctx, 1)
		metrics.AddMetadata(ctx, "third", 3)
		return nil
	})
	if len(docs) != 2 || docs[0].Members["first"] != 1.0 || docs[0].Members["large"] != nil || docs[0].Members["second"] == nil || docs[0].Members["third"] != 3.0 {
		t.Fatalf("got %d documents, the first %.200v", len(docs), docs[0].Members)
	}
	// The dimensions of this one leave less room.
	if docs[1].Members["first"] != 1.0 || docs[1].Members["second"] != nil || docs[1].Members["third"] != 3.0 {
		t.Errorf("the second document: got %.200v, want the first and the third", docs[1].Members)
	}
	if len(reported) != 2 || !strings.Contains(reported[0], `metadata "large"`) || !strings.Contains(reported[1], `metadata "second"`) {
		t.Errorf("got reports %q, want one for large and one for second", reported)
	}
	for _, d := range docs {
		if d.Size > 8000 {
			t.Errorf("got %d bytes, want 8,000 at most", d.Size)
		}
	}
}

func TestAddMetadata_ALargerValueDoesNotLeaveTheOldOne(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddMetadata(ctx, "state", "old")
		metrics.AddMetadata(ctx, "state", strings.Repeat("x", 64_000))
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	if len(docs) != 1 || docs[0].Members["state"] != nil || len(reported) != 1 {
		t.Errorf("got %.50v, reported %q", docs[0].Members["state"], reported)
	}
}

func TestAddMetadata_BytesOfAnInvocation(t *testing.T) {
	t.Parallel()
	const size = 4000
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		for i := range 100 {
			metrics.AddMetadata(ctx, fmt.Sprint("m", i), strings.Repeat("x", size))
		}
		for range 100 { // counts once
			metrics.AddMetadata(ctx, "m0", strings.Repeat("y", size))
		}
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	kept := 0
	for i := range 100 {
		if docs[0].Members[fmt.Sprint("m", i)] != nil {
			kept++
		}
	}
	if kept != 11 || docs[0].Members["m0"] != strings.Repeat("y", size) || len(reported) != 89 {
		t.Errorf("got %d members and %d reports, want 11 and 89", kept, len(reported))
	}
}

func TestAddMetadata_MembersOfAnInvocation(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		for i := range 1001 {
			metrics.AddMetadata(ctx, fmt.Sprint("m", i), 0)
		}
		metrics.AddMetadata(ctx, "m0", 1) // known
		m.Counter("N").Add(ctx, 1)
		return nil
	})
	if root := docs[0].Members; root["m999"] != 0.0 || root["m1000"] != nil || root["m0"] != 1.0 {
		t.Errorf("got %v, %v, %v, want 0, none, 1", root["m999"], root["m1000"], root["m0"])
	}
	if len(reported) != 1 || !strings.Contains(reported[0], "more than 1000 members") {
		t.Errorf("got reports %q, want one about 1000 members", reported)
	}
}

func TestAddMetadata_ReportsAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 100_000)
	_, reported := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		metrics.AddMetadata(ctx, long, make(chan int))
		metrics.AddMetadata(ctx, long+"x", 1)
		for i := range 1001 {
			metrics.AddMetadata(ctx, fmt.Sprint(i), 0)
		}
		metrics.AddDimensions(ctx, long)
		metrics.AddDimensions(ctx, long, "x")
		m.Counter("N").With(long).Add(ctx, 1)
		m.Counter(long).Add(ctx, 1)
		return nil
	})
	if len(reported) != 6 {
		t.Errorf("got %d reports, want 6: %.500q", len(reported), reported)
	}
	for _, r := range reported {
		if len(r) > 400 {
			t.Errorf("got %d bytes, want a short report: %.500s", len(r), r)
		}
	}
}

func TestAddMetadata_NamesOfOtherMembers(t *testing.T) {
	t.Parallel()
	docs, reported := run(t, metrics.Options{Service: "s"}, func(ctx context.Context, m *metrics.Meter) error {
		for _, name := range []string{"service", "tenant", "N", "_aws", "function_request_id", "own"} {
			metrics.AddMetadata(ctx, name, "metadata")
		}
		m.Counter("N").With("tenant", "acme").Add(ctx, 1)
		return nil
	})
	root := docs[0].Members
	if len(docs) != 1 || root["service"] != "s" || root["tenant"] != "acme" || root["N"] != 1.0 || root["function_request_id"] != "metadata" || root["own"] != "metadata" {
		t.Errorf("got %v", root)
	}
	if len(reported) != 4 {
		t.Errorf("got reports %q, want 4", reported)
	}
}

func TestRequestID_NamesOfOtherMembers(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		m.Counter("N").With("function_request_id", "mine").Add(ctx, 1)
		m.Counter("function_request_id").Add(ctx, 7)
		return nil
	})
	if len(docs) != 2 || docs[0].Members["function_request_id"] != "mine" || docs[1].Members["function_request_id"] != 7.0 {
		t.Errorf("got %v and %v", docs[0].Members, docs[1].Members)
	}
}

type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }
