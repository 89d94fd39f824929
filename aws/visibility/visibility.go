// Package visibility sets when each failed message of an SQS queue comes again. Without it, every
// message comes again after the visibility timeout of the queue.
//
//	backoff := visibility.New(nil, &visibility.Options{First: 10 * time.Second})
//	handler := batch.SQS(receive, &batch.Options{OnFailure: backoff.OnFailure})
//
// A handler can also set the time, for example from a Retry-After header:
//
//	return batch.RetryAfter(time.Minute, err)
//
// Package batch also reports the message as failed. AWS does not document that the event source
// mapping keeps the changed timeout. If it does not, the timeout of the queue applies.
//
// In a FIFO queue, the message group of a failed message waits for the same time.
//
// [New] cannot fail and makes no request. The role of the function needs sqs:ChangeMessageVisibility.
package visibility

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/internal/report"
)

// API is the part of an *sqs.Client that a Backoff uses.
type API interface {
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// Options configures a [Backoff]. A nil *Options, and every zero field, means the default.
type Options struct {
	// First is the time after the first failure of a message. Each further failure doubles it. The
	// actual time is between half of it and all of it, at random. Default: only errors of
	// batch.RetryAfter change the time.
	First time.Duration

	// Max is the longest time of First and of batch.RetryAfter. Default and upper limit: 12 hours
	// less 15 minutes, because SQS counts its limit of 12 hours from the receipt of the message.
	Max time.Duration

	// QueueURL is the URL of the queue. Default: made from the ARN in the message.
	QueueURL string

	// OnError receives each request that failed; the message then comes again after the visibility
	// timeout of the queue. Default: a line of JSON on os.Stderr, at most ten a minute.
	OnError func(error)
}

// Backoff changes the visibility timeouts of failed messages. Make one with [New].
type Backoff struct {
	o      Options
	report *report.Reporter
	client func() API
}

const (
	longest        = 12*time.Hour - 15*time.Minute
	requestTimeout = 2 * time.Second
)

// New returns a Backoff. It uses client. If client is nil, the first failure makes one from
// environment variables: the region and the credentials that Lambda sets, and the endpoints that the
// SDK documents, such as AWS_ENDPOINT_URL_SQS.
func New(client API, o *Options) *Backoff {
	b := &Backoff{}
	if o != nil {
		b.o = *o
	}
	if b.o.Max <= 0 || b.o.Max > longest {
		b.o.Max = longest
	}
	b.report = report.New(b.o.OnError)
	b.client = awsenv.Lazy(client, func(cfg aws.Config) API { return sqs.NewFromConfig(cfg) })
	return b
}

// OnFailure is for batch.Options.OnFailure.
func (b *Backoff) OnFailure(ctx context.Context, r *batch.Record, err error) {
	delay, ok := b.delay(r, err)
	if !ok || r.System != "aws_sqs" {
		return
	}
	if err := b.change(ctx, r, delay); err != nil {
		b.report.Report(fmt.Errorf("visibility: %w", err))
	}
}

// delay returns when a message should come again. ok is false if the queue decides.
func (b *Backoff) delay(r *batch.Record, err error) (d time.Duration, ok bool) {
	if d, ok = batch.RetryDelay(err); ok {
		return min(d, b.o.Max), true
	}
	if b.o.First <= 0 {
		return 0, false
	}
	d = b.o.First
	for range r.Attempt - 1 {
		if d *= 2; d >= b.o.Max {
			break
		}
	}
	d = min(d, b.o.Max)
	return d/2 + rand.N(d/2+1), true
}

func (b *Backoff) change(ctx context.Context, r *batch.Record, d time.Duration) error {
	url := b.o.QueueURL
	if url == "" {
		var err error
		if url, err = queueURL(r.ARN()); err != nil {
			return err
		}
	}
	var m struct {
		ReceiptHandle string `json:"receiptHandle"`
	}
	if err := json.Unmarshal(r.Raw(), &m); err != nil || m.ReceiptHandle == "" {
		return errors.New("a message has no receipt handle")
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	seconds := int32((d + time.Second - 1) / time.Second)
	_, err := b.client().ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: seconds})
	return err
}

// queueURL returns the URL of the queue with an ARN. (Amazon SQS endpoints and quotas)
func queueURL(arn string) (string, error) {
	parts := strings.Split(arn, ":") // arn:aws:sqs:REGION:ACCOUNT:NAME
	if len(parts) != 6 || parts[2] != "sqs" {
		return "", fmt.Errorf("%.128q is no ARN of a queue; set Options.QueueURL", arn)
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(parts[1], "aws-cn") {
		domain = "amazonaws.com.cn"
	}
	return "https://sqs." + parts[3] + "." + domain + "/" + parts[4] + "/" + parts[5], nil
}
