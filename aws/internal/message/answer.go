package message

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambdakit/lambdakit/aws/internal/request"
)

// ID returns the id of an entry: its position in the request.
func ID(position int) *string { return aws.String(strconv.Itoa(position)) }

// Answer collects the results of a request. Results with unknown ids, and all but the first one of an
// entry, are ignored.
type Answer struct {
	errs  []error
	known []bool
}

// NewAnswer returns the Answer to a request with n entries.
func NewAnswer(n int) *Answer { return &Answer{make([]error, n), make([]bool, n)} }

// Accepted adds a success.
func (a *Answer) Accepted(id *string) { a.add(id, nil) }

// Refused adds a failure.
func (a *Answer) Refused(id, code *string, senderFault bool) {
	a.add(id, &request.Refused{Code: aws.ToString(code), SenderFault: senderFault})
}

func (a *Answer) add(id *string, err error) {
	i, e := strconv.Atoi(aws.ToString(id))
	if e == nil && 0 <= i && i < len(a.errs) && !a.known[i] {
		a.errs[i], a.known[i] = err, true
	}
}

// Errors returns an error for each entry: nil, a *request.Refused, or request.ErrUnknown.
func (a *Answer) Errors() []error {
	for i, known := range a.known {
		if !known {
			a.errs[i] = request.ErrUnknown
		}
	}
	return a.errs
}
