package eventbridgebus_test

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
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/events"
)

func entry(detailType string) events.Entry {
	return events.Entry{Metadata: events.Metadata{ID: "e", Source: "s", Type: detailType}, Body: []byte("{}")}
}

func TestBus_Entry(t *testing.T) {
	t.Parallel()
	at := time.Unix(1700000000, 0)
	whole := events.Entry{Metadata: events.Metadata{ID: "e-1", Source: "shop.orders", Type: "OrderConfirmed", Time: at}, Body: []byte(`{"a":1}`), TraceHeader: "Root=1-2-3"}
	long := entry("T")
	long.TraceHeader = strings.Repeat("x", 501)
	longest := entry("T")
	longest.TraceHeader = strings.Repeat("x", 500)
	for name, c := range map[string]struct {
		bus   string
		entry events.Entry
		want  types.PutEventsRequestEntry
	}{
		"all fields":              {"shop", whole, types.PutEventsRequestEntry{EventBusName: aws.String("shop"), Source: aws.String("shop.orders"), DetailType: aws.String("OrderConfirmed"), Detail: aws.String(`{"a":1}`), Time: &at, TraceHeader: aws.String("Root=1-2-3")}},
		"few fields":              {"default", entry("T"), types.PutEventsRequestEntry{Source: aws.String("s"), DetailType: aws.String("T"), Detail: aws.String("{}")}},
		"a trace header too long": {"default", long, types.PutEventsRequestEntry{Source: aws.String("s"), DetailType: aws.String("T"), Detail: aws.String("{}")}},
		"a long trace header":     {"default", longest, types.PutEventsRequestEntry{Source: aws.String("s"), DetailType: aws.String("T"), Detail: aws.String("{}"), TraceHeader: &longest.TraceHeader}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &service{}
			errs := eventbridgebus.New(client, c.bus, nil).Send(t.Context(), []events.Entry{c.entry})
			if len(errs) != 1 || errs[0] != nil {
				t.Fatalf("got %v, want no error", errs)
			}
			if got, want := text(client.requests[0].Entries[0]), text(c.want); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// text returns an entry with nil for absent members.
func text(e types.PutEventsRequestEntry) string {
	s := ""
	for _, p := range []*string{e.EventBusName, e.Source, e.DetailType, e.Detail, e.TraceHeader} {
		if p == nil {
			s += "nil "
		} else {
			s += fmt.Sprintf("%q ", *p)
		}
	}
	return s + fmt.Sprint(e.Time, e.Resources)
}

func TestBus_Limits(t *testing.T) {
	t.Parallel()
	l := eventbridgebus.New(nil, "default", nil).Limits()
	if l.Entries != 10 || l.Bytes != 262143 || l.EntryBytes != 262143 || l.KeepOrder {
		t.Errorf("got %+v, want 10 entries and less than 256 KB", l)
	}
	if l := eventbridgebus.New(nil, "default", &eventbridgebus.Options{MaxBytes: 1 << 20}).Limits(); l.Bytes != 1<<20-1 || l.EntryBytes != 1<<20-1 {
		t.Errorf("got %+v, want less than 1 MB", l)
	}
	e := events.Entry{Metadata: events.Metadata{Source: "süd", Type: "T"}, Body: []byte(`{"a":"ü"}`), TraceHeader: "Root=1-2-3"}
	if got := l.Size(&e); got != 4+1+10 {
		t.Errorf("got %d bytes without a time, want 15", got)
	}
	e.Time = time.Unix(1, 0)
	if got := l.Size(&e); got != 14+4+1+10 {
		t.Errorf("got %d bytes, want 29", got)
	}
}

func TestBus_Results(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		result    types.PutEventsResultEntry
		want      string
		transient bool
	}{
		"accepted":   {types.PutEventsResultEntry{EventId: aws.String("1")}, "", false},
		"empty code": {types.PutEventsResultEntry{ErrorCode: aws.String("")}, "", false},
		"internal":   {types.PutEventsResultEntry{ErrorCode: aws.String("InternalFailure")}, "InternalFailure", true},
		"exception":  {types.PutEventsResultEntry{ErrorCode: aws.String("InternalException")}, "InternalException", true},
		"throttled":  {types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException")}, "ThrottlingException", true},
		"not there":  {types.PutEventsResultEntry{ErrorCode: aws.String("ServiceUnavailable")}, "ServiceUnavailable", true},
		"malformed":  {types.PutEventsResultEntry{ErrorCode: aws.String("MalformedDetail"), ErrorMessage: aws.String("hunter2")}, "MalformedDetail", false},
		"no access":  {types.PutEventsResultEntry{ErrorCode: aws.String("NotAuthorizedForSourceException")}, "NotAuthorizedForSourceException", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &service{answer: func(*eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
				return &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{}, c.result, {}}}, nil
			}}
			errs := eventbridgebus.New(client, "default", nil).Send(t.Context(), []events.Entry{entry("a"), entry("b"), entry("c")})
			if c.want != "" {
				c.want = "eventbridgebus: the service refused the entry: " + c.want
			}
			for i, want := range []string{"", c.want, ""} {
				wantError(t, errs[i], want, c.transient)
			}
		})
	}
}

