// Package deadletter sends the records of a batch that failed permanently to an SQS queue.
//
//	letters := deadletter.New(nil, os.Getenv("DEAD_LETTER_QUEUE_URL"), nil)
//	handler := batch.SQS(receive, &batch.Options{DeadLetters: letters})
//
// A letter has the body and the message attributes of the record, and three more attributes:
//
//   - dead_letter_reason is the text of the error, without credentials and at most 1,024 bytes long
//   - dead_letter_source is the name of the queue, stream, table or topic
//   - dead_letter_message_id is the id of the record
//
// If the record is not from SQS, the body is the record as Lambda delivered it, with escapes for the two
// characters that SQS refuses, U+FFFE and U+FFFF. A letter keeps the
// message group, the deduplication id and the trace header of its message. SQS allows ten
// attributes, so a message with more than seven loses some. In a FIFO queue, a letter without a
// message group gets a group for its source, and a letter without a deduplication id gets the id of
// its record. If SQS would refuse one of them, its SHA-256 hash takes its place.
//
// A request has at most ten letters and 1 MiB (SQS, SendMessageBatch). If the service fails to take
// a letter, it is sent again, at most twice and only while there is time.
//
// [New] cannot fail and makes no request. The role of the function needs sqs:SendMessage.
package deadletter

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/internal/request"
	"github.com/lambdakit/lambdakit/aws/internal/sqsbatch"
	"github.com/lambdakit/lambdakit/batch"
)

// API is the part of an *sqs.Client that a Queue uses.
type API interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Options configures a [Queue]. A nil *Options, and every zero field, means the default.
type Options struct {
	// Reason returns the text of the attribute dead_letter_reason. Default: the text of the error,
	// without the credentials in URLs and connection strings.
	Reason func(err error) string
}

// Queue is a batch.DeadLetterQueue. Make one with [New].
type Queue struct {
	url    string
	reason func(error) string
	client func() sqsbatch.API
}

var _ batch.DeadLetterQueue = (*Queue)(nil)

// New returns the queue with the URL. It uses client. If client is nil, the first letter makes one
// from environment variables: the region and the credentials that Lambda sets, and the endpoints
// that the SDK documents, such as AWS_ENDPOINT_URL_SQS.
func New(client API, url string, o *Options) *Queue {
	q := &Queue{url: url, reason: reasonText, client: sqsbatch.Lazy(client)}
	if o != nil && o.Reason != nil {
		q.reason = o.Reason
	}
	return q
}

const maxTries = 3 // of a letter

// Send implements batch.DeadLetterQueue. It returns an error for each letter that the queue did not
// take.
func (q *Queue) Send(ctx context.Context, letters []batch.Letter) []error {
	errs := make([]error, len(letters))
	if q.url == "" {
		for i := range errs {
			errs[i] = errors.New("deadletter: the URL of the queue is empty")
		}
		return errs
	}
	var waiting []entry
	bytes := 0
	flush := func() {
		q.send(ctx, waiting, errs)
		waiting, bytes = nil, 0
	}
	for i, l := range letters {
		e, err := q.entry(i, l)
		if err != nil {
			errs[i] = err
			continue
		}
		if len(waiting) == sqsbatch.MaxEntries || bytes+e.bytes > sqsbatch.MaxBytes {
			flush()
		}
		waiting, bytes = append(waiting, e), bytes+e.bytes
	}
	flush()
	return errs
}

// entry is a letter as the queue gets it.
type entry struct {
	letter  int
	bytes   int
	message types.SendMessageBatchRequestEntry
}

// send sends entries in one request, and those that failed for a reason of the service again.
func (q *Queue) send(ctx context.Context, entries []entry, errs []error) {
	for try := 1; len(entries) > 0; try++ {
		again, err := q.request(ctx, entries, errs)
		if err != nil { // the SDK has tried again
			for _, e := range entries {
				errs[e.letter] = fmt.Errorf("deadletter: %w", err)
			}
			return
		}
		if entries = again; len(entries) == 0 || try == maxTries || !pause(ctx, try) {
			return
		}
	}
}

// request makes a request and returns the entries that may be sent again.
func (q *Queue) request(ctx context.Context, entries []entry, errs []error) (again []entry, err error) {
	messages := make([]types.SendMessageBatchRequestEntry, len(entries))
	for i := range entries {
		messages[i] = entries[i].message
	}
	results, err := sqsbatch.Send(ctx, q.client(), q.url, messages)
	if err != nil {
		return nil, err
	}
	for i, err := range results {
		e := entries[i]
		errs[e.letter] = nil
		if err == nil {
			continue
		}
		errs[e.letter] = fmt.Errorf("deadletter: %w", err)
		if refused, ok := err.(*request.Refused); ok && refused.Transient() {
			again = append(again, e)
		}
	}
	return again, nil
}

// pause waits before the next request. It returns false if ctx ends meanwhile.
func pause(ctx context.Context, try int) bool {
	const first = 100 * time.Millisecond
	t := time.NewTimer(first/2 + rand.N(first<<try))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
