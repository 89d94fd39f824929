package sqsbus_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/sqsbus"
	"github.com/lambdakit/lambdakit/events"
)

func entry(id, group string) events.Entry {
	return events.Entry{Metadata: events.Metadata{ID: id, Group: group, Source: "s", Type: "T"}, Body: []byte("{}")}
}

func TestQueue_Message(t *testing.T) {
	t.Parallel()
	q := &queue{}
	errs := sqsbus.New(q, standard, nil).Send(t.Context(), []events.Entry{{
		Metadata: events.Metadata{
			ID: "e-1", Source: "shop.orders", Type: "OrderConfirmed", Version: 3, Group: "o-1", Time: time.Unix(0, 0),
			CorrelationID: "c\x00-1", CausationID: "e-0", TraceParent: "00-1-2-01",
		},
		Body: []byte("{\"a\":\"\uFFFF\"}"), TraceHeader: "Root=1-2-3",
	}, entry("e-2", "")})
	if len(errs) != 2 || errs[0] != nil || errs[1] != nil || aws.ToString(q.requests[0].QueueUrl) != standard {
		t.Fatalf("got %v from %s, want no errors", errs, aws.ToString(q.requests[0].QueueUrl))
	}
	for i, want := range []string{
		`0 {"a":"\uffff"} map[correlation_id:c�-1 event_id:e-1 event_source:shop.orders event_type:OrderConfirmed event_version:3 traceparent:00-1-2-01] Root=1-2-3 true`,
		`1 {} map[event_id:e-2 event_source:s event_type:T]  true`,
	} {
		e := q.requests[0].Entries[i]
		attributes := make(map[string]string)
		for name, a := range e.MessageAttributes {
			attributes[name] = aws.ToString(a.StringValue)
			if aws.ToString(a.DataType) != "String" {
				t.Errorf("got the type %s for %s, want String", aws.ToString(a.DataType), name)
			}
		}
		got := fmt.Sprint(aws.ToString(e.Id), " ", aws.ToString(e.MessageBody), " ", attributes, " ", aws.ToString(e.MessageSystemAttributes["AWSTraceHeader"].StringValue), " ", e.MessageGroupId == nil && e.MessageDeduplicationId == nil)
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestQueue_FIFO(t *testing.T) {
	t.Parallel()
	const spaceHash = "36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068" // SHA-256 of " "
	for name, c := range map[string]struct{ id, group, wantGroup, wantID string }{
		"a group":           {"e-1", "o-1", "o-1", "e-1"},
		"no group":          {"e-1", "", "e-1", "e-1"},
		"a group of spaces": {"e-1", " ", spaceHash, "e-1"},
		"an id of spaces":   {" ", "o-1", "o-1", spaceHash},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &queue{}
			errs := sqsbus.New(q, fifo, nil).Send(t.Context(), []events.Entry{entry(c.id, c.group)})
			e := q.requests[0].Entries[0]
			if group, id := aws.ToString(e.MessageGroupId), aws.ToString(e.MessageDeduplicationId); errs[0] != nil || group != c.wantGroup || id != c.wantID {
				t.Errorf("got group %s, deduplication id %s and %v, want %s, %s and no error", group, id, errs[0], c.wantGroup, c.wantID)
			}
		})
	}
}

func TestQueue_Limits(t *testing.T) {
	t.Parallel()
	e := entry("e-1", "g")
	e.CorrelationID, e.Body, e.TraceHeader = "c", []byte("{\"a\":\"\uFFFE\"}"), "Root=1-2-3"
	q := &queue{}
	sender := sqsbus.New(q, standard, nil)
	sender.Send(t.Context(), []events.Entry{e})
	want := len(aws.ToString(q.requests[0].Entries[0].MessageBody))
	for name, a := range q.requests[0].Entries[0].MessageAttributes {
		want += len(name) + len(aws.ToString(a.DataType)) + len(aws.ToString(a.StringValue))
	}
	l := sender.Limits()
	if got := l.Size(&e); got != want {
		t.Errorf("got a size of %d bytes, want %d", got, want)
	}
	if l.Entries != 10 || l.Bytes != 1<<20 || l.EntryBytes != 1<<20 || l.KeepOrder {
		t.Errorf("got %+v, want 10 entries and 1 MiB", l)
	}
	if l := sqsbus.New(nil, fifo, &sqsbus.Options{MaxBytes: 1000}).Limits(); l.Bytes != 1000 || l.EntryBytes != 1000 || !l.KeepOrder {
		t.Errorf("got %+v, want 1,000 bytes and the order of groups", l)
	}
}

