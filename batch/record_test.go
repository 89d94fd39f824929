package batch_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

func TestAttributes_BinaryOfSNS(t *testing.T) {
	t.Parallel()
	var got string
	h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
		got = m.Attribute("binary") + " " + m.Attribute("text")
		return nil
	}, &batch.Options{Decoder: batch.Text, Unwrap: []batch.Envelope{batch.SNS}}))
	lambdatest.Run(t, h, lambdatest.SQS("orders", `{"Type":"Notification","TopicArn":"t","Message":"a","MessageAttributes":{"binary":{"Type":"Binary","Value":"aGVsbG8="},"text":{"Type":"String","Value":"aGVsbG8="}}}`))
	if want := "hello aGVsbG8="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
