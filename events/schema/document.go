package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a schema that is read.
const (
	maxBytes = 1 << 20
	maxDepth = 256
)

// dialect has the differences between the drafts that a comparison depends on.
type dialect struct {
	name             string
	refAlone         bool   // other keywords beside $ref are ignored
	booleanExclusive bool   // exclusiveMinimum is a bool
	id               string // the keyword of ids
}

// dialects are the drafts by $schema, without the fragment.
var dialects = map[string]dialect{
	"": {"2020-12", false, false, "$id"},
	"https://json-schema.org/draft/2020-12/schema": {"2020-12", false, false, "$id"},
	"https://json-schema.org/draft/2019-09/schema": {"2019-09", false, false, "$id"},
	"http://json-schema.org/draft-07/schema":       {"Draft 7", true, false, "$id"},
	"http://json-schema.org/draft-06/schema":       {"Draft 6", true, false, "$id"},
	"http://json-schema.org/draft-04/schema":       {"Draft 4", true, true, "id"},
}

// document is a schema that is compared.
type document struct {
	dialect
	root  *node
	nodes map[string]*node // by their JSON pointers
	err   error            // the first malformed keyword
	ids   *int             // the last id of a node
}

// readDocument reads a schema.
func readDocument(text []byte, ids *int) (*document, error) {
	if len(text) > maxBytes {
		return nil, fmt.Errorf("the schema has %d bytes; at most %d are read", len(text), maxBytes)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	raw, err := readValue(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is text behind the JSON value")
		}
	}
	if err != nil {
		return nil, err
	}
	doc := &document{nodes: make(map[string]*node), ids: ids}
	name := ""
	if keywords, ok := raw.(map[string]any); ok && keywords["$schema"] != nil {
		if name, ok = keywords["$schema"].(string); !ok {
			return nil, errors.New("$schema is not a text")
		}
	}
	if doc.dialect, err = dialectOf(name); err != nil {
		return nil, err
	}
	doc.root = doc.node("", raw, false)
	return doc, doc.err
}

func dialectOf(name string) (dialect, error) {
	d, ok := dialects[strings.TrimSuffix(name, "#")]
	if !ok {
		return d, fmt.Errorf("the $schema %.100q is not JSON Schema 2020-12, 2019-09 or Draft 7, 6 or 4", name)
	}
	return d, nil
}

// readValue reads a JSON value. Unlike encoding/json it refuses two members of one name, of which
// validators take different ones.
func readValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the schema is nested deeper than %d levels", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, syntaxError(err)
	}
	switch token {
	case json.Delim('{'):
		object := make(map[string]any)
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, syntaxError(err)
			}
			text := name.(string)
			if _, ok := object[text]; ok {
				return nil, fmt.Errorf("an object has the member %.100q twice", text)
			}
			if object[text], err = readValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return object, syntaxError(err)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, syntaxError(err)
	}
	if n, ok := token.(json.Number); ok {
		if _, ok := parseNumber(string(n)); !ok {
			return nil, fmt.Errorf("the exponent of the number %.100s is too large", n)
		}
	}
	return token, nil
}

func syntaxError(err error) error {
	if err == nil {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the schema is not JSON: %w", err)
}

// node returns the schema at a JSON pointer. foreign says that it is inside a schema with its own id.
func (d *document) node(at string, raw any, foreign bool) *node {
	if n, ok := d.nodes[at]; ok {
		return n
	}
	*d.ids++
	n := &node{id: *d.ids, doc: d, at: at, raw: raw, foreign: foreign}
	d.nodes[at] = n
	n.parse()
	return n
}

// fail sets err.
func (d *document) fail(at, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%s: %s", pointerText(at), fmt.Sprintf(format, args...))
	}
}

// pointerText returns a JSON pointer as text. The pointer of the whole document is empty.
func pointerText(at string) string {
	if at == "" {
		return "the schema"
	}
	return at
}

// target returns the schema that $ref names. It reports false for a schema of another document, and for
// references in and into schemas with their own id.
func (n *node) target() (*node, bool) {
	d := n.doc
	pointer, ok := strings.CutPrefix(n.ref, "#")
	if !ok || n.foreign {
		return nil, false
	}
	pointer, err := url.PathUnescape(pointer)
	if err != nil || pointer != "" && pointer[0] != '/' {
		return nil, false
	}
	raw, at := d.root.raw, ""
	for i, step := range strings.Split(pointer, "/") {
		if i == 0 {
			continue
		}
		name := fromPointer.Replace(step)
		switch v := raw.(type) {
		case map[string]any:
			if _, has := v[d.id].(string); has && at != "" {
				return nil, false
			}
			if raw, ok = v[name]; !ok {
				return nil, false
			}
		case []any:
			index, err := strconv.Atoi(name)
			if err != nil || index < 0 || index >= len(v) || strconv.Itoa(index) != name {
				return nil, false
			}
			raw = v[index]
		default:
			return nil, false
		}
		at = join(at, name)
	}
	return d.node(at, raw, false), true
}

// join appends a member to a JSON pointer.
func join(at, name string) string {
	return at + "/" + toPointer.Replace(name)
}

var (
	toPointer   = strings.NewReplacer("~", "~0", "/", "~1")
	fromPointer = strings.NewReplacer("~1", "/", "~0", "~")
)

// key returns a text that equal JSON values have in common, and no others.
func key(v any) string { return string(appendKey(nil, v)) }

func appendKey(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		b = append(b, '{')
		for _, name := range sortedNames(v) {
			b = append(strconv.AppendQuote(b, name), ':')
			b = append(appendKey(b, v[name]), ',')
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for _, e := range v {
			b = append(appendKey(b, e), ',')
		}
		return append(b, ']')
	case json.Number:
		n, _ := parseNumber(string(v))
		return append(b, n.key()...)
	case string:
		return strconv.AppendQuote(b, v)
	}
	return fmt.Append(b, v)
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// hasReference reports whether a part of a schema may depend on other parts of its document.
func hasReference(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if name == "$ref" || name == "$dynamicRef" || name == "$recursiveRef" || hasReference(e) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasReference)
	}
	return false
}
