package hidden_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/hidden"
	"github.com/lambdakit/lambdakit/params"
)

type inner struct{ Token lambdakit.Secret }

type embedded struct {
	inner
	ID string
}

var (
	secret = lambdakit.NewSecret("tok-123")
	two    = []any{1, secret}
)

func TestIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  bool
	}{
		"secret":      {secret, true},
		"pointer":     {&secret, true},
		"field":       {struct{ A any }{inner{secret}}, true},
		"embedded":    {embedded{inner{secret}, "1"}, true},
		"list":        {[]any{1, nil, secret}, true},
		"array":       {[1]lambdakit.Secret{secret}, true},
		"value":       {map[string]lambdakit.Secret{"a": secret}, true},
		"key":         {map[lambdakit.Secret]int{secret: 1}, true},
		"parameter":   {params.Value{Text: "a", Secret: true}, true},
		"public":      {params.Value{Text: "[redacted]"}, true}, // it encodes itself so
		"own":         {encodesItself{Card: secret, Total: 5}, true},
		"own, hidden": {&encodesHidden{card: secret}, true},
		"own, field":  {&struct{ C encodesHidden }{encodesHidden{secret}}, true},
		"overlap":     {struct{ A, B []any }{two[:1], two}, true},
		"own, none":   {encodesItself{Note: "[redacted]"}, true}, // its Card is an empty Secret
		"own, text":   {noSecret{"[redacted]"}, false},
		"own, cycle":  {newCycle(), false},
		"text":        {"[redacted]", false},
		"nil":         {(*lambdakit.Secret)(nil), false},
		"raw":         {json.RawMessage(`{"a":"[redacted]"}`), false},
		"not encoded": {hides{Note: "[redacted]", Hidden: secret, own: secret}, false},
	} {
		text, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := hidden.In(c.value, text); got != c.want {
			t.Errorf("%s: got %v of %s, want %v", name, got, text, c.want)
		}
	}
}

// hides has secrets that encoding/json does not encode.
type hides struct {
	Note   string
	Hidden lambdakit.Secret `json:"-"`
	Time   time.Time
	own    lambdakit.Secret
}

// encodesItself has a method that encodes its fields.
type encodesItself struct {
	Card  lambdakit.Secret
	Total int
	Note  string
}

func (e encodesItself) MarshalJSON() ([]byte, error) {
	type plain encodesItself
	return json.Marshal(struct {
		Version int
		plain
	}{2, plain(e)})
}

type encodesHidden struct{ card lambdakit.Secret }

func (e *encodesHidden) MarshalJSON() ([]byte, error) { return json.Marshal([]any{e.card}) }

type noSecret struct{ note string }

func (n noSecret) MarshalJSON() ([]byte, error) { return json.Marshal([]string{n.note}) }

// cycle has a cycle that its method does not follow.
type cycle struct {
	note        string
	left, right *cycle
}

func newCycle() *cycle {
	c := &cycle{note: "[redacted]"}
	c.left, c.right = &cycle{left: c, right: c}, c
	return c
}

func (c *cycle) MarshalJSON() ([]byte, error) { return json.Marshal([]string{c.note}) }