func TestQueue_Results(t *testing.T) {
	t.Parallel()
	q := &queue{answer: func(in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		return &sqs.SendMessageBatchOutput{
			Successful: []types.SendMessageBatchResultEntry{{Id: aws.String("2")}, {Id: aws.String("9")}, {}},
			Failed: []types.BatchResultErrorEntry{
				{Id: aws.String("0"), Code: aws.String("InvalidMessageContents"), SenderFault: true, Message: aws.String("hunter2")},
				{Id: aws.String("1"), Code: aws.String("InternalError")},
				{Id: aws.String("4"), Code: aws.String("KmsThrottled"), SenderFault: true},
			},
		}, nil
	}}
	errs := sqsbus.New(q, standard, nil).Send(t.Context(), []events.Entry{entry("a", ""), entry("b", ""), entry("c", ""), entry("d", ""), entry("e", "")})
	for i, want := range []struct {
		text      string
		transient bool
	}{
		{"sqsbus: the service refused the entry: InvalidMessageContents", false},
		{"sqsbus: the service refused the entry: InternalError", true},
		{},
		{"sqsbus: the answer does not say whether the service has the entry", true},
		{"sqsbus: the service refused the entry: KmsThrottled", true},
	} {
		wantError(t, errs[i], want.text, want.transient)
	}
	var api smithy.APIError
	if !errors.As(errs[0], &api) || api.ErrorCode() != "InvalidMessageContents" {
		t.Errorf("got %v, want an API error", errs[0])
	}
}

func wantError(t *testing.T, err error, text string, transient bool) {
	t.Helper()
	if text == "" && err == nil {
		return
	}
	if err == nil || err.Error() != text || events.IsTransient(err) != transient {
		t.Errorf("got %v, transient %t, want %s, transient %t", err, events.IsTransient(err), cmp.Or(text, "none"), transient)
	}
}

func TestQueue_RequestErrors(t *testing.T) {
	t.Parallel()
	for code, transient := range map[string]bool{"RequestThrottled": true, "QueueDoesNotExist": false} {
		q := &queue{answer: func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, &smithy.GenericAPIError{Code: code, Message: "hunter2"}
		}}
		for _, err := range sqsbus.New(q, standard, nil).Send(t.Context(), []events.Entry{entry("a", ""), entry("b", "")}) {
			wantError(t, err, "sqsbus: "+code, transient)
		}
	}
}

func TestQueue_FailsBeforeTheRequest(t *testing.T) {
	t.Parallel()
	q := &queue{}
	wantError(t, sqsbus.New(q, "", nil).Send(t.Context(), []events.Entry{entry("a", "")})[0], "sqsbus: the URL of the queue is empty", false)
	if len(q.requests) != 0 {
		t.Errorf("got %d requests, want none", len(q.requests))
	}
	errs := sqsbus.New(q, fifo, nil).Send(t.Context(), []events.Entry{entry("a", "a"), entry("", "b"), entry("c", "c")})
	wantError(t, errs[0], "", false)
	wantError(t, errs[1], "sqsbus: the event has no id, and FIFO needs one to recognise duplicates", false)
	wantError(t, errs[2], "", false)
	if n := len(q.requests[0].Entries); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
}

func TestQueue_Packing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url   string
		sizes []int
		want  string
	}{
		"ten messages":      {standard, make([]int, 23), "[10 10 3]"},
		"1 MiB together":    {standard, []int{700 << 10, 700 << 10, 10}, "[1 2]"},
		"a group at a time": {fifo, make([]int, 3), "[1 1 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &queue{}
			var all []events.Publishable
			for i, size := range c.sizes {
				e := bigEvent.New(fmt.Sprint(i), big{strings.Repeat("x", size)})
				e.Group = "g"
				all = append(all, e)
			}
			err := events.New(sqsbus.New(q, c.url, nil), nil).Publish(t.Context(), all...)
			var got []int
			for _, r := range q.requests {
				got = append(got, len(r.Entries))
			}
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("got requests of %v messages and %v, want %s", got, err, c.want)
			}
		})
	}
}

type big struct{ Text string }

var bigEvent = events.Define[big]("test", "Big")

func TestQueue_ThrottledAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.answer = func(in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if len(q.requests) < 4 {
				return &sqs.SendMessageBatchOutput{Failed: []types.BatchResultErrorEntry{{Id: in.Entries[0].Id, Code: aws.String("InternalError")}}}, nil
			}
			return &sqs.SendMessageBatchOutput{Successful: []types.SendMessageBatchResultEntry{{Id: in.Entries[0].Id}}}, nil
		}
		start := time.Now()
		err := events.New(sqsbus.New(q, standard, nil), nil).Publish(t.Context(), bigEvent.New("1", big{}))
		if err != nil || len(q.requests) != 4 || time.Since(start) == 0 {
			t.Errorf("got %v after %d requests in %v, want success after 4 with pauses", err, len(q.requests), time.Since(start))
		}
	})
}

func TestQueue_EndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	q := &queue{answer: func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		cancel()
		return nil, &smithy.GenericAPIError{Code: "ServiceUnavailable", Fault: smithy.FaultServer}
	}}
	wantError(t, sqsbus.New(q, standard, nil).Send(ctx, []events.Entry{entry("a", "")})[0], "sqsbus: ServiceUnavailable", false)
}

func TestNew_MakesAClient(t *testing.T) {
	requests := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Header.Get("X-Amz-Target")
		fmt.Fprint(w, `{"Successful":[{"Id":"0","MessageId":"m"}]}`)
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL_SQS": server.URL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ""} {
		t.Setenv(name, value)
	}
	q := sqsbus.New(nil, standard, nil)
	if len(requests) != 0 {
		t.Error("New makes a request")
	}
	wantError(t, q.Send(t.Context(), []events.Entry{entry("a", "")})[0], "", false)
	if got := <-requests; got != "AmazonSQS.SendMessageBatch" {
		t.Errorf("got a request %s, want SendMessageBatch", got)
	}
}
