package logging_test

//lint:file-ignore U1000,SA5008 encoding/json is the oracle for fields and tags of every kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/logging"
)

type (
	point   struct{ X, Y float64 }
	textKey struct{ n int }
	withErr struct {
		Name string
		Err  error `json:"err"`
	}
	pointerError  struct{ n int }
	pointerMarsh  struct{ n int }
	valueMarsh    struct{ n int }
	logged        struct{ n int }
	brokenMarsh   struct{}
	recursiveType struct {
		Next *recursiveType `json:",omitempty"`
		Any  any
	}
)

func (k textKey) MarshalText() ([]byte, error)       { return fmt.Append(nil, "k", k.n), nil }
func (e *pointerError) Error() string                { return fmt.Sprint("e", e.n) }
func (m *pointerMarsh) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"p%d"`, m.n), nil }
func (m valueMarsh) MarshalJSON() ([]byte, error)    { return fmt.Appendf(nil, `"v%d"`, m.n), nil }
func (l logged) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("n", l.n), slog.Any("err", errors.New("x")))
}
func (brokenMarsh) MarshalJSON() ([]byte, error) { return nil, errors.New("broken") }

func TestValues_FollowTheRulesForAttributes(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	const e = `{"message":"boom","type":"*errors.errorString"}`
	for _, c := range []struct {
		value any
		want  string
	}{
		{[]error{boom, nil, boom}, "[" + e + ",null," + e + "]"},
		{[]any{boom, 1, "x", true, nil, 1.5}, "[" + e + `,1,"x",true,null,1.5]`},
		{map[string]error{"b": boom, "a": boom}, `{"a":` + e + `,"b":` + e + `}`},
		{map[string]any{"a": map[string]any{"b": []any{boom}}}, `{"a":{"b":[` + e + `]}}`},
		{withErr{"n", boom}, `{"Name":"n","err":` + e + `}`},
		{&withErr{"n", nil}, `{"Name":"n","err":null}`},
		{[]withErr{{"n", boom}}, `[{"Name":"n","err":` + e + `}]`},
		{[]pointerError{{1}}, `[{"message":"e1","type":"*logging_test.pointerError"}]`},
		{[2]error{boom}, "[" + e + ",null]"},
		{[]float64{1, math.NaN(), math.Inf(1), math.Inf(-1)}, `[1,"NaN","+Inf","-Inf"]`},
		{[]float32{0.1, float32(math.NaN())}, `[0.1,"NaN"]`},
		{map[string]any{"nan": math.NaN(), "x": 1}, `{"nan":"NaN","x":1}`},
		{point{1, math.NaN()}, `{"X":1,"Y":"NaN"}`},
		{map[int]point{2: {1, 2}, 1: {math.NaN(), 2}}, `{"1":{"X":"NaN","Y":2},"2":{"X":1,"Y":2}}`},
		{map[textKey]any{{1}: boom}, `{"k1":` + e + `}`},
		{[]logged{{1}}, `[{"n":1,"err":{"message":"x","type":"*errors.errorString"}}]`},
		{struct{ L logged }{logged{2}}, `{"L":{"n":2,"err":{"message":"x","type":"*errors.errorString"}}}`},
		{[]any{valueMarsh{1}, &pointerMarsh{2}, pointerMarsh{3}}, `["v1","p2",{}]`},
		{[]pointerMarsh{{1}}, `["p1"]`},
		{[]any{[]pointerMarsh{{1}}, boom}, `[["p1"],` + e + `]`},
		{[]any{brokenMarsh{}, 1}, `["!ERROR: json: error calling MarshalJSON for type logging_test.brokenMarsh: broken",1]`},
		{[]brokenMarsh{{}}, `["!ERROR: json: error calling MarshalJSON for type logging_test.brokenMarsh: broken"]`},
		{[]any{make(chan int), 1}, `["!ERROR: json: unsupported type: chan int",1]`},
		{[]any{time.Unix(0, 0).UTC(), time.Second, json.Number("12"), []byte("x"), json.RawMessage(` [ 1 ] `)}, `["1970-01-01T00:00:00Z",1000000000,12,"eA==",[1]]`},
		{[]any{(*withErr)(nil), (error)(nil), (map[string]any)(nil), []any(nil)}, `[null,null,null,null]`},
		{[]any{struct{}{}, map[string]any{}, []any{}}, `[{},{},[]]`},
		{[]any{slog.GroupValue(slog.Int("a", 1)), []slog.Attr{slog.Any("e", boom)}}, `[{"a":1},{"e":` + e + `}]`},
		{&recursiveType{Next: &recursiveType{Any: boom}}, `{"Next":{"Any":` + e + `},"Any":null}`},
	} {
		l, b := logger(t, logging.Options{})
		l.Info("", "v", c.value, "after", 1)
		if got, want := body(t, b), `{"v":`+c.want+`,"after":1}`; got != want {
			t.Errorf("%#v:\ngot  %s\nwant %s", c.value, got, want)
		}
	}
}

// A panic in one element costs that element alone.
func TestValues_PanicsAreContained(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Info("m", "v", []any{chattyPanic{}, 1, map[string]any{"a": chattyPanic{}, "b": 2}, logValue(func() slog.Value {
		return slog.GroupValue(slog.Int("x", 1), slog.Any("y", chattyPanic{}), slog.Int("x", 3))
	})}, "after", 1)
	m := lines(t, b.Bytes())[0]
	list, _ := m["v"].([]any)
	if len(list) != 4 || list[1] != 1.0 || m["after"] != 1.0 || fmt.Sprint(list[2]) != "map[a:!PANIC: x b:2]" || fmt.Sprint(list[3]) != "map[x:3 y:!PANIC: x]" {
		t.Errorf("got %s, want the other elements", b)
	}
}

type chattyPanic struct{ X any }

func (chattyPanic) Error() string { panic("x") }

func TestValues_AreBounded(t *testing.T) {
	t.Parallel()
	self := map[string]any{}
	self["self"] = self
	deep := any(errors.New("deep"))
	for range 10_000 {
		deep = []any{deep}
	}
	huge := make(map[string]any, 100_000)
	for i := range 100_000 {
		huge[fmt.Sprint(i)] = errors.New("x")
	}
	encoded := 0
	counted := make([]any, 100_000)
	for i := range counted {
		counted[i] = logValue(func() slog.Value { encoded++; return slog.StringValue("xxxxxxxxxxxxxxxx") })
	}
	byName := make(map[countedKey]any, 100_000)
	keys := 0
	for i := range 100_000 {
		byName[countedKey{i, &keys}] = counted[0]
	}
	for name, v := range map[string]any{"itself": self, "depth": deep, "map": huge, "list": counted, "keys": byName} {
		encoded = 0
		l, b := logger(t, logging.Options{})
		l.Info("m", "v", v, "after", 1)
		if m := lines(t, b.Bytes())[0]; m["after"] != 1.0 || b.Len() > 64_000 {
			t.Errorf("%s: got %d bytes: %.200s", name, b.Len(), b)
		}
		if encoded > 64_000/16 {
			t.Errorf("%s: got %d elements encoded, want no more than a line holds", name, encoded)
		}
		if name == "depth" && !strings.Contains(b.String(), "nested too deep") {
			t.Errorf("got %s, want a note that it is too deep", b)
		}
	}
	if keys > 64_000/5+1 {
		t.Errorf("got %d keys encoded, want no more than a line holds", keys)
	}
}

// countedKey counts how many keys of a map are encoded.
type countedKey struct {
	i int
	n *int
}

func (k countedKey) MarshalText() ([]byte, error) { *k.n++; return fmt.Append(nil, k.i), nil }

// A function of the user's that panics inside a group leaves the rest of the line valid.
func TestValues_PanicsOfReplaceAttrAreContained(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{OnError: func(error) {}, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "boom" {
			panic("x")
		}
		return a
	}})
	v := logValue(func() slog.Value {
		return slog.GroupValue(slog.Int("a", 1), slog.Int("a", 2), slog.Group("g", "b", 1, "boom", 1))
	})
	l.Info("m", "before", 1, "v", []any{v, 1, map[string]any{"k": v}}, "before", 2, "after", 1)
	m := lines(t, b.Bytes())[0]
	if fmt.Sprint(m["v"]) != "[!PANIC: x 1 map[k:!PANIC: x]]" || m["before"] != 2.0 || m["after"] != 1.0 {
		t.Errorf("got %s, want the other values", b)
	}
}

func TestValues_PanicsLeaveRoomForLaterGroups(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "boom" {
			panic("x")
		}
		return a
	}})
	var list []any
	for range 100 {
		list = append(list, logValue(func() slog.Value { return slog.GroupValue(slog.Int("boom", 1)) }))
	}
	l.Info("m", "list", list, slog.Group("g", "a", 1))
	if got := lines(t, b.Bytes())[0]["g"]; fmt.Sprint(got) != "map[a:1]" {
		t.Errorf("got the group %v, want its attribute", got)
	}
}

func TestValues_AreRedacted(t *testing.T) {
	t.Parallel()
	type user struct {
		Name     string
		Password string `json:"password"`
		Err      error
	}
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.Info("m", "user", user{"n", "hunter2", nil}, "map", map[string]any{"PASSWORD": "hunter2", "x": errors.New("e")}, "list", []any{logValue(func() slog.Value {
		return slog.GroupValue(slog.String("password", "hunter2"))
	}), `{"password":"hunter2"}`})
	if lines(t, b.Bytes()); strings.Contains(b.String(), "hunter2") || strings.Count(b.String(), "[redacted]") != 4 {
		t.Errorf("got %s, want no secret", b)
	}
}

func TestValues_TextsOfLogValuersAreRedacted(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.Info("m", "list", []any{logValue(func() slog.Value { return slog.StringValue("user=kept&password=hunter2") })})
	if got, want := body(t, b), `{"list":["user=kept&password=[redacted]"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type inner struct {
	A, B int
	C    int `json:"c"`
}
type Other struct {
	A int
	D int `json:"d,omitempty"`
}
type hiddenFields struct {
	E int
	f int
}
type tags struct {
	*inner
	Other
	hiddenFields
	Named   inner     `json:"named"`
	Str     int       `json:"str,string"`
	Quoted  string    `json:",string"`
	Empty   []int     `json:"empty,omitempty"`
	Zero    time.Time `json:"zero,omitzero"`
	Ignored int       `json:"-"`
	Dash    int       `json:"-,"`
	Bad     int       `json:"bad\"name"`
	Pointer *int      `json:"pointer,omitempty"`
	Iface   any
	private int
	Bytes   []byte
	Array   [2]byte
	Map     map[string]int `json:",omitempty"`
	Err     error
	B       int `json:"B"`
}

// Structs that hold errors have the fields that encoding/json chooses.
func TestValues_StructsLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	n := 7
	for _, v := range []any{
		tags{}, tags{inner: &inner{1, 2, 3}, Str: 5, Quoted: "q\"", Empty: []int{1}, Zero: time.Unix(1, 0).UTC(), Pointer: &n, Iface: "<&>", Bytes: []byte("ab"), Map: map[string]int{"b": 1, "a": 2}, B: 9},
		struct {
			inner
			Other
			X any
		}{inner{1, 2, 3}, Other{4, 5}, nil},
		[]any{tags{}, &tags{Iface: map[string]any{"\xff\u2028": "\xff"}}},
	} {
		var want strings.Builder
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		l, b := logger(t, logging.Options{})
		l.Info("", "v", v)
		var got struct{ V json.RawMessage }
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(`\ufffd`, "\uFFFD").Replace(strings.TrimSpace(want.String()))
		if string(got.V) != text {
			t.Errorf("%T:\ngot  %s\nwant %s", v, got.V, text)
		}
	}
}

// Each value contains another of its kind, 150 deep.
func TestValues_DepthIsBoundedForEachKind(t *testing.T) {
	t.Parallel()
	type link struct{ Next any }
	type key string
	for name, around := range map[string]func(v any) any{
		"lists":      func(v any) any { return []any{v} },
		"arrays":     func(v any) any { return [1]any{v} },
		"maps":       func(v any) any { return map[key]any{"k": v} },
		"structs":    func(v any) any { return link{v} },
		"pointers":   func(v any) any { return &v },
		"LogValuers": func(v any) any { return logValue(func() slog.Value { return slog.AnyValue(&v) }) },
	} {
		for depth, want := range map[int]bool{45: false, 150: true} {
			v := any(errors.New("innermost"))
			for range depth {
				v = around(v)
			}
			l, b := logger(t, logging.Options{})
			l.Info("m", "v", []any{v}, "after", 1)
			if m := lines(t, b.Bytes())[0]; m["after"] != 1.0 {
				t.Errorf("%d %s: got %.200s, want the attribute after them", depth, name, b)
			}
			if got := strings.Contains(b.String(), "!ERROR: values are nested too deep"); got != want || strings.Contains(b.String(), "innermost") == want {
				t.Errorf("%d %s: got a note %v in %.500s, want %v", depth, name, got, b, want)
			}
		}
	}
}

// A list with an error is not encoded by encoding/json, its other elements are as there.
func TestValues_NumbersInAListWithAnError(t *testing.T) {
	t.Parallel()
	numbers := []any{
		int(-1), int8(math.MinInt8), int16(math.MinInt16), int32(math.MinInt32), int64(math.MinInt64), uint(1), uint8(math.MaxUint8), uint16(math.MaxUint16),
		uint32(math.MaxUint32), uint64(math.MaxUint64), uintptr(7), float32(0.1), float32(1e30), 0.1, 1e30, true, false, "<text>", time.Second, slog.LevelInfo, json.Number("1.50"),
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(numbers); err != nil {
		t.Fatal(err)
	}
	l, b := logger(t, logging.Options{})
	l.Info("m", "v", append(numbers, errors.New("x")))
	if want := `"v":` + strings.TrimSuffix(want.String(), "]\n") + ","; !strings.Contains(b.String(), want) {
		t.Errorf("got %s, want %s", b, want)
	}
}

// pointerKey has a method that fails if the pointer is nil.
type pointerKey struct{ n int }

func (k *pointerKey) MarshalText() ([]byte, error) { return fmt.Append(nil, "p", k.n), nil }

type brokenKey struct{}

func (brokenKey) MarshalText() ([]byte, error) { return nil, errors.New("broken") }

// The names are those of encoding/json.
func TestValues_KeysOfMaps(t *testing.T) {
	t.Parallel()
	const e = `{"message":"x","type":"*errors.errorString"}`
	err := errors.New("x")
	type text string
	for _, c := range []struct {
		v    any
		want string
	}{
		{map[*pointerKey]error{nil: err}, `{"":` + e + `}`},
		{map[*pointerKey]error{{n: 2}: err}, `{"p2":` + e + `}`},
		{map[text]error{"b": err, "a": nil}, `{"a":null,"b":` + e + `}`},
		{map[int8]error{-3: err}, `{"-3":` + e + `}`},
		{map[uint64]error{math.MaxUint64: err}, `{"18446744073709551615":` + e + `}`},
		{map[uintptr]error{7: err}, `{"7":` + e + `}`},
		{map[slog.Level]error{slog.LevelWarn: err}, `{"WARN":` + e + `}`}, // by its MarshalText
		{map[brokenKey]error{{}: err}, `"!ERROR: json: unsupported type: map[logging_test.brokenKey]error"`},
		{map[float64]error{1: err}, `"!ERROR: json: unsupported type: map[float64]error"`},
		{map[bool]error{true: err}, `"!ERROR: json: unsupported type: map[bool]error"`},
		{map[any]error{"a": err}, `"!ERROR: json: unsupported type: map[interface {}]error"`},
	} {
		l, b := logger(t, logging.Options{})
		l.Info("m", "v", c.v, "after", 1)
		if got, want := body(t, b), `{"v":`+c.want+`,"after":1}`; got != want {
			t.Errorf("%T: got %s, want %s", c.v, got, want)
		}
	}
}

// The elements of a value inside a value count, too.
func TestValues_InsideCausesAreBounded(t *testing.T) {
	t.Parallel()
	encoded := 0
	list := make([]any, 10_000)
	for i := range list {
		list[i] = logValue(func() slog.Value { encoded++; return slog.StringValue("xxxxxxxxxxxxxxxx") })
	}
	cause := &listCause{list}
	l, b := logger(t, logging.Options{})
	l.Info("m", "v", []any{strings.Repeat("x", 60_000), &wrapping{"a", cause}}, "after", 1)
	if m := lines(t, b.Bytes())[0]; m["after"] != 1.0 || encoded < 20 || encoded > 1000 {
		t.Errorf("got %d elements encoded, want no more than a line holds", encoded)
	}
}

type listCause struct{ list []any }

func (*listCause) Error() string          { return "list" }
func (c *listCause) LogValue() slog.Value { return slog.AnyValue(c.list) }

// No more of a value is encoded than a line holds, whatever holds the elements.
func TestValues_OfEachKindAreBounded(t *testing.T) {
	t.Parallel()
	encoded := 0
	element := logValue(func() slog.Value { encoded++; return slog.StringValue("xxxxxxxxxxxxxxxx") })
	type wide struct{ A, B, C, D, E, F, G, H any }
	w := wide{element, element, element, element, element, element, element, element}
	for range 4 { // 8^5 elements
		w = wide{w, w, w, w, w, w, w, w}
	}
	list, byName := make([]any, 10_000), make(map[string]any, 10_000)
	for i := range list {
		list[i], byName[fmt.Sprint(i)] = element, element
	}
	for name, v := range map[string]any{"struct": w, "list": list, "array": [2]any{list, list}, "map": byName} {
		encoded = 0
		l, b := logger(t, logging.Options{MaxLineBytes: 4000})
		l.Info("m", "v", v, "after", 1)
		if m := lines(t, b.Bytes())[0]; m["after"] != 1.0 || encoded < 100 || encoded > 4000/16 {
			t.Errorf("%s: got %d elements encoded and the line %.200s, want at most %d", name, encoded, b, 4000/16)
		}
	}
}

// Numbers and texts whose pointers have methods.
type (
	pointerInt  int
	pointerText string
	pointerLog  bool
)

func (p *pointerInt) MarshalText() ([]byte, error) { return fmt.Append(nil, "p", int(*p)), nil }
func (p *pointerText) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `["%s"]`, string(*p)), nil
}
func (p *pointerLog) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(bool(*p))) }

