package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// kinds is a set of kinds of JSON values.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindObject
	kindArray
	kindString
	kindInteger
	kindFraction // a number that is not an integer
	allKinds     = 1<<iota - 1

	kindNumber = kindInteger | kindFraction
)

var kindNames = map[string]kinds{
	"null": kindNull, "boolean": kindBoolean, "object": kindObject, "array": kindArray,
	"string": kindString, "integer": kindInteger, "number": kindNumber,
}

func (k kinds) String() string {
	switch k {
	case 0:
		return "none"
	case allKinds:
		return "any"
	}
	var names []string
	for _, name := range strings.Fields("null boolean object array string number integer") {
		if has := kindNames[name]; k&has == has && !(name == "integer" && k&kindNumber == kindNumber) {
			names = append(names, name)
		}
	}
	if k&kindNumber == kindFraction {
		names = append(names, "fraction")
	}
	return strings.Join(names, " or ")
}

func (d dialect) kindOf(v any) kinds {
	switch v := v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBoolean
	case map[string]any:
		return kindObject
	case []any:
		return kindArray
	case json.Number:
		n, _ := parseNumber(string(v))
		switch {
		case !n.isInteger():
			return kindFraction
		case d.booleanExclusive && strings.ContainsAny(string(v), ".eE"):
			return kindNumber // validators of Draft 4 differ about 1.0
		}
		return kindInteger
	}
	return kindString
}

// limit is a minimum or a maximum.
type limit struct {
	number
	exclusive bool
	text      string
}

// limits are the keywords with a limit. Those of a name with min are the lower ones.
var limits = []struct {
	keyword string
	kind    kinds
}{
	{"minimum", kindNumber}, {"maximum", kindNumber},
	{"minLength", kindString}, {"maxLength", kindString},
	{"minItems", kindArray}, {"maxItems", kindArray},
	{"minProperties", kindObject}, {"maxProperties", kindObject},
}

// node is a schema.
type node struct {
	id  int
	doc *document
	at  string // its JSON pointer
	raw any

	keywords map[string]any // without ignored ones
	foreign  bool           // it is inside a schema with its own id, which references start from

	none       bool // it is the schema false
	kinds      kinds
	values     values // of enum and const; nil: any
	limits     map[string]limit
	pattern    string
	required   []string
	requires   map[string]bool  // the same names
	properties map[string]*node // nil: the keyword is missing
	additional *node
	items      *node

	ref          string
	allOf        []*node
	alternatives [][]*node // of anyOf, and of oneOf if the schema is the writer's

	opaque []string // keywords that are equal or cannot be compared
	custom []string // keywords that JSON Schema does not define
}

// annotations are keywords that no document depends on.
var annotations = strings.Fields(`title description $comment default example examples deprecated readOnly writeOnly format
	contentEncoding contentMediaType contentSchema media $defs definitions $anchor $dynamicAnchor $recursiveAnchor`)

// opaque are the keywords that are equal or cannot be compared, and the kinds of values that they are
// about. Those of a group depend on each other.
var opaque = map[string]struct {
	kinds kinds
	group string
}{
	"multipleOf": {kindNumber, ""}, "uniqueItems": {kindArray, ""},
	"contains": {kindArray, "contains minContains maxContains"}, "minContains": {0, ""}, "maxContains": {0, ""},
	"prefixItems": {kindArray, ""}, "additionalItems": {kindArray, "items additionalItems"}, "unevaluatedItems": {kindArray, ""},
	"patternProperties": {kindObject, ""}, "propertyNames": {kindObject, ""}, "unevaluatedProperties": {kindObject, ""},
	"dependentRequired": {kindObject, ""}, "dependentSchemas": {kindObject, ""}, "dependencies": {kindObject, ""},
	"not": {allKinds, ""}, "if": {allKinds, "if then else"}, "then": {0, ""}, "else": {0, ""}, "oneOf": {allKinds, ""},
	"$dynamicRef": {allKinds, ""}, "$recursiveRef": {allKinds, ""}, "$id": {allKinds, ""}, "items": {kindArray, "items additionalItems"},
}

// contextual are opaque keywords whose meaning depends on other keywords or on the whole document.
var contextual = strings.Fields("unevaluatedItems unevaluatedProperties $dynamicRef $recursiveRef $id")

// opening are keywords that may allow members that properties does not describe.
var opening = strings.Fields(`patternProperties unevaluatedProperties dependentSchemas dependencies not if $dynamicRef $recursiveRef $id`)

// parse reads the keywords.
func (n *node) parse() {
	n.kinds = allKinds
	keywords, ok := n.raw.(map[string]any)
	if !ok {
		accepts, ok := n.raw.(bool)
		if !ok {
			n.doc.fail(n.at, "a schema is an object or a boolean")
		}
		n.none = !accepts
		return
	}
	if ref, ok := keywords["$ref"]; ok && n.doc.refAlone {
		keywords = map[string]any{"$ref": ref}
	}
	n.keywords = keywords
	n.foreign = n.foreign || n.at != "" && n.has(n.doc.id)
	for _, name := range sortedNames(keywords) {
		n.keyword(name, keywords[name])
	}
	n.exclusive("minimum", "exclusiveMinimum", 1)
	n.exclusive("maximum", "exclusiveMaximum", -1)
}

