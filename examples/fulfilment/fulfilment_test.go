package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
	"github.com/lambdakit/lambdakit/internal/localbus"
	"github.com/lambdakit/lambdakit/internal/processtest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func TestMain(m *testing.M) {
	if processtest.Run(map[string]func(){"story": mortalStory}) {
		return
	}
	os.Exit(m.Run())
}

func newOnce(t testing.TB) *idempotency.Guard {
	t.Helper()
	once, err := idempotency.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return once
}

// deliveries are the messages of a queue: an event each, as a rule of EventBridge delivers them.
func deliveries(entries []events.Entry, types ...string) []any {
	var list []any
	for _, e := range entries {
		if len(types) == 0 || strings.Contains(strings.Join(types, ","), e.Type) {
			list = append(list, json.RawMessage(fmt.Sprintf(`{"id":"eb","detail-type":%q,"source":%q,"detail":%s}`, e.Type, e.Source, e.Body)))
		}
	}
	return list
}

func TestStory_OneEffectForEachOrder(t *testing.T) {
	t.Parallel()
	var bus events.Memory
	w := &warehouse{calls: map[string]int{}, parcels: map[string]string{}}
	server := httptest.NewServer(w)
	defer server.Close()
	p := newParts(logging.New(nil), newOnce(t), &bus, olderSystem{url: server.URL, transport: http.DefaultTransport})
	for _, id := range []string{"o-1", "o-2", "o-1"} { // a client repeats a request
		r := httptest.NewRequest("PUT", "/orders/"+id, strings.NewReader(`{"customer":"c-77","cents":2995}`))
		if resp := lambdatest.Request(t, p[""], r, httpapi.FunctionURL); resp.StatusCode != http.StatusOK {
			t.Fatalf("got status %d, want 200", resp.StatusCode)
		}
	}
	confirmed := bus.Entries()
	if len(confirmed) != 3 || confirmed[0].ID != confirmed[2].ID || confirmed[0].CorrelationID != "o-1" {
		t.Fatalf("got %+v, want three events, two of them with one id and the correlation id o-1", confirmed)
	}

	res := lambdatest.Run(t, p["loyalty"], lambdatest.SQS("loyalty", deliveries(confirmed)...))
	if got := res.Metric("PointsBooked").Values; fmt.Sprint(got) != "[58]" {
		t.Errorf("got %v points, want 58: 29 for each of two orders", got)
	}

	h := lambdatest.New(t, p["warehouse"], nil)
	queue := deliveries(confirmed)
	for tries := 0; len(queue) > 0 && tries < 5; tries++ { // the warehouse fails the first call for an order
		reported := h.Invoke(lambdatest.SQS("warehouse", queue...)).FailedRecords()
		queue = queue[:0]
		for range reported {
			queue = deliveries(confirmed)
		}
	}
	if len(w.parcels) != 2 || len(queue) != 0 {
		t.Errorf("got the parcels %v, and %d messages left, want a parcel for each of two orders", w.parcels, len(queue))
	}
	ids := map[string]bool{}
	for _, e := range events.Published(&bus, OrderShipped) {
		ids[e.ID] = true
		if e.CorrelationID != e.Data.OrderID || e.CausationID == "" || e.Data.Parcel == "" {
			t.Errorf("got %+v, want a parcel and the ids of its order", e)
		}
	}
	if len(ids) != 2 {
		t.Errorf("got %d different events OrderShipped, want 2", len(ids))
	}
}

func TestAPI_RefusesOrdersWithoutACustomer(t *testing.T) {
	t.Parallel()
	var bus events.Memory
	p := newParts(logging.New(nil), newOnce(t), &bus, olderSystem{})
	resp := lambdatest.Request(t, p[""], httptest.NewRequest("PUT", "/orders/o-1", strings.NewReader(`{"cents":0}`)), httpapi.FunctionURL)
	if resp.StatusCode != http.StatusUnprocessableEntity && resp.StatusCode != http.StatusBadRequest || len(bus.Entries()) != 0 {
		t.Errorf("got status %d and %d events, want a problem and none", resp.StatusCode, len(bus.Entries()))
	}
}

func TestParts_UnknownQueue(t *testing.T) {
	t.Parallel()
	_, err := parts{}.Invoke(t.Context(), []byte(`{"Records":[{"eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:other"}]}`))
	if err == nil || !strings.Contains(err.Error(), `no function for the queue "other"`) {
		t.Errorf("got %v, want an error that names the queue", err)
	}
}

// dies kills the process once in so many calls, as kill -9 does.
func dies(in int) {
	if rand.N(in) == 0 {
		if p, err := os.FindProcess(os.Getpid()); err == nil {
			p.Kill()
		}
		select {}
	}
}

// mortalStory is main, in a process that is killed before and after requests.
func mortalStory() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	lambda.Start(newParts(logging.New(nil), once, mortalSender{events.Local(nil)},
		olderSystem{os.Getenv("WAREHOUSE_URL"), mortalTransport{}, 20 * time.Millisecond}))
}

type mortalSender struct{ events.Sender }

func (s mortalSender) Send(ctx context.Context, entries []events.Entry) []error {
	dies(6)
	errs := s.Sender.Send(ctx, entries)
	dies(6)
	return errs
}

type mortalTransport struct{}

func (mortalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	dies(40)
	resp, err := http.DefaultTransport.RoundTrip(r)
	dies(40)
	return resp, err
}

