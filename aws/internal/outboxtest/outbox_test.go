// Package outboxtest has the test of an outbox whose processes are killed: see package events/outbox.
package outboxtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/outbox"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

func TestMain(m *testing.M) {
	if processtest.Run(map[string]func(){"writer": writer, "relay": relay}) {
		return
	}
	os.Exit(m.Run())
}

type confirmed struct {
	Order string `json:"order"`
	N     int    `json:"n"`
}

var orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed")

// dies kills the process once in so many calls, as kill -9 does.
func dies(in int) {
	if rand.N(in) == 0 {
		if p, err := os.FindProcess(os.Getpid()); err == nil {
			p.Kill()
		}
		select {}
	}
}

// order is the event of the writer.
type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	N        int    `json:"n"` // of the customer
}

// writer is a function that writes an order and its event in a transaction.
func writer() {
	client := dynamodb.NewFromConfig(config())
	lambda.Start(lambdakit.Wrap(func(ctx context.Context, o order) (string, error) {
		e := orderConfirmed.New(o.ID, confirmed{o.ID, o.N})
		e.Group = o.Customer
		record, err := outbox.New(ctx, e, nil)
		if err != nil {
			return "", err
		}
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		dies(5)
		_, err = client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: aws.String("orders"), ConditionExpression: aws.String("attribute_not_exists(id)"), Item: map[string]types.AttributeValue{"id": text(o.ID)}}},
			{Put: &types.Put{TableName: aws.String("outbox"), Item: map[string]types.AttributeValue{
				"group": text(record.Group), "id": text(record.ID), "source": text(record.Source), "type": text(record.Type), "event": text(record.Event),
				"expires_at": &types.AttributeValueMemberN{Value: fmt.Sprint(record.ExpiresAt)},
			}}},
		}})
		dies(5)
		if canceled := (*types.TransactionCanceledException)(nil); errors.As(err, &canceled) {
			return "canceled", nil
		}
		return "committed", err
	}))
}

// relay is the function on the stream.
func relay() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	bus := events.New(mortal{eventbridgebus.New(eventbridge.NewFromConfig(config()), "shop", nil)}, nil)
	lambda.Start(lambdakit.Wrap(outbox.Relay(bus, nil)))
}

// mortal is a Sender whose process may die before and after a request.
type mortal struct{ events.Sender }

func (s mortal) Send(ctx context.Context, entries []events.Entry) []error {
	dies(16)
	errs := s.Sender.Send(ctx, entries)
	dies(16)
	return errs
}

func config() aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(os.Getenv("SERVICES")), RetryMaxAttempts: 2,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}
}

// services are the services of AWS that the functions use.
type services struct {
	t *testing.T

	mu        sync.Mutex
	orders    map[string]bool
	canceled  map[string]bool
	stream    []eventsource.Message
	published []events.Metadata
}

func (s *services) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	switch _, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), "."); operation {
	case "TransactWriteItems":
		s.transact(w, body)
	case "PutEvents":
		s.putEvents(w, body)
	default:
		s.t.Errorf("got the operation %q, want one of the functions", operation)
	}
}

func fail(w http.ResponseWriter, status int, kind, more string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"message":"no"%s}`, kind, more)
}

// transact writes both items or none. Now and then its answer is lost.
func (s *services) transact(w http.ResponseWriter, body []byte) {
	var in struct {
		TransactItems []struct {
			Put struct{ Item map[string]json.RawMessage }
		}
	}
	var id struct{ S string }
	if err := json.Unmarshal(body, &in); err != nil || len(in.TransactItems) != 2 || json.Unmarshal(in.TransactItems[0].Put.Item["id"], &id) != nil {
		s.t.Errorf("got the transaction %s, want two items", body)
		return
	}
	if rand.N(10) == 0 {
		fail(w, http.StatusInternalServerError, "InternalServerError", "")
		return
	}
	if s.orders[id.S] || strings.HasPrefix(id.S, "no-stock") {
		s.canceled[id.S] = true
		fail(w, http.StatusBadRequest, "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", `,"CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"None"}]`)
		return
	}
	s.orders[id.S] = true
	item := in.TransactItems[1].Put.Item
	image, _ := json.Marshal(item)
	keys, _ := json.Marshal(map[string]json.RawMessage{"group": item["group"], "id": item["id"]})
	s.stream = append(s.stream, eventsource.Message{Change: &eventsource.Change{Event: "INSERT", Keys: keys, New: image}})
	if rand.N(10) == 0 {
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, `{}`)
}

