package adapter_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/adapter"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type Booked struct {
	Number int `json:"number"`
}

var OrderBooked = events.Define[Booked]("shop.test", "OrderBooked")

// booked is a Reply that decodes the response.
func booked(_ context.Context, m *batch.Message[Order], r *http.Response) (events.Publishable, error) {
	var b Booked
	if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
		return nil, batch.Permanent(err)
	}
	return OrderBooked.New(m.Body.ID, b), nil
}

// none is a Reply that makes no event.
func none(context.Context, *batch.Message[Order], *http.Response) (events.Publishable, error) {
	return nil, nil
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// sender is a Sender that keeps entries.
type sender struct {
	mu      sync.Mutex
	entries []events.Entry
	errs    []error
}

func (s *sender) Limits() events.Limits { return events.Limits{} }

func (s *sender) Send(_ context.Context, entries []events.Entry) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, entries...)
	return s.errs
}

// The messages of a queue become calls, and the responses events.
func TestBatch(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case string(body) == "bad":
			w.WriteHeader(http.StatusUnprocessableEntity)
		case string(body) == "down":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprintf(w, `{"number":%d}`, len(body))
		}
	})
	sent := &sender{}
	a := adapter.New(post(s.URL), &options{Reply: booked, Bus: events.New(sent, nil), InFlight: 2})
	var failed sync.Map
	receive := batch.SQS(a.Handle, &batch.Options{Concurrency: 4, OnFailure: func(_ context.Context, r *batch.Record, err error) {
		failed.Store(r.ID, err)
	}})
	res := lambdatest.Run(t, lambdakit.Wrap(receive), lambdatest.SQS("orders",
		Order{ID: "o-17"}, Order{ID: "bad"}, Order{ID: "down"}, Order{ID: "o-4"}))

	if got, want := res.FailedRecords(), []string{"m2", "m3"}; !slices.Equal(got, want) {
		t.Errorf("got the reports %v, want %v", got, want)
	}
	bad, _ := failed.Load("m2")
	wantPermanent(t, bad.(error))
	down, _ := failed.Load("m3")
	wantDelay(t, down.(error), 5*time.Second, 10*time.Second)
	var bodies []string
	for _, e := range sent.entries {
		var m struct{ Data json.RawMessage }
		json.Unmarshal(e.Body, &m)
		bodies = append(bodies, e.Group+string(m.Data))
	}
	slices.Sort(bodies)
	if want := []string{`o-17{"number":4}`, `o-4{"number":3}`}; !slices.Equal(bodies, want) {
		t.Errorf("got the events %v, want %v", bodies, want)
	}
}

// A message fails if its reply was not published. The next attempt has the same key.
func TestPublish_Fails(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		mu.Unlock()
		io.WriteString(w, `{"number":1}`)
	})
	full := errors.New("full")
	bus := &publisher{fail: full}
	a := adapter.New(post(s.URL), &options{Reply: booked, Bus: bus})
	var last error
	h := lambdatest.New(t, lambdakit.Wrap(batch.SQS(a.Handle, &batch.Options{OnFailure: func(_ context.Context, _ *batch.Record, err error) { last = err }})), nil)
	for attempt := 1; attempt <= 3; attempt++ {
		res := h.Invoke(lambdatest.SQS("orders", lambdatest.Message{ID: "m7", Body: Order{ID: "o-1"}, Attempt: attempt}))
		if got := res.FailedRecords(); !slices.Equal(got, []string{"m7"}) {
			t.Errorf("got the reports %v, want m7", got)
		}
		full := 5 * time.Second << attempt
		wantDelay(t, last, full/2, full)
		if !errors.Is(last, bus.fail) {
			t.Errorf("got %v, want the error of the bus", last)
		}
	}
	bus.fail = nil
	if got := h.Invoke(lambdatest.SQS("orders", lambdatest.Message{ID: "m7", Body: Order{ID: "o-1"}, Attempt: 4})).FailedRecords(); len(got) != 0 {
		t.Errorf("got the reports %v, want none", got)
	}
	if want := []string{"m7", "m7", "m7", "m7"}; !slices.Equal(keys, want) {
		t.Errorf("got the keys %q, want %q", keys, want)
	}
}

