package visibility_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambdakit/lambdakit/aws/visibility"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// queue notes which timeouts were changed.
type queue struct {
	changes []*sqs.ChangeMessageVisibilityInput
	err     error
}

func (q *queue) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	q.changes = append(q.changes, in)
	return nil, q.err
}

func ExampleNew() {
	client := &queue{} // in Lambda: nil
	backoff := visibility.New(client, nil)
	h := batch.SQS(func(ctx context.Context, m *batch.Message[string]) error {
		return batch.RetryAfter(90*time.Second, errors.New("the bank is busy"))
	}, &batch.Options{OnFailure: backoff.OnFailure})
	var e batch.Event
	e.UnmarshalJSON(lambdatest.SQS("orders", `"a message"`))
	out, _ := h(context.Background(), e)
	fmt.Println(out.BatchItemFailures)
	fmt.Println(aws.ToString(client.changes[0].QueueUrl), client.changes[0].VisibilityTimeout)
	// Output:
	// [{m1}]
	// https://sqs.us-east-1.amazonaws.com/123456789012/orders 90
}

// changed returns the timeouts after a failure of a message.
func changed(t *testing.T, q *queue, o *visibility.Options, err error) []int32 {
	t.Helper()
	backoff := visibility.New(q, o)
	lambdatest.Run(t, batch.SQS(func(context.Context, *batch.Message[string]) error { return err }, &batch.Options{OnFailure: backoff.OnFailure, Decoder: batch.Text}), lambdatest.SQS("orders", "x"))
	var seconds []int32
	for _, c := range q.changes {
		seconds = append(seconds, c.VisibilityTimeout)
	}
	return seconds
}

func TestOnFailure_Times(t *testing.T) {
	t.Parallel()
	failed := errors.New("no")
	for name, c := range map[string]struct {
		o          *visibility.Options
		err        error
		least, top int32 // 0: not changed
	}{
		"no backoff":          {nil, failed, 0, 0},
		"done":                {&visibility.Options{First: time.Minute}, nil, 0, 0},
		"the first":           {&visibility.Options{First: time.Minute}, failed, 30, 60},
		"the handler's time":  {&visibility.Options{First: time.Minute}, batch.RetryAfter(7*time.Second, failed), 7, 7},
		"now":                 {nil, fmt.Errorf("x: %w", batch.RetryAfter(-time.Second, failed)), -1, 0},
		"rounded up":          {nil, batch.RetryAfter(1500*time.Millisecond, failed), 2, 2},
		"longer than a limit": {&visibility.Options{Max: time.Minute}, batch.RetryAfter(time.Hour, failed), 60, 60},
		"longer than SQS's":   {nil, batch.RetryAfter(20*time.Hour, failed), 42_300, 42_300},
	} {
		got := changed(t, &queue{}, c.o, c.err)
		switch {
		case c.least == 0 && c.top == 0:
			if got != nil {
				t.Errorf("%s: got %v, want no change", name, got)
			}
		case len(got) != 1 || got[0] < c.least || got[0] > c.top:
			t.Errorf("%s: got %v, want one from %d to %d s", name, got, c.least, c.top)
		}
	}
}

func TestOnFailure_EachFailureDoublesTheTime(t *testing.T) {
	t.Parallel()
	o := &visibility.Options{First: 10 * time.Second, Max: time.Hour}
	for attempt, want := range map[int]int32{1: 10, 2: 20, 5: 160, 9: 2560, 10: 3600, 1000: 3600} {
		r := &batch.Record{}
		r.Attempt, r.System = attempt, "aws_sqs"
		if d := visibility.Delay(visibility.New(&queue{}, o), r, errors.New("no")); d < time.Duration(want)*time.Second/2 || d > time.Duration(want)*time.Second {
			t.Errorf("attempt %d: got %v, want %d s or half of it", attempt, d, want)
		}
	}
}

// hanging is a client whose requests end with their contexts.
type hanging struct{}

func (hanging) ChangeMessageVisibility(ctx context.Context, _ *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestOnFailure_QueueThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reports []error
		backoff := visibility.New(hanging{}, &visibility.Options{OnError: func(err error) { reports = append(reports, err) }})
		handled := 0
		var e batch.Event
		e.UnmarshalEvent(lambdatest.SQS("orders", "a", "b", "c"))
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		begin := time.Now()
		batch.SQS(func(context.Context, *batch.Message[string]) error {
			handled++
			return batch.RetryAfter(time.Minute, errors.New("no"))
		}, &batch.Options{OnFailure: backoff.OnFailure, Decoder: batch.Text})(ctx, e)
		if took := time.Since(begin); handled != 3 || len(reports) != 3 || took != 6*time.Second {
			t.Errorf("got %d handled and the reports %v after %v, want 3 and 3 after 6 s", handled, reports, took)
		}
	})
}

func TestOnFailure_ErrorsAreReported(t *testing.T) {
	t.Parallel()
	var reports []error
	o := &visibility.Options{QueueURL: "https://sqs/q", OnError: func(err error) { reports = append(reports, err) }}
	q := &queue{err: errors.New("no access")}
	changed(t, q, o, batch.RetryAfter(time.Second, errors.New("no")))
	if fmt.Sprint(reports) != "[visibility: no access]" || aws.ToString(q.changes[0].QueueUrl) != "https://sqs/q" {
		t.Errorf("got the reports %v, want [visibility: no access]", reports)
	}
}

