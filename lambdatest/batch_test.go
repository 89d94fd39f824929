package lambdatest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

type parcel struct{ ID string }

func deliver(ctx context.Context, m *batch.Message[parcel]) error {
	if m.Body.ID == "lost" {
		return errors.New("no address")
	}
	return nil
}

func TestBatch_EventsOfAllSources(t *testing.T) {
	t.Parallel()
	keys := map[string]any{"id": "a"}
	for name, c := range map[string]struct {
		event    []byte
		function any
		reported string // the end of the only identifier
	}{
		"SQS":      {lambdatest.SQS("orders", parcel{"a"}, `{"ID":"lost"}`, "no JSON"), batch.SQS(deliver, nil), "m2 m3"},
		"FIFO":     {lambdatest.SQS("orders.fifo", lambdatest.Message{Body: parcel{"lost"}, Group: "g"}, lambdatest.Message{Body: parcel{"a"}, Group: "g"}, lambdatest.Message{Body: parcel{"a"}, Group: "h"}), batch.SQS(deliver, nil), "m1 m2"},
		"Kinesis":  {lambdatest.Kinesis("orders", parcel{"a"}, lambdatest.Message{Body: parcel{"lost"}, Key: "k"}, parcel{"a"}), batch.Kinesis(deliver, nil), "2"},
		"Kafka":    {lambdatest.Kafka("orders", parcel{"a"}, parcel{"lost"}, lambdatest.Message{Tombstone: true, Key: "k"}), batch.Kafka(deliver, nil), "orders-0:1"},
		"no lines": {lambdatest.SQS("orders"), batch.SQS(deliver, nil), ""},
		"no Kafka": {lambdatest.Kafka("orders"), batch.Kafka(deliver, nil), ""},
		"DynamoDB": {lambdatest.DynamoDB("orders", lambdatest.Change{Keys: keys, New: parcel{"a"}}, lambdatest.Change{Keys: keys, Old: parcel{"a"}, New: map[string]any{"ID": "lost", "n": 1.5, "l": []any{true, nil}}}),
			batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[parcel]]) error {
				if m.Body.New.ID == "lost" && m.Body.Old.ID == "a" && m.Body.Event == batch.Modify {
					return errors.New("no address")
				}
				return nil
			}, nil), "2"},
	} {
		res := lambdatest.Run(t, c.function, c.event)
		if res.Err != nil && res.Response == nil {
			t.Errorf("%s: got %v", name, res.Err)
			continue
		}
		if got := strings.Join(res.FailedRecords(), " "); !strings.HasSuffix(got, c.reported) || len(got) > 60 {
			t.Errorf("%s: got %s reported, want %s", name, got, c.reported)
		}
	}
	res := lambdatest.Run(t, batch.Firehose(func(ctx context.Context, m *batch.Message[parcel]) error {
		m.Transform([]byte(strings.ToUpper(m.Body.ID)))
		return nil
	}, nil), lambdatest.Firehose("orders", parcel{"a"}, parcel{"b"}))
	var out batch.FirehoseResponse
	if res.Decode(&out); len(out.Records) != 2 || string(out.Records[1].Data) != "B" || out.Records[1].RecordID != "r2" || out.Records[1].Result != "Ok" {
		t.Errorf("Firehose: got %+v, want both records transformed", out)
	}
}

func TestLogsOf_ARecord(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	h := lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[parcel]) error {
		slog.New(logs).InfoContext(ctx, "delivering "+m.Body.ID)
		return deliver(ctx, m)
	}, nil), logs.Middleware)
	res := lambdatest.Run(t, h, lambdatest.SQS("orders", parcel{"a"}, parcel{"lost"}))
	if got := fmt.Sprint(len(res.LogsOf("m1")), len(res.LogsOf("m2")), len(res.LogsOf("m3"))); got != "1 2 0" {
		t.Errorf("got %s lines of m1, m2 and m3, want 1 2 0: %s", got, res.Output)
	}
}

