// Package xraytest checks X-Ray segment documents in tests, and replaces the X-Ray daemon
// there. It implements X-Ray's rules independently of the encoder. The module
// internal/schematest checks the same documents against a JSON Schema.
package xraytest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsontest"
)

// MaxDocument is the longest document in bytes: the payload of a datagram over IPv4 less
// the header line.
const MaxDocument = 65_477

// Validate fails the test for each problem of a document.
func Validate(t testing.TB, document []byte) {
	t.Helper()
	for _, problem := range Problems(document) {
		t.Errorf("got problem %.2000s, want none: %.1000s", problem, document)
	}
}

// Problems returns the faults of a document that a JSON Schema cannot express, or nil if it
// has none. It collects the document for internal/schematest.
func Problems(document []byte) []string {
	jsontest.Collect("segment", document)
	problems := jsontest.Problems(document)
	if len(document) > MaxDocument {
		problems = append(problems, fmt.Sprintf("the document has %d bytes", len(document)))
	}
	var d struct {
		ID          string          `json:"id"`
		Parent      string          `json:"parent_id"`
		Start       float64         `json:"start_time"`
		End         *float64        `json:"end_time"`
		Annotations map[string]any  `json:"annotations"`
		Cause       json.RawMessage `json:"cause"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return append(problems, err.Error()) // such as a time that is too large for a float64
	}
	if d.End != nil && *d.End < d.Start {
		problems = append(problems, fmt.Sprintf("it ends at %f, before its start at %f", *d.End, d.Start))
	}
	if n := len(d.Annotations); n > 50 {
		problems = append(problems, fmt.Sprintf("it has %d annotations", n))
	}
	if d.ID != "" && d.ID == d.Parent {
		problems = append(problems, "it is its own parent")
	}
	if strings.HasPrefix(string(d.Cause), "{") {
		problems = append(problems, causeProblems(d.ID, d.Cause)...)
	}
	return problems
}

// causeProblems returns the faults of the ids of exceptions. An id is unique in the document.
// The cause of an exception is another exception of the document.
func causeProblems(segment string, cause []byte) (problems []string) {
	var c struct {
		Exceptions []struct{ ID, Cause string }
	}
	if json.Unmarshal(cause, &c) != nil {
		return nil // the schema rejects it
	}
	seen := map[string]bool{segment: true}
	for _, x := range c.Exceptions {
		if seen[x.ID] {
			problems = append(problems, fmt.Sprintf("the id of the exception %s is not unique", x.ID))
		}
		seen[x.ID] = true
	}
	causes := make(map[string]string)
	for _, x := range c.Exceptions {
		if x.Cause == "" {
			continue
		}
		if !seen[x.Cause] || x.Cause == segment {
			problems = append(problems, fmt.Sprintf("the exception %s has a cause, %s, that is not in the document", x.ID, x.Cause))
		}
		causes[x.ID] = x.Cause
	}
	for _, x := range c.Exceptions {
		at := x.ID
		for range c.Exceptions {
			if at = causes[at]; at == x.ID {
				problems = append(problems, fmt.Sprintf("the exception %s causes itself", x.ID))
				break
			}
		}
	}
	return problems
}
