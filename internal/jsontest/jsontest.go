// Package jsontest checks JSON documents in tests, and collects them for the module
// internal/schematest, which checks them against their JSON Schema.
package jsontest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Problems returns the faults of a JSON text, each with its place, or nil if the text is correct.
// It also reports two faults that encoding/json accepts: bytes that are not UTF-8, and two members
// of the same name in an object, of which some readers take the first and some the last.
func Problems(text []byte) (problems []string) {
	if !utf8.Valid(text) {
		problems = append(problems, "document is not UTF-8")
	}
	if err := syntax(text); err != nil {
		return append(problems, "document: "+err.Error())
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	s := scanner{dec: dec, problems: problems}
	s.value("document")
	return s.problems
}

// syntax returns the syntax error of a text, which json.Valid does not return.
func syntax(text []byte) error {
	var raw json.RawMessage
	return json.Unmarshal(text, &raw)
}

// scanner reads the tokens of a valid JSON text and collects repeated names.
type scanner struct {
	dec      *json.Decoder
	problems []string
}

func (s *scanner) value(at string) {
	switch token, _ := s.dec.Token(); token {
	case json.Delim('{'):
		s.object(at)
	case json.Delim('['):
		for i := 0; s.dec.More(); i++ {
			s.value(at + "[" + strconv.Itoa(i) + "]")
		}
		s.dec.Token()
	}
}

func (s *scanner) object(at string) {
	seen := make(map[string]bool)
	for s.dec.More() {
		token, _ := s.dec.Token()
		name, _ := token.(string)
		if seen[name] {
			s.problems = append(s.problems, fmt.Sprintf("%s has the member %.60q twice", at, name))
		}
		seen[name] = true
		s.value(at + "." + name)
	}
	s.dec.Token()
}