func TestReply(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"number":1}`) })
	own := errors.New("own")
	failing := func(context.Context, *batch.Message[Order], *http.Response) (events.Publishable, error) {
		return nil, own
	}
	bus := &publisher{}
	if err := adapter.New(post(s.URL), &options{Reply: none, Bus: bus}).Handle(t.Context(), message("m1", 1)); err != nil || bus.got != nil {
		t.Errorf("got %v and %v, want neither error nor event", err, bus.got)
	}
	if err := adapter.New(post(s.URL), &options{Reply: failing, Bus: bus}).Handle(t.Context(), message("m1", 1)); err != own {
		t.Errorf("got %v, want the error of Reply", err)
	}
	if err := adapter.New(post(s.URL), &options{Reply: booked}).Handle(t.Context(), message("m1", 1)); err == nil {
		t.Error("got no error without a bus")
	}
}

func TestKey(t *testing.T) {
	var got []string
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		got = append(got, fmt.Sprint(r.Header["Idempotency-Key"]))
	})
	own := func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		req, err := post(s.URL)(ctx, m)
		req.Header.Set("idempotency-key", "own")
		return req, err
	}
	bare := func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		req, err := http.NewRequest("", s.URL, nil)
		req.Method, req.Header = "", nil
		return req, err
	}
	key := func(m *batch.Message[Order]) string { return m.Body.ID }
	for _, a := range []*adapter.Adapter[Order]{
		adapter.New(post(s.URL), nil),
		adapter.New(post(s.URL), &options{Key: key}),
		adapter.New(post(s.URL), &options{Key: func(*batch.Message[Order]) string { return "" }}),
		adapter.New(own, &options{Key: key}),
		adapter.New(bare, nil),
	} {
		if err := a.Handle(t.Context(), message("m1", 1)); err != nil {
			t.Error(err)
		}
	}
	if want := []string{"[m1]", "[o-m1]", "[]", "[own]", "[m1]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A Request that returns the same request for all messages causes no data race and no mix of keys.
func TestKey_SharedRequest(t *testing.T) {
	var mu sync.Mutex
	keys := map[string]int{}
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		keys[r.Header.Get("Idempotency-Key")]++
	})
	shared, err := http.NewRequest(http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := adapter.New(func(context.Context, *batch.Message[Order]) (*http.Request, error) { return shared, nil }, nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { a.Handle(t.Context(), message(strconv.Itoa(i), 1)) })
	}
	wg.Wait()
	if len(keys) != 20 || shared.Header.Get("Idempotency-Key") != "" {
		t.Errorf("got the keys %v, want 20", keys)
	}
}

// A request without a context ends with its message.
func TestRequest_WithoutContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	released := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		close(released)
	})
	a := adapter.New(func(context.Context, *batch.Message[Order]) (*http.Request, error) {
		return http.NewRequest(http.MethodGet, s.URL, nil)
	}, &options{Timeout: time.Hour})
	if err := a.Handle(ctx, message("m1", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	<-released
}

// traced counts connections.
func traced(request adapter.Request[Order], reused, opened *atomic.Int64) adapter.Request[Order] {
	return func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
		return request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				reused.Add(1)
			} else {
				opened.Add(1)
			}
		}}), m)
	}
}

// Connections are used again, whatever the status is and whether the body is read or not.
func TestBody_ConnectionsAreReused(t *testing.T) {
	for _, status := range []int{200, 302, 404, 503} {
		for name, reply := range map[string]adapter.Reply[Order]{"reply": none, "no reply": nil} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				io.WriteString(w, strings.Repeat("x", 20_000))
			})
			var reused, opened atomic.Int64
			a := adapter.New(traced(post(s.URL), &reused, &opened), &options{Reply: reply, BreakAfter: 100})
			for range 10 {
				a.Handle(t.Context(), message("m1", 1))
			}
			if opened.Load() != 1 || reused.Load() != 9 {
				t.Errorf("%d, %s: got %d new connections and %d used again, want 1 and 9", status, name, opened.Load(), reused.Load())
			}
		}
	}
}

// No body is read far beyond the limit, even if it claims a gigabyte or inflates to one.
func TestBody_Limit(t *testing.T) {
	var written atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact/orders":
			io.WriteString(w, strings.Repeat(" ", 1000-len(`{"number":1}`))+`{"number":1}`)
			return
		case "/gzip/orders":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			zeros := make([]byte, 1<<20)
			for range 4 {
				z.Write(zeros)
			}
			z.Close()
			return
		case "/length/orders":
			w.Header().Set("Content-Length", "1073741824")
		case "/error/orders":
			w.WriteHeader(http.StatusInternalServerError)
		}
		chunk := make([]byte, 1<<16)
		for range 1 << 14 { // a gigabyte
			n, err := w.Write(chunk)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	tests := map[string]func(error){
		"/exact":   func(err error) { wantNone(t, err) },
		"/gzip":    func(err error) { wantTooLarge(t, err) },
		"/length":  func(err error) { wantTooLarge(t, err) },
		"/chunked": func(err error) { wantTooLarge(t, err) },
		"/error":   func(err error) { wantDelay(t, err, 5*time.Second, 10*time.Second) },
	}
	for path, check := range tests {
		a := adapter.New(post(s.URL+path), &options{Reply: booked, Bus: &publisher{}, MaxBody: 1000})
		check(a.Handle(t.Context(), message("m1", 1)))
		// Without a Reply the body does not matter.
		err := adapter.New(post(s.URL+path), &options{MaxBody: 1000}).Handle(t.Context(), message("m1", 1))
		if path != "/error" && err != nil {
			t.Errorf("%s: got %v without a Reply, want no error", path, err)
		}
	}
	if got := written.Load(); got > 200<<20 {
		t.Errorf("the server could write %d bytes", got)
	}
}

func wantNone(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func wantTooLarge(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, adapter.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	wantPermanent(t, err)
}

// A response that ends too early is a failure of the system, although its status is 200.
func TestBody_Truncated(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"number":1}`)
	})
	a := adapter.New(post(s.URL), &options{Reply: booked, Bus: &publisher{}, BreakAfter: 1})
	err := a.Handle(t.Context(), message("m1", 1))
	wantDelay(t, err, 5*time.Second, 10*time.Second)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
	}
	if err := a.Handle(t.Context(), message("m1", 1)); !errors.Is(err, adapter.ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
}

