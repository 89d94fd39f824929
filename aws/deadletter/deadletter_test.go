package deadletter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/deadletter"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// dead makes every message of an event a dead letter, and returns what is reported.
func dead(t *testing.T, q *queue, url string, o *deadletter.Options, reason error, messages ...any) []string {
	t.Helper()
	return deadIn(t, "orders", q, url, o, reason, messages...)
}

func deadIn(t *testing.T, source string, q *queue, url string, o *deadletter.Options, reason error, messages ...any) []string {
	t.Helper()
	letters := deadletter.New(q, url, o)
	return lambdatest.Run(t, batch.SQS(func(ctx context.Context, m *batch.Message[string]) error { return batch.Permanent(reason) },
		&batch.Options{DeadLetters: letters, Decoder: batch.Text}), lambdatest.SQS(source, messages...)).FailedRecords()
}

const standard = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead"

func TestSend_KeepsWhatTheMessageHad(t *testing.T) {
	t.Parallel()
	q := &queue{}
	attributes := map[string]string{}
	for i := range 10 {
		attributes[fmt.Sprint("a", i)] = "x"
	}
	reported := deadIn(t, "orders.fifo", q, standard+".fifo", nil, errors.New("get https://user:hunter2@h/?token=hunter2\x01"), lambdatest.Message{
		Body: "the body", Group: "g", Attributes: attributes, System: map[string]string{"AWSTraceHeader": "Root=1-2-3"},
	})
	if len(reported) != 0 || len(q.requests) != 1 || len(q.requests[0].Entries) != 1 {
		t.Fatalf("got %v reported and %d requests, want none and one with one entry", reported, len(q.requests))
	}
	e := q.requests[0].Entries[0]
	text := func(name string) string { return aws.ToString(e.MessageAttributes[name].StringValue) }
	if got, want := fmt.Sprint(aws.ToString(e.MessageBody), " ", aws.ToString(e.MessageGroupId), " ", aws.ToString(e.MessageDeduplicationId), " ", aws.ToString(e.MessageSystemAttributes["AWSTraceHeader"].StringValue), " ", len(e.MessageAttributes), " ", text("a6"), " ", text("dead_letter_source"), " ", text("dead_letter_message_id")),
		"the body g m1 Root=1-2-3 10 x orders.fifo m1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if reason := text("dead_letter_reason"); strings.Contains(reason, "hunter2") || !strings.HasPrefix(reason, "get https://h/") || strings.Contains(reason, "\x01") {
		t.Errorf("got the reason %q, want it without credentials and control characters", reason)
	}
	dead(t, q, standard+".fifo", nil, errors.New("no"), "from a standard queue")
	second := q.requests[1].Entries[0]
	if aws.ToString(second.MessageGroupId) != "orders" || aws.ToString(second.MessageDeduplicationId) != "m1" {
		t.Errorf("got group %s and deduplication id %s, want those made from the source and the id", aws.ToString(second.MessageGroupId), aws.ToString(second.MessageDeduplicationId))
	}
}

func TestSend_PacksToTheLimits(t *testing.T) {
	t.Parallel()
	q := &queue{}
	var many []any
	for range 23 {
		many = append(many, "x")
	}
	dead(t, q, standard, nil, errors.New("no"), many...)
	large := strings.Repeat("x", 700<<10)
	dead(t, q, standard, nil, errors.New("no"), large, large, "small")
	var got []int
	for _, r := range q.requests {
		got = append(got, len(r.Entries))
	}
	if fmt.Sprint(got) != "[10 10 3 1 2]" {
		t.Errorf("got requests of %v letters, want [10 10 3 1 2]", got)
	}
	if reported := dead(t, q, standard, nil, errors.New("no"), strings.Repeat("x", 1<<20), "small"); fmt.Sprint(reported) != "[m1]" {
		t.Errorf("got %v reported, want the letter that is too large", reported)
	}
}

func TestSend_EntriesThatFailComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   func(request int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry
		reported string
		requests int
	}{
		"the sender's fault": {func(_ int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
			if aws.ToString(e.Id) == "1" {
				return &types.BatchResultErrorEntry{Code: aws.String("InvalidMessageContents"), SenderFault: true}
			}
			return nil
		}, "[m2]", 1},
		"once": {func(n int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
			if n == 1 {
				return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
			}
			return nil
		}, "[]", 2},
		"always": {func(n int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
			return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
		}, "[m1 m2]", 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := &queue{answer: c.answer}
			if got := fmt.Sprint(dead(t, q, standard, nil, errors.New("no"), "a", "b")); got != c.reported || len(q.requests) != c.requests {
				t.Errorf("%s: got %s reported after %d requests, want %s after %d", name, got, len(q.requests), c.reported, c.requests)
			}
		})
	}
}

