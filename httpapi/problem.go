package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Error is an error with an answer for the client, a problem of RFC 9457. A typed operation returns it,
// also wrapped.
type Error struct {
	Status   int // 400 to 599
	Type     string
	Title    string // default: the text of the status
	Detail   string
	Problems []Problem
	Err      error // for logs; the client does not see it
}

// Problem describes a fault of one part of a request.
type Problem struct {
	In     string `json:"in"`             // path, query, header, cookie, body or auth
	Name   string `json:"name,omitempty"` // of the parameter, or the path of the member in the body
	Detail string `json:"detail"`
}

// Error describes the answer and its cause.
func (e *Error) Error() string {
	text := fmt.Sprintf("httpapi: %d %s", e.Status, e.title())
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	for _, p := range e.Problems {
		text += fmt.Sprintf("; %s %s %s", p.In, p.Name, p.Detail)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) title() string {
	if e.Title != "" {
		return e.Title
	}
	return http.StatusText(e.Status)
}

// write answers with the problem.
func (e *Error) write(w http.ResponseWriter) {
	body, err := json.Marshal(struct {
		Type     string    `json:"type,omitempty"`
		Title    string    `json:"title"`
		Status   int       `json:"status"`
		Detail   string    `json:"detail,omitempty"`
		Problems []Problem `json:"problems,omitempty"`
	}{e.Type, e.title(), e.Status, e.Detail, e.Problems})
	if err != nil { // texts only: it cannot fail
		panic(err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(e.Status)
	w.Write(body)
}

// maxProblems bounds the problems of an answer.
const maxProblems = 20

// problems collects the faults of a request.
type problems struct {
	status int
	list   []Problem
}

// add adds a problem. The answer has the most specific status: 401, then 415, then 413, then 400, then 422.
func (p *problems) add(status int, in, name, format string, args ...any) {
	if p.status == 0 || rank(status) < rank(p.status) {
		p.status = status
	}
	if len(p.list) < maxProblems {
		p.list = append(p.list, Problem{in, name, fmt.Sprintf(format, args...)})
	}
}

// addUnread adds the problem of a body that could not be read: it is too large, or another one.
func (p *problems) addUnread(err error, other string) {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p.add(http.StatusRequestEntityTooLarge, "body", "", "must have at most %d bytes", large.Limit)
		return
	}
	p.add(http.StatusBadRequest, "body", "", "%s", other)
}

func rank(status int) int {
	switch status {
	case http.StatusUnauthorized:
		return 0
	case http.StatusUnsupportedMediaType:
		return 1
	case http.StatusRequestEntityTooLarge:
		return 2
	case http.StatusBadRequest:
		return 3
	}
	return 4
}

func (p *problems) err() *Error {
	if len(p.list) == 0 {
		return nil
	}
	return &Error{Status: p.status, Problems: p.list}
}