// putEvents takes some entries, refuses some for a moment, and answers not at all now and then.
func (s *services) putEvents(w http.ResponseWriter, body []byte) {
	var in struct {
		Entries []struct{ Detail string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		s.t.Errorf("got the request %s, want one of PutEvents", body)
		return
	}
	switch rand.N(10) {
	case 0:
		fail(w, http.StatusInternalServerError, "InternalException", "")
		return
	case 1:
		fail(w, http.StatusBadRequest, "ThrottlingException", "")
		return
	}
	failed := 0
	var results []string
	for _, e := range in.Entries {
		if rand.N(5) == 0 {
			failed++
			results = append(results, `{"ErrorCode":"InternalFailure","ErrorMessage":"no"}`)
			continue
		}
		results = append(results, `{"EventId":"x"}`)
		event, err := events.Unmarshal([]byte(e.Detail))
		if err != nil {
			s.t.Errorf("got the detail %s: %v", e.Detail, err)
			continue
		}
		s.published = append(s.published, event.Metadata)
	}
	if rand.N(10) == 0 {
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, `{"FailedEntryCount":%d,"Entries":[%s]}`, failed, strings.Join(results, ","))
}

// Every committed order is published, in the order of its customer, and no other, although processes are
// killed before, between and after the write and the request.
func TestOutbox_KilledProcesses(t *testing.T) {
	s := &services{t: t, orders: map[string]bool{}, canceled: map[string]bool{}}
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := emulator.Config{Env: []string{"SERVICES=" + server.URL}}

	const customers, each = 3, 6
	kills := 0
	invoke := func(e *emulator.Emulator, payload []byte) *emulator.Result {
		r, err := e.Invoke(t.Context(), emulator.Event{Payload: payload})
		if err != nil {
			t.Fatal(err)
		}
		if r.ErrorType == emulator.ErrorExit {
			kills++
		}
		return r
	}
	function, _ := processtest.Start(t, "writer", cfg)
	for n := range each {
		for c := range customers {
			id := fmt.Sprintf("o-%d-%02d", c, n)
			if n%3 == 2 {
				id = "no-stock-" + id
			}
			text, _ := json.Marshal(order{id, fmt.Sprintf("c-%d", c), n})
			for tries := 0; ; tries++ { // as a client does that gets no answer
				if r := invoke(function, text); r.ErrorType == "" {
					break
				}
				if tries == 50 {
					t.Fatalf("the order %s fails again and again", id)
				}
			}
		}
	}

	mapping, err := eventsource.New(eventsource.DynamoDB, time.Now(), s.stream, &eventsource.Options{Name: "outbox", BatchSize: 4, ReportFailures: true})
	if err != nil {
		t.Fatal(err)
	}
	function, _ = processtest.Start(t, "relay", cfg)
	mapping.Run(time.Now(), func(event []byte) ([]byte, error) {
		r := invoke(function, event)
		if r.ErrorType != "" {
			return nil, errors.New(r.ErrorType)
		}
		return r.Payload, nil
	})

	ids := map[string]string{} // of the orders, by event
	for order := range s.orders {
		ids[orderConfirmed.New(order, confirmed{}).ID] = order
	}
	seen := map[string]bool{}
	last := map[string]string{}
	for _, m := range s.published {
		order, committed := ids[m.ID]
		if !committed {
			t.Errorf("got %s published, want no event of an order that was not committed", m.ID)
		}
		if !seen[m.ID] && order < last[m.Group] {
			t.Errorf("got %s after %s, want the events of %s in their order", order, last[m.Group], m.Group)
		}
		if !seen[m.ID] {
			last[m.Group] = order
		}
		seen[m.ID] = true
	}
	for id, order := range ids {
		if !seen[id] {
			t.Errorf("got no event of the committed order %s", order)
		}
	}
	t.Logf("%d orders committed, %d transactions cancelled, %d events published %d times, %d processes killed", len(s.orders), len(s.canceled), len(seen), len(s.published), kills)
	if kills == 0 || len(seen) != customers*each*2/3 {
		t.Errorf("got %d processes killed and %d events, want some, and %d", kills, len(seen), customers*each*2/3)
	}
}
