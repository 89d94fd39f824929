package snsbus_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/lambdakit/lambdakit/aws/snsbus"
	"github.com/lambdakit/lambdakit/events"
)

func entry(id, group string) events.Entry {
	return events.Entry{Metadata: events.Metadata{ID: id, Group: group, Source: "s", Type: "T"}, Body: []byte("{}")}
}

func TestTopic_Message(t *testing.T) {
	t.Parallel()
	client := &topic{}
	errs := snsbus.New(client, standard, nil).Send(t.Context(), []events.Entry{{
		Metadata: events.Metadata{
			ID: "e-1", Source: "shop.orders", Type: "OrderConfirmed", Version: 3, Group: "o-1", Time: time.Unix(0, 0),
			CorrelationID: "c-1", CausationID: "e-0", TraceParent: "00-1-2-01",
		},
		Body: []byte("{\"a\":\"\uFFFF\"}"), TraceHeader: "Root=1-2-3",
	}, entry("e-2", "")})
	if len(errs) != 2 || errs[0] != nil || errs[1] != nil || aws.ToString(client.requests[0].TopicArn) != standard {
		t.Fatalf("got %v from %s, want no errors", errs, aws.ToString(client.requests[0].TopicArn))
	}
	for i, want := range []string{
		`0 {"a":"\uffff"} map[correlation_id:c-1 event_id:e-1 event_source:shop.orders event_type:OrderConfirmed event_version:3 traceparent:00-1-2-01] true`,
		`1 {} map[event_id:e-2 event_source:s event_type:T] true`,
	} {
		e := client.requests[0].PublishBatchRequestEntries[i]
		attributes := make(map[string]string)
		for name, a := range e.MessageAttributes {
			attributes[name] = aws.ToString(a.StringValue)
			if aws.ToString(a.DataType) != "String" {
				t.Errorf("got the type %s for %s, want String", aws.ToString(a.DataType), name)
			}
		}
		if got := fmt.Sprint(aws.ToString(e.Id), " ", aws.ToString(e.Message), " ", attributes, " ", e.MessageGroupId == nil && e.MessageDeduplicationId == nil); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTopic_FIFO(t *testing.T) {
	t.Parallel()
	client := &topic{}
	errs := snsbus.New(client, fifo, nil).Send(t.Context(), []events.Entry{entry("e-1", "o-1"), entry("e-2", ""), entry("", "o-2"), entry("e-3", "o 3")})
	var got []string
	for _, e := range client.requests[0].PublishBatchRequestEntries {
		got = append(got, fmt.Sprint(len(aws.ToString(e.MessageGroupId)), " ", aws.ToString(e.MessageDeduplicationId)))
	}
	if want := "[3 e-1 3 e-2 64 e-3]"; fmt.Sprint(got) != want {
		t.Errorf("got lengths of groups and deduplication ids %v, want %s", got, want)
	}
	for i, want := range []string{"", "", "snsbus: the event has no id, and FIFO needs one to recognise duplicates", ""} {
		wantError(t, errs[i], want, false)
	}
}

func TestTopic_Limits(t *testing.T) {
	t.Parallel()
	e := entry("e-1", "g")
	e.CorrelationID, e.Body = "c", []byte("{\"a\":\"\uFFFE\"}")
	client := &topic{}
	sender := snsbus.New(client, standard, nil)
	sender.Send(t.Context(), []events.Entry{e})
	want := len(aws.ToString(client.requests[0].PublishBatchRequestEntries[0].Message))
	for name, a := range client.requests[0].PublishBatchRequestEntries[0].MessageAttributes {
		want += len(name) + len(aws.ToString(a.DataType)) + len(aws.ToString(a.StringValue))
	}
	l := sender.Limits()
	if got := l.Size(&e); got != want {
		t.Errorf("got a size of %d bytes, want %d", got, want)
	}
	if l.Entries != 10 || l.Bytes != 262144 || l.EntryBytes != 262144 || l.KeepOrder {
		t.Errorf("got %+v, want 10 entries and 256 KiB", l)
	}
	if l := snsbus.New(nil, fifo, &snsbus.Options{MaxBytes: 1 << 20}).Limits(); l.Bytes != 1<<20 || l.EntryBytes != 1<<20 || !l.KeepOrder {
		t.Errorf("got %+v, want 1 MiB and the order of groups", l)
	}
}

func TestTopic_Results(t *testing.T) {
	t.Parallel()
	client := &topic{answer: func(*sns.PublishBatchInput) (*sns.PublishBatchOutput, error) {
		return &sns.PublishBatchOutput{
			Successful: []types.PublishBatchResultEntry{{Id: aws.String("2")}, {Id: aws.String("9")}, {}},
			Failed: []types.BatchResultErrorEntry{
				{Id: aws.String("0"), Code: aws.String("InvalidParameter"), SenderFault: true, Message: aws.String("hunter2")},
				{Id: aws.String("1"), Code: aws.String("InternalError")},
			},
		}, nil
	}}
	errs := snsbus.New(client, standard, nil).Send(t.Context(), []events.Entry{entry("a", ""), entry("b", ""), entry("c", ""), entry("d", "")})
	for i, want := range []struct {
		text      string
		transient bool
	}{
		{"snsbus: the service refused the entry: InvalidParameter", false},
		{"snsbus: the service refused the entry: InternalError", true},
		{},
		{"snsbus: the answer does not say whether the service has the entry", true},
	} {
		wantError(t, errs[i], want.text, want.transient)
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

func TestTopic_RequestErrors(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		arn       string
		err       error
		transient bool
	}{
		"snsbus: Throttled":                     {standard, &types.ThrottledException{Message: aws.String("hunter2")}, true},
		"snsbus: KMSThrottling":                 {standard, &types.KMSThrottlingException{}, true},
		"snsbus: AuthorizationError: no access": {standard, &types.AuthorizationErrorException{Message: aws.String("no access")}, false},
		"snsbus: NotFound":                      {standard, &types.NotFoundException{}, false},
		"snsbus: no region":                     {standard, errors.New("no region"), false},
		"snsbus: the ARN of the topic is empty": {"", nil, false},
	} {
		client := &topic{answer: func(*sns.PublishBatchInput) (*sns.PublishBatchOutput, error) { return nil, c.err }}
		for _, err := range snsbus.New(client, c.arn, nil).Send(t.Context(), []events.Entry{entry("a", ""), entry("b", "")}) {
			wantError(t, err, want, c.transient)
		}
	}
}

type big struct{ Text string }

var bigEvent = events.Define[big]("test", "Big")

func TestTopic_Packing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o     *snsbus.Options
		sizes []int
		want  string
	}{
		"ten messages":      {nil, make([]int, 23), "[10 10 3] 0"},
		"256 KiB together":  {nil, []int{150 << 10, 150 << 10, 10}, "[1 2] 0"},
		"too large":         {nil, []int{10, 256 << 10, 10}, "[2] 1"},
		"1 MiB if it is so": {&snsbus.Options{MaxBytes: 1 << 20}, []int{10, 256 << 10, 10}, "[3] 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &topic{}
			var all []events.Publishable
			for i, size := range c.sizes {
				all = append(all, bigEvent.New(fmt.Sprint(i), big{strings.Repeat("x", size)}))
			}
			err := events.New(snsbus.New(client, standard, c.o), nil).Publish(t.Context(), all...)
			var failed *events.PublishError
			n := 0
			if errors.As(err, &failed) {
				n = len(failed.Failed)
			}
			var requests []int
			for _, r := range client.requests {
				requests = append(requests, len(r.PublishBatchRequestEntries))
			}
			if got := fmt.Sprint(requests, n); got != c.want {
				t.Errorf("got requests of messages and failures %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

func TestNew_MakesAClient(t *testing.T) {
	requests := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.PostFormValue("Action")
		fmt.Fprint(w, protocol.Encode(nil))
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL_SNS": server.URL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ""} {
		t.Setenv(name, value)
	}
	topic := snsbus.New(nil, standard, nil)
	if len(requests) != 0 {
		t.Error("New makes a request")
	}
	wantError(t, topic.Send(t.Context(), []events.Entry{entry("a", "")})[0], "snsbus: the answer does not say whether the service has the entry", true)
	if got := <-requests; got != "PublishBatch" {
		t.Errorf("got a request %s, want PublishBatch", got)
	}
}