// Only requests with safe methods follow redirects, with the default client and with one that does
// not decide.
func TestRedirects(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/moved" {
			http.Redirect(w, r, "/moved", http.StatusFound)
		}
	})
	request := func(method string) adapter.Request[Order] {
		return func(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, method, s.URL, nil)
		}
	}
	for _, client := range []*http.Client{nil, {}} {
		for _, method := range []string{"GET", "HEAD"} {
			wantNone(t, adapter.New(request(method), &options{Client: client}).Handle(t.Context(), message("m1", 1)))
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			err := adapter.New(request(method), &options{Client: client}).Handle(t.Context(), message("m1", 1))
			wantPermanent(t, err)
			if got, ok := errors.AsType[*adapter.StatusError](err); !ok || got.Status != http.StatusFound {
				t.Errorf("%s: got %v, want the status 302", method, err)
			}
		}
	}
	decides := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	wantNone(t, adapter.New(request("POST"), &options{Client: decides}).Handle(t.Context(), message("m1", 1)))

	loop := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	s.URL = loop.URL
	wantPermanent(t, adapter.New(request("GET"), nil).Handle(t.Context(), message("m1", 1)))
}

// With many messages at the same time, a real server sees no more calls than the limit.
func TestInFlight_Server(t *testing.T) {
	var running, most atomic.Int64
	both := make(chan struct{}, 1)
	s := serve(t, func(http.ResponseWriter, *http.Request) {
		n := running.Add(1)
		defer running.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		select { // pairs of calls wait for each other
		case both <- struct{}{}:
		case <-both:
		}
	})
	a := adapter.New(post(s.URL), &options{InFlight: 3})
	orders := make([]any, 100)
	for i := range orders {
		orders[i] = Order{ID: strconv.Itoa(i)}
	}
	res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(a.Handle, &batch.Options{Concurrency: 20})), lambdatest.SQS("orders", orders...))
	if got := res.FailedRecords(); len(got) != 0 {
		t.Errorf("got the reports %v, want none", got)
	}
	if got := most.Load(); got > 3 {
		t.Errorf("got %d calls at the same time, want at most 3", got)
	}
}
