package sqsbus

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/internal/bus"
	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/sqsbatch"
	"github.com/lambdakit/lambdakit/events"
)

// API is the part of an *sqs.Client that a Queue uses.
type API interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Options configures a [Queue]. A nil *Options, and every zero field, means the default.
type Options struct {
	// MaxBytes bounds the size of a message, and the size of all messages of a request. Set it if the
	// attribute MaximumMessageSize of the queue is lower. Default: 1 MiB, which SQS takes at most.
	MaxBytes int
}

// Queue is an events.Sender. Make one with [New]. Several goroutines may use it at the same time.
type Queue struct {
	url    string
	fifo   bool
	max    int
	client func() sqsbatch.API
}

var _ events.Sender = (*Queue)(nil)

// New returns the queue with the URL queueURL. A URL that ends in ".fifo" is the URL of a FIFO queue.
// It uses client. If client is nil, the first request makes one from environment variables: the
// region and the credentials that Lambda sets, and the endpoints that the SDK documents, such as
// AWS_ENDPOINT_URL_SQS.
func New(client API, queueURL string, o *Options) *Queue {
	q := &Queue{url: queueURL, fifo: strings.HasSuffix(queueURL, ".fifo"), max: sqsbatch.MaxBytes, client: sqsbatch.Lazy(client)}
	if o != nil && o.MaxBytes > 0 {
		q.max = o.MaxBytes
	}
	return q
}

// Limits implements events.Sender.
func (q *Queue) Limits() events.Limits {
	return events.Limits{Entries: sqsbatch.MaxEntries, Bytes: q.max, EntryBytes: q.max, Size: bus.Size, KeepOrder: q.fifo}
}

// Send implements events.Sender. It makes one request.
func (q *Queue) Send(ctx context.Context, entries []events.Entry) []error {
	s := bus.Sender{Name: "sqsbus", Check: q.check, Request: q.request}
	return s.Send(ctx, entries)
}

func (q *Queue) check(e *events.Entry) error {
	switch {
	case q.url == "":
		return errors.New("the URL of the queue is empty")
	case q.fifo:
		return bus.CheckFIFO(e)
	}
	return nil
}

func (q *Queue) request(ctx context.Context, entries []events.Entry) ([]error, error) {
	messages := make([]types.SendMessageBatchRequestEntry, len(entries))
	for i := range entries {
		messages[i] = q.message(&entries[i])
	}
	return sqsbatch.Send(ctx, q.client(), q.url, messages)
}

func (q *Queue) message(e *events.Entry) types.SendMessageBatchRequestEntry {
	m := types.SendMessageBatchRequestEntry{
		MessageBody:             aws.String(message.JSON(e.Body)),
		MessageAttributes:       make(map[string]types.MessageAttributeValue),
		MessageSystemAttributes: sqsbatch.TraceHeader(e.TraceHeader),
	}
	for _, a := range bus.Attributes(e) {
		m.MessageAttributes[a[0]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &a[1]}
	}
	if q.fifo {
		m.MessageGroupId, m.MessageDeduplicationId = bus.FIFO(e)
	}
	return m
}