// bus takes the events that the function publishes.
type bus struct {
	mu      sync.Mutex
	waiting []localbus.Event
	shipped map[string]string // the parcels by order
	t       *testing.T
}

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var list []localbus.Event
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		b.t.Errorf("got a request that is no list of events: %v", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, list...)
	for _, e := range list {
		if e.DetailType != OrderShipped.Type() {
			continue
		}
		event, err := OrderShipped.Decode(e.Detail)
		if err != nil {
			b.t.Errorf("got the event %s: %v", e.Detail, err)
			continue
		}
		if parcel := b.shipped[event.Data.OrderID]; parcel != "" && parcel != event.Data.Parcel {
			b.t.Errorf("got the parcels %s and %s for the order %s, want one", parcel, event.Data.Parcel, event.Data.OrderID)
		}
		b.shipped[event.Data.OrderID] = event.Data.Parcel
	}
	w.WriteHeader(http.StatusNoContent)
}

// messages returns the events that wait, twice each and in any order.
func (b *bus) messages(types string) (list []eventsource.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.waiting {
		if !strings.Contains(types, e.DetailType) {
			continue
		}
		body := fmt.Sprintf(`{"id":"eb","detail-type":%q,"source":%q,"detail":%s}`, e.DetailType, e.Source, e.Detail)
		list = append(list, eventsource.Message{Body: body}, eventsource.Message{Body: body})
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// flaky is a warehouse with an outage, which opens the breaker.
type flaky struct {
	*warehouse
	mu    sync.Mutex
	calls int
	most  int
	now   int
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls++
	outage := f.calls > 10 && f.calls <= 50
	f.now++
	f.most = max(f.most, f.now)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.now--
		f.mu.Unlock()
	}()
	if outage {
		io.Copy(io.Discard, r.Body)
		http.Error(w, "outage", http.StatusBadGateway)
		return
	}
	f.warehouse.ServeHTTP(w, r)
}

// The function dies before and after requests, each event is delivered twice and in any order, and the
// warehouse has an outage. Each order gets one parcel, and one event says so.
func TestStory_KilledProcesses(t *testing.T) {
	t.Parallel()
	w := &flaky{warehouse: &warehouse{calls: map[string]int{}, parcels: map[string]string{}}}
	warehouseServer := httptest.NewServer(w)
	defer warehouseServer.Close()
	b := &bus{t: t, shipped: map[string]string{}}
	busServer := httptest.NewServer(b)
	defer busServer.Close()
	stderr := processtest.NewOutput()
	function, _ := processtest.Start(t, "story", emulator.Config{Stderr: stderr, Env: []string{"WAREHOUSE_URL=" + warehouseServer.URL, localbus.Variable + "=" + busServer.URL}})

	kills := 0
	invoke := func(payload []byte) ([]byte, error) {
		r, err := function.Invoke(t.Context(), emulator.Event{Payload: payload})
		switch {
		case err != nil:
			t.Fatal(err)
		case r.ErrorType == emulator.ErrorExit:
			kills++
			return nil, errors.New(r.ErrorType)
		case r.ErrorType != "":
			return nil, errors.New(r.ErrorType)
		}
		return r.Payload, nil
	}
	const orders = 8
	for i := range orders {
		request := fmt.Sprintf(`{"version":"2.0","rawPath":"/orders/o-%d","headers":{"content-type":"application/json"},"requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"PUT","path":"/orders/o-%d"}},"body":"{\"customer\":\"c\",\"cents\":100}"}`, i, i)
		for _, err := invoke([]byte(request)); err != nil; _, err = invoke([]byte(request)) { // as a client that gets no answer
		}
	}
	for queue, types := range map[string]string{"warehouse": "OrderConfirmed", "loyalty": "OrderConfirmed,OrderShipped"} {
		m, err := eventsource.New(eventsource.SQS, time.Now(), b.messages(types), &eventsource.Options{Name: queue, BatchSize: 5, ReportFailures: true})
		if err != nil {
			t.Fatal(err)
		}
		m.Run(time.Now(), invoke)
	}
	if len(w.parcels) != orders || len(b.shipped) != orders {
		t.Errorf("got %d parcels and %d orders shipped, want %d", len(w.parcels), len(b.shipped), orders)
	}
	if kills == 0 || w.most > 2 {
		t.Errorf("got %d processes killed and %d calls of the warehouse at the same time, want some, and at most 2", kills, w.most)
	}
	opened := strings.Count(stderr.String(), "the breaker is open")
	if opened == 0 {
		t.Errorf("got no line about an open breaker, want one:\n%s", stderr.String())
	}
	t.Logf("%d orders, %d calls of the warehouse, %d processes killed, the breaker opened %d times", orders, w.calls, kills, opened)
}

// The queue of a stack has the name of the stack before its own.
func TestParts_QueueOfAStack(t *testing.T) {
	t.Parallel()
	var got string
	part := func(name string) lambda.Handler {
		return lambda.NewHandler(func() { got = name })
	}
	p := parts{"": part("api"), "loyalty": part("loyalty")}
	for event, want := range map[string]string{
		`{}`: "api",
		`{"Records":[{"eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:loyalty"}]}`:          "loyalty",
		`{"Records":[{"eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:big-shop-loyalty"}]}`: "loyalty",
	} {
		if _, err := p.Invoke(t.Context(), []byte(event)); err != nil || got != want {
			t.Errorf("%s: got part %q and error %v, want %q", event, got, err, want)
		}
	}
}