func TestValues_MethodsOfPointersCountIfThereIsAnAddress(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	i, s, y := pointerInt(1), pointerText("t"), pointerLog(true)
	l.Info("m", "v", []any{errors.New("x"), []pointerInt{1}, []pointerText{"t"}, []pointerLog{true}, &i, &s, &y, i, s, y, map[string]pointerInt{"k": 1}, struct {
		I pointerInt
		E error
	}{1, nil}, &struct {
		I pointerInt
		E error
	}{1, nil}})
	_, got, _ := strings.Cut(strings.TrimSpace(b.String()), `"*errors.errorString"},`)
	if want := `["p1"],[["t"]],["true"],"p1",["t"],"true",1,"t",true,{"k":1},{"I":1,"E":null},{"I":"p1","E":null}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// sameKey is a key whose text is that of others.
type sameKey struct{ n int }

func (sameKey) MarshalText() ([]byte, error) { return []byte("same"), nil }

func TestValues_KeysWithOneTextAreOneMember(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Info("m", "v", map[sameKey]error{{1}: nil, {2}: nil, {3}: nil})
	if got, want := body(t, b), `{"v":{"same":null}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The bound of one value is not the bound of the next.
func TestValues_EachHasItsOwnBound(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	list := []any{errors.New("x"), 1, 2, 3}
	l.Info("m", "first", list, "text", strings.Repeat("x", 70_000), "second", list, slog.Group("g", "third", list))
	if got := strings.Count(b.String(), ",1,2,3]"); got != 3 {
		t.Errorf("got %d whole lists in a line that ends in %s, want 3", got, b.Bytes()[max(0, b.Len()-500):])
	}
}

func TestValues_LogValuersInAListMayBeScalars(t *testing.T) {
	t.Parallel()
	var list []any
	for _, v := range []slog.Value{slog.IntValue(-1), slog.Uint64Value(2), slog.Float64Value(1.5), slog.BoolValue(true), slog.DurationValue(3), slog.TimeValue(time.Unix(0, 0).UTC()), slog.StringValue("s"),
		slog.AnyValue(nil), slog.AnyValue([]int{1}), slog.AnyValue(errors.New("x")), slog.GroupValue()} {
		list = append(list, logValue(func() slog.Value { return v }))
	}
	l, b := logger(t, logging.Options{})
	l.Info("m", "v", list)
	if got, want := body(t, b), `{"v":[-1,2,1.5,true,3,"1970-01-01T00:00:00Z","s",null,[1],{"message":"x","type":"*errors.errorString"},{}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
