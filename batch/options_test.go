package batch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

func TestOptions_InvalidValuesPanic(t *testing.T) {
	t.Parallel()
	sqs := func(o *batch.Options) {
		batch.SQS(func(context.Context, *batch.Message[string]) error { return nil }, o)
	}
	dynamodb := func(o *batch.Options) {
		batch.DynamoDB(func(context.Context, *batch.Message[batch.Change[string]]) error { return nil }, o)
	}
	for _, c := range []struct {
		make func(*batch.Options)
		o    *batch.Options
		want any
	}{
		{sqs, nil, nil},
		{sqs, &batch.Options{Order: batch.Unordered}, nil},
		{sqs, &batch.Options{Concurrency: -1}, "batch: SQS: Options.Concurrency is -1; give 0 for one record at a time, or the number of records"},
		{sqs, &batch.Options{Reserve: -time.Second}, "batch: SQS: Options.Reserve is -1s; give 0 for the default, or a time"},
		{sqs, &batch.Options{Order: -1}, "batch: SQS: Options.Order is -1; give ByKey, ByShard or Unordered"},
		{sqs, &batch.Options{Order: 3}, "batch: SQS: Options.Order is 3; give ByKey, ByShard or Unordered"},
		{sqs, &batch.Options{Unwrap: []batch.Envelope{"sns"}}, `batch: SQS: Options.Unwrap has "sns", which is no Envelope of this package`},
		{func(o *batch.Options) { batch.SQS[string](nil, o) }, nil, "batch: SQS: the handler is nil"},
		{func(o *batch.Options) { batch.Firehose[string](nil, o) }, nil, "batch: Firehose: the handler is nil"},
		{func(o *batch.Options) { batch.DynamoDB[string](nil, o) }, nil, "batch: DynamoDB: the handler is nil"},
		{dynamodb, &batch.Options{Concurrency: 2}, nil},
		{dynamodb, &batch.Options{Decoder: batch.JSON}, "batch: DynamoDB: Options.Decoder and Options.Unwrap do not apply to table items; leave them out"},
		{dynamodb, &batch.Options{Unwrap: []batch.Envelope{batch.SNS}}, "batch: DynamoDB: Options.Decoder and Options.Unwrap do not apply to table items; leave them out"},
	} {
		got := func() (v any) {
			defer func() { v = recover() }()
			c.make(c.o)
			return nil
		}()
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: got the panic %v, want %v", c.o, got, c.want)
		}
	}
}
