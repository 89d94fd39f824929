// Package xraytest checks X-Ray segment documents in tests, and replaces the X-Ray daemon
// there. It implements X-Ray's rules independently of the encoder. The module
// internal/schematest checks the same documents against a JSON Schema.
package xraytest

import (
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsontest"
	"github.com/lambdakit/lambdakit/internal/segment"
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
	d, err := segment.Read(document)
	if err != nil {
		return append(problems, err.Error()) // such as a time that is too large for a float64
	}
	if !d.InProgress && d.EndTime < d.StartTime {
		problems = append(problems, fmt.Sprintf("it ends at %f, before its start at %f", d.EndTime, d.StartTime))
	}
	if n := len(d.Annotations); n > 50 {
		problems = append(problems, fmt.Sprintf("it has %d annotations", n))
	}
	if d.ID != "" && d.ID == d.ParentID {
		problems = append(problems, "it is its own parent")
	}
	return append(problems, exceptionProblems(d.ID, d.Cause.Exceptions)...)
}

// exceptionProblems returns the faults of the ids of exceptions. An id is unique in the document.
// The cause of an exception is another exception of the document. id is the id of the segment.
func exceptionProblems(id string, exceptions []segment.Exception) (problems []string) {
	seen := map[string]bool{id: true}
	for _, x := range exceptions {
		if seen[x.ID] {
			problems = append(problems, fmt.Sprintf("the id of the exception %s is not unique", x.ID))
		}
		seen[x.ID] = true
	}
	causes := make(map[string]string)
	for _, x := range exceptions {
		if x.Cause == "" {
			continue
		}
		if !seen[x.Cause] || x.Cause == id {
			problems = append(problems, fmt.Sprintf("the exception %s has a cause, %s, that is not in the document", x.ID, x.Cause))
		}
		causes[x.ID] = x.Cause
	}
	for _, x := range exceptions {
		at := x.ID
		for range exceptions {
			if at = causes[at]; at == x.ID {
				problems = append(problems, fmt.Sprintf("the exception %s causes itself", x.ID))
				break
			}
		}
	}
	return problems
}
