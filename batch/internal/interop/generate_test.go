package interop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// Types with traits that reflect.StructOf cannot give.
type (
	Text   string
	Number int32
	Octet  byte
	Moment time.Time

	Base struct {
		ID   string `dynamodbav:"id"`
		Kind int
		Same string
	}
	Other struct {
		Same string
		Kind string `dynamodbav:"kind"`
	}
	inner    struct{ Deep []string }
	Embedded struct {
		Base
		*Other
		inner
		Tagged Base `dynamodbav:"tagged"`
		Kind   *int
	}
	Node struct {
		Name  string `dynamodbav:",omitempty"`
		Left  *Node
		Nodes []Node
		ByKey map[string]*Node
	}
	Twice struct {
		One
		Two
	}
	One struct{ Base }
	Two struct{ Base }
)

var leaves = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[any](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uintptr](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[Moment](),
	reflect.TypeFor[json.Number](), reflect.TypeFor[attributevalue.Number](), reflect.TypeFor[Text](), reflect.TypeFor[Number](),
	reflect.TypeFor[[2]byte](), reflect.TypeFor[[]Octet](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[[]string](),
	reflect.TypeFor[Base](), reflect.TypeFor[Embedded](), reflect.TypeFor[Node](), reflect.TypeFor[Twice](), reflect.TypeFor[struct{}](),
}

var keys = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[Text](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](), reflect.TypeFor[bool](),
	reflect.TypeFor[float64](), reflect.TypeFor[time.Time](), reflect.TypeFor[[2]int](),
}

var tags = []string{"", "", "", `dynamodbav:"x%d"`, `dynamodbav:",string"`, `dynamodbav:"X%d,omitempty,string"`, `dynamodbav:",unixtime"`, `dynamodbav:"-"`, `dynamodbav:"-,"`, `json:"j"`}

// generator makes types, and images that mostly fit them.
type generator struct{ *rand.Rand }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

func (g generator) typ(depth int) reflect.Type {
	if depth == 0 || g.IntN(3) == 0 {
		return pick(g, leaves)
	}
	switch g.IntN(5) {
	case 0:
		return reflect.PointerTo(g.typ(depth - 1))
	case 1:
		return reflect.SliceOf(g.typ(depth - 1))
	case 2:
		return reflect.ArrayOf(g.IntN(4), g.typ(depth-1))
	case 3:
		return reflect.MapOf(pick(g, keys), g.typ(depth-1))
	}
	return g.structure(depth)
}

func (g generator) structure(depth int) reflect.Type {
	var fs []reflect.StructField
	for i := range g.IntN(6) {
		tag := pick(g, tags)
		if strings.Contains(tag, "%d") {
			tag = fmt.Sprintf(tag, i)
		}
		fs = append(fs, reflect.StructField{Name: fmt.Sprintf("Field%d", i), Type: g.typ(depth - 1), Tag: reflect.StructTag(tag)})
	}
	return reflect.StructOf(fs)
}

type attribute map[string]any

func (g generator) text() string {
	return pick(g, []string{"", "text", "é\n\"😀", "5", "2026-11-29T00:50:00Z", "2026-11-29T00:50:00.123+02:00", "true", "1e3"})
}

func (g generator) number() string {
	return pick(g, []string{"0", "1", "-1", "127", "128", "255", "256", "65536", "4294967296", "8.50", "1E-7", "1e39", "1e400", "9223372036854775808", "12345678901234567890123456789012345678", "x"})
}

func (g generator) binary() string {
	return base64.StdEncoding.EncodeToString(pick(g, [][]byte{{}, {1}, {1, 2}, {1, 2}, {1, 2, 3}}))
}

func several[T any](g generator, f func() T) []T {
	list := []T{}
	for range g.IntN(4) {
		list = append(list, f())
	}
	return list
}

// attributes returns the members of an image for t.
func (g generator) attributes(t reflect.Type, depth int) map[string]attribute {
	m := map[string]attribute{}
	switch t.Kind() {
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("dynamodbav"), ",")
			if name == "" || name == "-" {
				name = f.Name
			}
			if g.IntN(4) == 0 {
				name = pick(g, []func(string) string{strings.ToLower, strings.ToUpper})(name)
			}
			taken := false
			for other := range m {
				taken = taken || strings.EqualFold(name, other)
			}
			if g.IntN(4) != 0 && !taken {
				m[name] = g.attribute(f.Type, depth-1)
			}
		}
	case reflect.Map:
		for range g.IntN(3) {
			name := g.text()
			if t.Key().Kind() != reflect.String {
				name = pick(g, []string{"1", "0", "1", "0", "2026-11-29T00:50:00Z", "x"}) // no two texts of one key
			}
			m[name] = g.attribute(t.Elem(), depth-1)
		}
	default:
		for range g.IntN(3) {
			m[g.text()] = g.attribute(reflect.TypeFor[any](), depth-1)
		}
	}
	if g.IntN(4) == 0 {
		m["unknown"] = g.attribute(reflect.TypeFor[any](), 1)
	}
	return m
}

// attribute returns an attribute value for t. A few do not fit.
func (g generator) attribute(t reflect.Type, depth int) attribute {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if depth <= 0 || g.IntN(20) == 0 {
		return attribute{"NULL": true}
	}
	if t.Kind() == reflect.Interface || g.IntN(40) == 0 {
		t = pick(g, leaves)
	}
	switch {
	case t.ConvertibleTo(reflect.TypeFor[time.Time]()):
		return pick(g, []attribute{{"S": "2026-11-29T00:50:00.5+01:00"}, {"N": "1700000000"}, {"S": g.text()}})
	case t.Kind() == reflect.Bool:
		return attribute{"BOOL": g.IntN(2) == 0}
	case t.Kind() == reflect.String:
		return pick(g, []attribute{{"S": g.text()}, {"N": g.number()}})
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return attribute{"M": g.attributes(t, depth)}
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		list := attribute{"L": several(g, func() attribute { return g.attribute(t.Elem(), depth-1) })}
		switch t.Elem().Kind() {
		case reflect.String:
			return pick(g, []attribute{list, {"SS": several(g, g.text)}, {"NS": several(g, g.number)}})
		case reflect.Uint8:
			return pick(g, []attribute{list, {"B": g.binary()}, {"B": g.binary()}})
		case reflect.Slice:
			return pick(g, []attribute{list, {"BS": several(g, g.binary)}})
		}
		return pick(g, []attribute{list, list, {"NS": several(g, func() string { return "1" })}, {"SS": several(g, g.text)}})
	case g.IntN(8) == 0:
		return pick(g, []attribute{{"S": g.text()}, {"N": g.number()}, {"B": g.binary()}})
	}
	return pick(g, []attribute{{"N": pick(g, []string{"0", "1", "7", "100"})}, {"N": g.number()}})
}
