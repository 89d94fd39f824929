package snsbus

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/bus"
	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/request"
	"github.com/lambdakit/lambdakit/events"
)

// API is the part of an *sns.Client that a Topic uses.
type API interface {
	PublishBatch(context.Context, *sns.PublishBatchInput, ...func(*sns.Options)) (*sns.PublishBatchOutput, error)
}

// Options configures a [Topic]. A nil *Options, and every zero field, means the default.
type Options struct {
	// MaxBytes bounds the size of a message, and the size of all messages of a request. Set it to the
	// attribute MaximumMessageSize of the topic, which is at most 1 MiB. Default: 256 KiB (262,144
	// bytes), the default of that attribute.
	MaxBytes int
}

// Limits of a request. (SNS, PublishBatch)
const (
	maxEntries = 10
	maxBytes   = 256 << 10
)

// Topic is an events.Sender. Make one with [New]. Several goroutines may use it at the same time.
type Topic struct {
	arn    string
	fifo   bool
	max    int
	client func() API
}

var _ events.Sender = (*Topic)(nil)

// New returns the topic with the ARN topicARN. An ARN that ends in ".fifo" is the ARN of a FIFO topic.
// It uses client. If client is nil, the first request makes one from environment variables: the
// region and the credentials that Lambda sets, and the endpoints that the SDK documents, such as
// AWS_ENDPOINT_URL_SNS.
func New(client API, topicARN string, o *Options) *Topic {
	t := &Topic{arn: topicARN, fifo: strings.HasSuffix(topicARN, ".fifo"), max: maxBytes}
	if o != nil && o.MaxBytes > 0 {
		t.max = o.MaxBytes
	}
	t.client = awsenv.Lazy(client, func(cfg aws.Config) API { return sns.NewFromConfig(cfg) })
	return t
}

// Limits implements events.Sender.
func (t *Topic) Limits() events.Limits {
	return events.Limits{Entries: maxEntries, Bytes: t.max, EntryBytes: t.max, Size: bus.Size, KeepOrder: t.fifo}
}

// Send implements events.Sender. It makes one request.
func (t *Topic) Send(ctx context.Context, entries []events.Entry) []error {
	s := bus.Sender{Name: "snsbus", Check: t.check, Request: t.request}
	return s.Send(ctx, entries)
}

func (t *Topic) check(e *events.Entry) error {
	switch {
	case t.arn == "":
		return errors.New("the ARN of the topic is empty")
	case t.fifo:
		return bus.CheckFIFO(e)
	}
	return nil
}

func (t *Topic) request(ctx context.Context, entries []events.Entry) ([]error, error) {
	in := &sns.PublishBatchInput{TopicArn: &t.arn}
	for i := range entries {
		m := t.message(&entries[i])
		m.Id = message.ID(i)
		in.PublishBatchRequestEntries = append(in.PublishBatchRequestEntries, m)
	}
	out, err := t.client().PublishBatch(ctx, in)
	if err != nil {
		return nil, request.Error(err)
	}
	answer := message.NewAnswer(len(entries))
	for _, s := range out.Successful {
		answer.Accepted(s.Id)
	}
	for _, f := range out.Failed {
		answer.Refused(f.Id, f.Code, f.SenderFault)
	}
	return answer.Errors(), nil
}

func (t *Topic) message(e *events.Entry) types.PublishBatchRequestEntry {
	m := types.PublishBatchRequestEntry{
		Message:           aws.String(message.JSON(e.Body)),
		MessageAttributes: make(map[string]types.MessageAttributeValue),
	}
	for _, a := range bus.Attributes(e) {
		m.MessageAttributes[a[0]] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &a[1]}
	}
	if t.fifo {
		m.MessageGroupId, m.MessageDeduplicationId = bus.FIFO(e)
	}
	return m
}
