package jsonschema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// New returns a function that checks data by a schema, for [events.Check]. Its errors are of the type
// *[Error]. Several goroutines may call it at the same time.
//
// [events.Check]: https://pkg.go.dev/github.com/lambdakit/lambdakit/events#Check
func New(schema []byte) (func(data []byte) error, error) {
	var s jsonschema.Schema
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, fmt.Errorf("jsonschema: read the schema: %w", err)
	}
	return newCheck(&s)
}

// Must is like [New] and panics if the schema is invalid.
func Must(schema []byte) func(data []byte) error {
	check, err := New(schema)
	if err != nil {
		panic(err.Error())
	}
	return check
}

func newCheck(s *jsonschema.Schema) (func(data []byte) error, error) {
	switch s.Schema = strings.TrimSuffix(s.Schema, "#"); s.Schema {
	case "http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema":
		s.Schema += "#" // the form that the library knows
	case "", "https://json-schema.org/draft/2020-12/schema":
	default:
		return nil, fmt.Errorf("jsonschema: the schema has the version %q; draft 2020-12 and draft-07 are supported", s.Schema)
	}
	if err := checkTypes(s); err != nil {
		return nil, err
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return nil, fmt.Errorf("jsonschema: resolve the schema: %w", err)
	}
	return func(data []byte) error {
		var value any
		if json.Unmarshal(data, &value) != nil {
			return &Error{reason: "not JSON, or a number is too large"}
		}
		if isDeep(value, maxDepth) {
			return &Error{reason: "nested too deeply"}
		}
		if err := resolved.Validate(value); err != nil {
			return newError(err)
		}
		return nil
	}, nil
}

// maxDepth bounds the levels of data. A recursive schema makes an error of as many levels, and each
// repeats the text of the one below.
const maxDepth = 200

// isDeep reports whether a value has more levels than most.
func isDeep(value any, most int) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			if most == 0 || isDeep(v, most-1) {
				return true
			}
		}
	case []any:
		for _, v := range value {
			if most == 0 || isDeep(v, most-1) {
				return true
			}
		}
	}
	return false
}

// Error reports that data do not match a schema. Its text contains nothing of the data.
type Error struct {
	// Path is the place of the value, such as items[].price. A member whose name the schema does not
	// have is "*". Empty means the whole data.
	Path string

	// Keyword is the keyword of the schema that the value violates, such as required. Empty means that
	// the data are not JSON.
	Keyword string

	reason string // more than the keyword
}

func (e *Error) Error() string {
	text := "jsonschema: "
	if e.Path != "" {
		text += e.Path + ": "
	}
	if e.Keyword == "" {
		return text + e.reason
	}
	text += "violates " + e.Keyword
	if e.reason != "" {
		text += ", " + e.reason
	}
	return text
}

// newError returns an Error without the values in the library's error, whose text is
//
//	validating PLACE: validating PLACE: KEYWORD: DETAILS
//
// Each error wraps the next one. A place is the place of a schema, not of a value.
func newError(err error) *Error {
	var places []string
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		places = append(places, place(err, inner))
		err = inner
	}
	e := &Error{Path: path(places)}
	e.Keyword, e.reason = violation(err.Error())
	return e
}