func TestSend_Failures(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprint(dead(t, &queue{err: errors.New("no access")}, standard, nil, errors.New("no"), "a")); got != "[m1]" {
		t.Errorf("a request that fails: got %s reported, want [m1]", got)
	}
	if got := fmt.Sprint(dead(t, &queue{}, "", nil, errors.New("no"), "a")); got != "[m1]" {
		t.Errorf("no URL: got %s reported, want [m1]", got)
	}
}

func TestSend_RequestErrorsDoNotRepeatTheLetter(t *testing.T) {
	t.Parallel()
	q := &queue{err: &smithy.GenericAPIError{Code: "InvalidParameterValue", Message: "hunter2"}}
	errs := deadletter.New(q, standard, nil).Send(t.Context(), []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}})
	if got, want := fmt.Sprint(errs), "[deadletter: InvalidParameterValue]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSend_DifferentIdsStayDifferent(t *testing.T) {
	t.Parallel()
	q := &queue{}
	letter := func(id string) batch.Letter {
		r := &batch.Record{}
		r.ID, r.Source = id, "a topic"
		return batch.Letter{Record: r, Reason: errors.New("no")}
	}
	deadletter.New(q, standard+".fifo", nil).Send(t.Context(), []batch.Letter{letter("a b"), letter("a\tb"), letter("a_b")})
	seen := make(map[string]bool)
	for _, e := range q.requests[0].Entries {
		seen[aws.ToString(e.MessageDeduplicationId)] = true
		if group := aws.ToString(e.MessageGroupId); strings.Contains(group, " ") {
			t.Errorf("got the message group %q, want one without a space", group)
		}
	}
	if len(seen) != 3 {
		t.Errorf("got the deduplication ids %v, want three", seen)
	}
}

// unclear is a client that answers with ids that no letter has.
type unclear struct{}

func (unclear) SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return &sqs.SendMessageBatchOutput{Successful: []types.SendMessageBatchResultEntry{{}, {Id: aws.String("x")}, {Id: aws.String("7")}}}, nil
}

func TestSend_AnswerWithoutIds(t *testing.T) {
	t.Parallel()
	errs := deadletter.New(unclear{}, standard, nil).Send(t.Context(), []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}})
	if len(errs) != 1 || errs[0] == nil {
		t.Errorf("got %v, want an error for the letter", errs)
	}
}

func TestSend_RecordsOfStreams(t *testing.T) {
	t.Parallel()
	q := &queue{}
	letters := deadletter.New(q, standard, &deadletter.Options{Reason: func(error) string { return "mine" }})
	lambdatest.Run(t, batch.Kinesis(func(context.Context, *batch.Message[int]) error { return nil }, &batch.Options{DeadLetters: letters}), lambdatest.Kinesis("orders", "no JSON"))
	e := q.requests[0].Entries[0]
	if body := aws.ToString(e.MessageBody); !strings.Contains(body, `"kinesis":{`) || aws.ToString(e.MessageAttributes["dead_letter_reason"].StringValue) != "mine" {
		t.Errorf("got the body %s, want the record", body)
	}
}

// One value of a hostile client must not block a shard.
func TestSend_CharactersThatSQSRefuses(t *testing.T) {
	t.Parallel()
	var body string
	q := &queue{answer: func(_ int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
		if body = aws.ToString(e.MessageBody); strings.ContainsAny(body, "\uFFFE\uFFFF") {
			return &types.BatchResultErrorEntry{Code: aws.String("InvalidMessageContents"), SenderFault: true}
		}
		return nil
	}}
	h := batch.DynamoDB(func(context.Context, *batch.Message[batch.Change[map[string]any]]) error {
		return batch.Permanent(errors.New("no"))
	}, &batch.Options{DeadLetters: deadletter.New(q, standard, nil)})
	record := `{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","eventSourceARN":"arn:aws:dynamodb:eu-west-1:1:table/t/stream/x",` +
		`"dynamodb":{"SequenceNumber":"111","Keys":{"id":{"S":"a` + "\uFFFE\uFFFF" + `b"}},"StreamViewType":"KEYS_ONLY"}}`
	res := lambdatest.Run(t, lambdakit.Wrap(h), []byte(`{"Records":[`+record+`]}`))
	var sent, want any
	json.Unmarshal([]byte(body), &sent)
	json.Unmarshal([]byte(record), &want)
	if len(res.FailedRecords()) != 0 || !reflect.DeepEqual(sent, want) {
		t.Errorf("got %v reported and the letter %s, want none and a body with the same value", res.FailedRecords(), body)
	}
}