func TestBus_AnotherNumberOfResults(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3} {
		client := &service{answer: func(*eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
			return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, n)}, nil
		}}
		for _, err := range eventbridgebus.New(client, "default", nil).Send(t.Context(), []events.Entry{entry("a"), entry("b")}) {
			wantError(t, err, fmt.Sprintf("eventbridgebus: the answer does not say whether the service has the entry: it has %d results for 2 entries", n), true)
		}
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

func TestBus_LongTypes(t *testing.T) {
	t.Parallel()
	client := &service{}
	bus := eventbridgebus.New(client, "default", nil)
	const want = "eventbridgebus: the type of the event has 129 characters, and EventBridge takes 128"
	wantError(t, bus.Send(t.Context(), []events.Entry{entry(strings.Repeat("ü", 129))})[0], want, false)
	if len(client.requests) != 0 {
		t.Errorf("got %d requests, want none", len(client.requests))
	}
	client.answer = func(in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
		if len(in.Entries) != 2 {
			t.Errorf("got a request of %d entries, want 2", len(in.Entries))
		}
		return &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{}, {ErrorCode: aws.String("InvalidArgument")}}}, nil
	}
	errs := bus.Send(t.Context(), []events.Entry{entry("a"), entry(strings.Repeat("x", 129)), entry(strings.Repeat("ü", 128))})
	for i, want := range []string{"", want, "eventbridgebus: the service refused the entry: InvalidArgument"} {
		wantError(t, errs[i], want, false)
	}
}

func TestBus_RequestErrors(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		err       error
		transient bool
	}{
		"eventbridgebus: ThrottlingException":              {&smithy.GenericAPIError{Code: "ThrottlingException", Message: "hunter2"}, true},
		"eventbridgebus: ResourceNotFoundException":        {&types.ResourceNotFoundException{}, false},
		"eventbridgebus: AccessDeniedException: no access": {&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no access"}, false},
		"eventbridgebus: no region":                        {errors.New("no region"), false},
	} {
		client := &service{answer: func(*eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) { return nil, c.err }}
		for _, err := range eventbridgebus.New(client, "default", nil).Send(t.Context(), []events.Entry{entry("a"), entry("b")}) {
			wantError(t, err, want, c.transient)
		}
	}
}

type big struct{ Text string }

var bigEvent = events.Define[big]("test", "Big")

func TestBus_Packing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o     *eventbridgebus.Options
		sizes []int
		want  string
	}{
		"ten events":       {nil, make([]int, 23), "[10 10 3] 0"},
		"256 KB together":  {nil, []int{150 << 10, 150 << 10, 10}, "[1 2] 0"},
		"too large":        {nil, []int{10, 256 << 10, 10}, "[2] 1"},
		"1 MB if it is so": {&eventbridgebus.Options{MaxBytes: 1 << 20}, []int{10, 256 << 10, 10}, "[3] 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &service{}
			var all []events.Publishable
			for i, size := range c.sizes {
				all = append(all, bigEvent.New(fmt.Sprint(i), big{strings.Repeat("x", size)}))
			}
			err := events.New(eventbridgebus.New(client, "default", c.o), nil).Publish(t.Context(), all...)
			var failed *events.PublishError
			n := 0
			if errors.As(err, &failed) {
				n = len(failed.Failed)
			}
			var requests []int
			for _, r := range client.requests {
				requests = append(requests, len(r.Entries))
			}
			if got := fmt.Sprint(requests, n); got != c.want {
				t.Errorf("got requests of events and failures %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

func TestNew_MakesAClient(t *testing.T) {
	requests := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Header.Get("X-Amz-Target")
		fmt.Fprint(w, `{"Entries":[{"EventId":"e"}]}`)
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL_EVENTBRIDGE": server.URL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ""} {
		t.Setenv(name, value)
	}
	bus := eventbridgebus.New(nil, "default", nil)
	if len(requests) != 0 {
		t.Error("New makes a request")
	}
	wantError(t, bus.Send(t.Context(), []events.Entry{entry("T")})[0], "", false)
	if got := <-requests; got != "AWSEvents.PutEvents" {
		t.Errorf("got a request %s, want PutEvents", got)
	}
}

func TestSend_EmptyNameOfTheBus(t *testing.T) {
	t.Parallel()
	errs := eventbridgebus.New(nil, "", nil).Send(t.Context(), []events.Entry{entry("a"), entry("b")})
	if len(errs) != 2 || errs[1] == nil || !strings.Contains(errs[1].Error(), `give "default"`) {
		t.Errorf("got %v, want two errors that name the default bus", errs)
	}
}
