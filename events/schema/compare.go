package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Report is the result of [Compare].
type Report struct {
	Backward bool // the new schema reads data that were written with the old one
	Forward  bool // the old schema reads data that were written with the new one

	// Breaks are the changes that make it incompatible, in the order of their pointers. At most 100 of
	// a direction are listed.
	Breaks []Break
}

// Verdict returns "full", "backward", "forward" or "none".
func (r *Report) Verdict() string {
	switch {
	case r.Backward && r.Forward:
		return "full"
	case r.Backward:
		return "backward"
	case r.Forward:
		return "forward"
	}
	return "none"
}

// Break is a change that is not compatible.
type Break struct {
	// Pointer is the JSON pointer of the keyword that changed. It is a place in the new schema, or in
	// the old one if the new one does not have the place.
	Pointer string

	Change            string // such as "type was integer, is string"
	Backward, Forward bool   // the directions that it breaks
}

func (b Break) String() string {
	direction := "forward"
	if b.Backward {
		direction = "backward"
		if b.Forward {
			direction = "backward and forward"
		}
	}
	return fmt.Sprintf("%s: %s (breaks %s)", pointerText(b.Pointer), b.Change, direction)
}

// Compare tells whether a change of a schema is compatible. The schemas may be of JSON Schema 2020-12,
// 2019-09, Draft 7, 6 or 4, and both of the same. A schema without $schema is of 2020-12.
//
// If Compare says that a change is compatible, it is. If it cannot compare a change, it reports a
// break. See the package comment.
//
// It fails if a schema is not valid JSON, has a keyword that is malformed, is larger than 1 MB, or is
// nested deeper than 256 levels, and if the schemas are of different drafts.
func Compare(old, new []byte) (*Report, error) {
	ids := 0
	before, err := readDocument(old, &ids)
	if err != nil {
		return nil, fmt.Errorf("schema: read the old schema: %w", err)
	}
	after, err := readDocument(new, &ids)
	if err != nil {
		return nil, fmt.Errorf("schema: read the new schema: %w", err)
	}
	if before.dialect != after.dialect {
		return nil, fmt.Errorf("schema: the old schema is of %s, and the new one of %s", before.dialect.name, after.dialect.name)
	}
	if key(before.root.raw) == key(after.root.raw) {
		return &Report{Backward: true, Forward: true}, nil
	}
	breaks := merge(check(before, after, true), check(before, after, false), custom(before, after))
	if before.err != nil {
		return nil, fmt.Errorf("schema: read the old schema: %w", before.err)
	}
	if after.err != nil {
		return nil, fmt.Errorf("schema: read the new schema: %w", after.err)
	}
	r := &Report{Backward: true, Forward: true, Breaks: breaks}
	for _, b := range breaks {
		r.Backward = r.Backward && !b.Backward
		r.Forward = r.Forward && !b.Forward
	}
	return r, nil
}

// custom compares the keywords that JSON Schema does not define.
func custom(old, new *document) (breaks []Break) {
	for _, at := range sortedNames(new.nodes) {
		before, after := old.nodes[at], new.nodes[at]
		if before == nil || len(breaks) >= maxBreaks {
			continue
		}
		names := append(append([]string(nil), before.custom...), after.custom...)
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if before.has(name) != after.has(name) || key(before.keywords[name]) != key(after.keywords[name]) {
				breaks = append(breaks, Break{join(at, name), "the unknown keyword " + shorten(name) + " changed and cannot be compared", true, true})
			}
		}
	}
	return breaks
}

// merge joins lists of breaks. A break in both directions is listed once.
func merge(lists ...[]Break) (breaks []Break) {
	type place struct{ pointer, change string }
	index := make(map[place]int)
	for _, list := range lists {
		for _, b := range list {
			i, ok := index[place{b.Pointer, b.Change}]
			if !ok {
				index[place{b.Pointer, b.Change}] = len(breaks)
				breaks = append(breaks, b)
				continue
			}
			breaks[i].Backward = breaks[i].Backward || b.Backward
			breaks[i].Forward = breaks[i].Forward || b.Forward
		}
	}
	slices.SortStableFunc(breaks, func(a, b Break) int {
		return cmp.Or(strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Change, b.Change))
	})
	return breaks
}

// valueText returns a value as JSON.
func valueText(v any) string {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSpace(text.String())
}