// The first time is at most Max, and no time is shorter than half of the planned one.
func TestOnFailure_Bounds(t *testing.T) {
	t.Parallel()
	failed := errors.New("no")
	for name, c := range map[string]struct {
		o          visibility.Options
		attempt    int
		least, top time.Duration
	}{
		"First is longer than Max": {visibility.Options{First: time.Hour, Max: time.Minute}, 1, 30 * time.Second, time.Minute},
		"the shortest First":       {visibility.Options{First: 1}, 1, 0, 1},
		"an unknown attempt":       {visibility.Options{First: time.Minute}, 0, 30 * time.Second, time.Minute},
		"the second":               {visibility.Options{First: time.Minute}, 2, time.Minute, 2 * time.Minute},
		"a negative Max":           {visibility.Options{First: time.Hour, Max: -1}, 9, 42_300 * time.Second / 2, 42_300 * time.Second},
		"a Max beyond SQS's":       {visibility.Options{First: time.Hour, Max: 24 * time.Hour}, 9, 42_300 * time.Second / 2, 42_300 * time.Second},
		"the largest Max":          {visibility.Options{First: 42_300 * time.Second, Max: 42_300 * time.Second}, 1, 42_300 * time.Second / 2, 42_300 * time.Second},
	} {
		backoff := visibility.New(&queue{}, &c.o)
		r := &batch.Record{}
		r.Attempt = c.attempt
		low, high := c.top, time.Duration(0)
		for range 500 {
			d := visibility.Delay(backoff, r, failed)
			low, high = min(low, d), max(high, d)
		}
		if low < c.least || high > c.top || high-low < (c.top-c.least)/2 {
			t.Errorf("%s: got %v to %v, want %v to %v at random", name, low, high, c.least, c.top)
		}
	}
}

func TestOnFailure_QueueURLs(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:1:orders.fifo":  "https://sqs.eu-west-1.amazonaws.com/1/orders.fifo",
		"arn:aws-cn:sqs:cn-north-1:1:orders":   "https://sqs.cn-north-1.amazonaws.com.cn/1/orders",
		"arn:aws-us-gov:sqs:us-gov-east-1:1:q": "https://sqs.us-gov-east-1.amazonaws.com/1/q",
		"arn:aws:sns:eu-west-1:1:orders":       `visibility: "arn:aws:sns:eu-west-1:1:orders" is no ARN of a queue; set Options.QueueURL`,
		"arn:aws:sqs:eu-west-1:1":              `visibility: "arn:aws:sqs:eu-west-1:1" is no ARN of a queue; set Options.QueueURL`,
		"arn:aws:sqs:eu-west-1:1:a:b":          `visibility: "arn:aws:sqs:eu-west-1:1:a:b" is no ARN of a queue; set Options.QueueURL`,
	} {
		q := &queue{}
		if got := failedMessage(t, q, `"receiptHandle":"r","eventSourceARN":"`+arn+`"`); got != want {
			t.Errorf("%s: got %s, want %s", arn, got, want)
		}
		if len(q.changes) == 1 && aws.ToString(q.changes[0].ReceiptHandle) != "r" {
			t.Errorf("%s: got the receipt handle %s, want r", arn, aws.ToString(q.changes[0].ReceiptHandle))
		}
	}
	q := &queue{}
	if got, want := failedMessage(t, q, `"eventSourceARN":"arn:aws:sqs:r:1:q"`), "visibility: a message has no receipt handle"; got != want || len(q.changes) != 0 {
		t.Errorf("got %s and %d requests, want %s and none", got, len(q.changes), want)
	}
}

// failedMessage returns the URL of the request for a message that failed, or the report.
func failedMessage(t *testing.T, q *queue, members string) (got string) {
	t.Helper()
	backoff := visibility.New(q, &visibility.Options{OnError: func(err error) {
		got = err.Error()
		if len(q.changes) > 0 {
			t.Errorf("reported: %v", err)
		}
	}})
	var e batch.Event
	e.UnmarshalEvent([]byte(`{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":"x",` + members + `}]}`))
	batch.SQS(func(context.Context, *batch.Message[string]) error {
		return batch.RetryAfter(time.Second, errors.New("no"))
	},
		&batch.Options{OnFailure: backoff.OnFailure, Decoder: batch.Text})(t.Context(), e)
	if len(q.changes) > 0 {
		return aws.ToString(q.changes[0].QueueUrl)
	}
	return got
}

// Only messages of SQS have a visibility timeout.
func TestOnFailure_RecordsOfStreams(t *testing.T) {
	t.Parallel()
	q := &queue{}
	backoff := visibility.New(q, &visibility.Options{QueueURL: "https://sqs/q", OnError: func(err error) { t.Errorf("reported: %v", err) }})
	lambdatest.Run(t, batch.Kinesis(func(context.Context, *batch.Message[string]) error {
		return batch.RetryAfter(time.Second, errors.New("no"))
	}, &batch.Options{OnFailure: backoff.OnFailure, Decoder: batch.Text}), lambdatest.Kinesis("orders", "x"))
	if len(q.changes) != 0 {
		t.Errorf("got %d requests, want none", len(q.changes))
	}
}
