package batch_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type order struct {
	ID    string `json:"id"`
	Total float64
}

const sqsEvent = `{"Records":[
	{"messageId":"m1","receiptHandle":"r1","body":"{\"id\":\"a\",\"Total\":1.5}","attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1700000000123","MessageGroupId":"g","AWSTraceHeader":"Root=1-2-3"},"messageAttributes":{"CorrelationId":{"stringValue":"c-1","dataType":"String"}},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","awsRegion":"eu-west-1"},
	{"messageId":"m2","receiptHandle":"r2","body":"{\"id\":\"b\"}","attributes":{},"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","awsRegion":"eu-west-1"}]}`

func TestSQS_RecordsAreDecodedAndFailuresReported(t *testing.T) {
	t.Parallel()
	var got []batch.Message[order]
	h := lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[order]) error {
		got = append(got, *m)
		if m.Body.ID == "b" {
			return errors.New("no stock")
		}
		return nil
	}, nil))
	response, err := h.Invoke(t.Context(), []byte(sqsEvent))
	if string(response) != `{"batchItemFailures":[{"itemIdentifier":"m2"}]}` || err != nil {
		t.Errorf("got %s and %v, want the second message reported", response, err)
	}
	if len(got) != 2 || got[0].Body != (order{"a", 1.5}) || got[1].Body.ID != "b" {
		t.Fatalf("got %+v, want both bodies", got)
	}
	first := got[0].Message
	if first.ID != "m1" || first.Source != "orders" || first.Group != "g" || first.Attempt != 3 || first.CorrelationID != "c-1" || first.TraceHeader != "Root=1-2-3" || first.Sent.UnixMilli() != 1700000000123 || first.Of != 2 {
		t.Errorf("got %+v, want what the record says", first)
	}
}

// TestSQS_WithoutWrap runs the function as lambda.Start does.
func TestSQS_WithoutWrap(t *testing.T) {
	t.Parallel()
	h := lambda.NewHandler(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
		if m.Body == "b" {
			return errBoom
		}
		return nil
	}, &batch.Options{Decoder: batch.Text, Concurrency: 8}))
	got, err := h.Invoke(t.Context(), lambdatest.SQS("orders", "a", "b"))
	if want := `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`; err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("got %s and %v, want %s", got, err, want)
	}
}
