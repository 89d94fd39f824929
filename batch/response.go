package batch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit"
)

// Response tells Lambda which messages of a queue come again, or at which record a stream starts
// again. See the AWS Lambda Developer Guide, "Reporting batch item failures".
type Response struct {
	BatchItemFailures []ItemFailure `json:"batchItemFailures"`
}

// ItemFailure identifies a record that Lambda delivers again.
type ItemFailure struct {
	ItemIdentifier string `json:"itemIdentifier"` // a message id or a sequence number
}

// respond makes the response from the table of records.
func (b *batch) respond(left int) (Response, error) {
	out := Response{BatchItemFailures: make([]ItemFailure, 0, min(left, len(b.records)))}
	if err := b.verdict(left); err != nil {
		return Response{}, err
	}
	if left == 0 {
		return out, nil
	}
	for i := range b.records {
		if s := b.status[i].state; s == done || s == dead {
			continue
		}
		id, err := b.identifier(i)
		if err != nil {
			return Response{}, err
		}
		out.BatchItemFailures = append(out.BatchItemFailures, ItemFailure{id})
		if b.policy == byStream {
			break
		}
	}
	return out, nil
}

// identifier returns what Lambda wants reported of a record.
func (b *batch) identifier(i int) (string, error) {
	r := &b.records[i]
	if text := r.text(r.identifier); len(text) > 0 && text[0] == '"' {
		if id := r.string(r.identifier); id != "" {
			return id, nil
		}
	}
	// Lambda would take a report without an identifier for a success, or retry the whole batch.
	return "", b.unidentified(i, "identifier")
}

// verdict marks the invocation as failed if nothing was done. With Options.ErrorIfAllFail, it returns
// an error instead. A stream gets an error only if all its handlers failed: an error makes Lambda
// split the batch in the middle, a response at the failed record.
func (b *batch) verdict(left int) error {
	if left == 0 || left < len(b.records) {
		return nil
	}
	tried := 0
	for i := range b.status {
		if b.status[i].state == failed {
			tried++
		}
	}
	err := &BatchError{Records: len(b.records), Failed: tried, first: b.firstError()}
	if b.o.ErrorIfAllFail && (tried == len(b.records) || b.policy == independent || b.policy == byGroup) {
		return err
	}
	if inv := lambdakit.FromContext(b.outer); inv != nil {
		inv.Fail(err)
	}
	return nil
}

// BatchError is the error of an invocation in which no record was done.
type BatchError struct {
	Records int // all records of the batch
	Failed  int // the records that failed; the others were not started
	first   error
}

// Error describes the first failure.
func (e *BatchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "batch: none of %d records is done", e.Records)
	if e.Failed < e.Records {
		fmt.Fprintf(&b, ", %d failed", e.Failed)
	}
	if e.first != nil {
		fmt.Fprintf(&b, ": %v", e.first)
	}
	return b.String()
}

// Unwrap returns the error of the first record that failed.
func (e *BatchError) Unwrap() error { return e.first }

func (b *batch) firstError() error {
	for i := range b.status {
		if err := b.status[i].err; err != nil {
			return err
		}
	}
	return b.over
}

// unidentified is the error for a record that cannot be reported.
func (b *batch) unidentified(i int, missing string) error {
	err := b.status[i].err
	if err == nil {
		err = errors.New("its handler was not called")
	}
	return fmt.Errorf("batch: %s: record %d of %d has no %s, so the whole batch comes again: %w", b.records[i].source.caller, i, len(b.records), missing, err)
}