// keyword reads a keyword.
func (n *node) keyword(name string, v any) {
	malformed := func(want string) { n.doc.fail(n.at+"/"+name, "want %s", want) }
	switch name {
	case "type":
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		n.kinds = 0
		for _, e := range list {
			text, _ := e.(string)
			if kindNames[text] == 0 {
				malformed("the name of a type, or a list of names")
			}
			n.kinds |= kindNames[text]
		}
	case "enum":
		list, ok := v.([]any)
		if !ok {
			malformed("a list")
		}
		n.restrict(list)
	case "const":
		if n.doc.booleanExclusive { // Draft 4 does not have it
			n.custom = append(n.custom, name)
			return
		}
		n.restrict([]any{v})
	case "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		text, ok := v.(json.Number)
		if !ok {
			malformed("a number")
		}
		x, _ := parseNumber(string(text))
		if name != "minimum" && name != "maximum" && (x.negative || !x.isInteger()) {
			malformed("a count")
		}
		n.limit(name, limit{number: x, text: string(text)})
	case "exclusiveMinimum", "exclusiveMaximum": // see exclusive
	case "pattern":
		var ok bool
		if n.pattern, ok = v.(string); !ok {
			malformed("a text")
		}
	case "required":
		list, ok := v.([]any)
		if !ok {
			malformed("a list of names")
		}
		n.requires = make(map[string]bool, len(list))
		for _, e := range list {
			text, ok := e.(string)
			if !ok {
				malformed("a list of names")
			}
			n.required = append(n.required, text)
			n.requires[text] = true
		}
	case "properties":
		n.properties = make(map[string]*node)
		members, ok := v.(map[string]any)
		if !ok {
			malformed("an object")
		}
		for _, member := range sortedNames(members) {
			n.properties[member] = n.child(members[member], name, member)
		}
	case "additionalProperties":
		n.additional = n.child(v, name)
	case "items":
		if _, ok := v.([]any); ok {
			n.opaque = append(n.opaque, name)
			return
		}
		n.items = n.child(v, name)
	case "$ref":
		var ok bool
		if n.ref, ok = v.(string); !ok {
			malformed("a text")
		}
	case "allOf", "anyOf", "oneOf":
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			malformed("a list of schemas")
		}
		var nodes []*node
		for i, e := range list {
			nodes = append(nodes, n.child(e, name, strconv.Itoa(i)))
		}
		if name == "allOf" {
			n.allOf = nodes
			return
		}
		n.alternatives = append(n.alternatives, nodes)
		if name == "oneOf" {
			n.opaque = append(n.opaque, name)
		}
	case "$schema":
		if text, _ := v.(string); n.at != "" || text == "" {
			if d, err := dialectOf(text); err != nil || d != n.doc.dialect {
				n.doc.fail(n.at+"/$schema", "another draft than the rest of the schema")
			}
		}
	case n.doc.id:
		if n.at != "" {
			n.opaque = append(n.opaque, "$id")
		}
	default:
		switch _, known := opaque[name]; {
		case slices.Contains(annotations, name):
		case known && !(name == "uniqueItems" && v == false):
			n.opaque = append(n.opaque, name)
		case !known:
			n.custom = append(n.custom, name)
		}
	}
}

func (n *node) child(raw any, path ...string) *node {
	at := n.at
	for _, name := range path {
		at = join(at, name)
	}
	return n.doc.node(at, raw, n.foreign)
}

// values is a set of values by their keys.
type values map[string]any

// both returns the values that are in both sets. A nil set has all values.
func (v values) both(w values) values {
	switch {
	case v == nil:
		return w
	case w == nil:
		return v
	}
	result := values{}
	for k, value := range v {
		if _, ok := w[k]; ok {
			result[k] = value
		}
	}
	return result
}

// restrict keeps the values that list has, too.
func (n *node) restrict(list []any) {
	set := values{}
	for _, v := range list {
		set[key(v)] = v
	}
	n.values = n.values.both(set)
}

func (n *node) limit(keyword string, l limit) {
	if n.limits == nil {
		n.limits = make(map[string]limit)
	}
	n.limits[keyword] = l
}

// exclusive reads an exclusive limit. sign is 1 for a minimum and -1 for a maximum.
func (n *node) exclusive(keyword, name string, sign int) {
	v, ok := n.keywords[name]
	if !ok {
		return
	}
	inclusive, limited := n.limits[keyword]
	switch v := v.(type) {
	case bool:
		if !n.doc.booleanExclusive {
			n.doc.fail(n.at+"/"+name, "want a number")
		}
		if v && limited {
			inclusive.exclusive = true
			inclusive.text += " exclusive"
			n.limits[keyword] = inclusive
		}
	case json.Number:
		if n.doc.booleanExclusive {
			n.doc.fail(n.at+"/"+name, "want a boolean")
		}
		x, _ := parseNumber(string(v))
		if !limited || sign*x.compare(inclusive.number) >= 0 {
			n.limit(keyword, limit{x, true, string(v) + " exclusive"})
		}
	default:
		n.doc.fail(n.at+"/"+name, "want a number or a boolean")
	}
}

// opens reports whether members may occur that properties does not describe.
func (n *node) opens() bool {
	return slices.ContainsFunc(n.opaque, func(name string) bool { return slices.Contains(opening, name) })
}

func (n *node) has(keyword string) bool {
	_, ok := n.keywords[keyword]
	return ok
}