// TestFailedRecords_AnswersOfYourOwnLoop has the answers that Lambda takes for a success.
func TestFailedRecords_AnswersOfYourOwnLoop(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{"batchItemFailures":null}`, `{"batchItemFailures":[]}`, `{}`, `null`} {
		res := lambdatest.Run(t, func() (json.RawMessage, error) { return json.RawMessage(answer), nil }, nil)
		if got := res.FailedRecords(); len(got) != 0 {
			t.Errorf("%s: got %v, want no record", answer, got)
		}
	}
	const odd = `{"batchItemFailures":[{"itemIdentifier":5},{},{"itemIdentifier":{"partition":"orders-0","offset":15}}]}`
	res := lambdatest.Run(t, func() (json.RawMessage, error) { return json.RawMessage(odd), nil }, nil)
	if got, want := res.FailedRecords(), []string{"", "", "orders-0:15"}; !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", odd, got, want)
	}
}

// The handler gets the item that the test described, with all types of JSON.
func TestDynamoDB_ItemsOfEveryType(t *testing.T) {
	t.Parallel()
	type item struct {
		ID    int64          `json:"id" dynamodbav:"id"`
		Price float64        `json:"price" dynamodbav:"price"`
		Paid  bool           `json:"paid" dynamodbav:"paid"`
		Note  *string        `json:"note" dynamodbav:"note"`
		Lines []line         `json:"lines" dynamodbav:"lines"`
		Extra map[string]int `json:"extra" dynamodbav:"extra"`
	}
	want := item{9_007_199_254_740_993, 8.25, true, nil, []line{{"mug", 2}, {"tea", 1}}, map[string]int{"a": 1}}
	var got *item
	lambdatest.Run(t, batch.DynamoDB(func(_ context.Context, m *batch.Message[batch.Change[item]]) error {
		got = m.Body.New
		return nil
	}, nil), lambdatest.DynamoDB("orders", lambdatest.Change{Keys: map[string]int64{"id": want.ID}, New: want}))
	if got == nil || fmt.Sprint(*got) != fmt.Sprint(want) {
		t.Errorf("got the item %+v, want %+v", got, want)
	}
}

type line struct {
	SKU      string `json:"sku" dynamodbav:"sku"`
	Quantity int    `json:"quantity" dynamodbav:"quantity"`
}

func TestBatch_ValuesThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]func() []byte{
		"message":  func() []byte { return lambdatest.SQS("orders", make(chan int)) },
		"record":   func() []byte { return lambdatest.Firehose("orders", func() {}) },
		"item":     func() []byte { return lambdatest.DynamoDB("orders", lambdatest.Change{Keys: make(chan int)}) },
		"too many": func() []byte { return lambdatest.SQS("orders", slices.Repeat([]any{"x"}, 20_000)...) },
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, "lambdatest: ") {
					t.Errorf("%s: got the panic %s, want one of lambdatest", name, v)
				}
			}()
			t.Errorf("%s: got the event %.100s, want a panic", name, event())
		}()
	}
}

func TestBatch_WrongItems(t *testing.T) {
	t.Parallel()
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "no item") {
			t.Errorf("got the panic %s, want one about the item", v)
		}
	}()
	lambdatest.DynamoDB("orders", lambdatest.Change{Keys: 5, New: json.RawMessage(`{}`)})
}

func TestSQS_Attempt(t *testing.T) {
	t.Parallel()
	var got []int
	lambdatest.Run(t, batch.SQS(func(_ context.Context, m *batch.Message[parcel]) error {
		got = append(got, m.Attempt)
		return nil
	}, &batch.Options{Concurrency: 1}), lambdatest.SQS("orders", parcel{"a"}, lambdatest.Message{Body: parcel{"b"}, Attempt: 3}, lambdatest.Message{Body: parcel{"c"}, Attempt: 1}))
	if fmt.Sprint(got) != "[1 3 1]" {
		t.Errorf("got attempts %v, want [1 3 1]", got)
	}
}
