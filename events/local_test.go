package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/internal/localbus"
)

// runner answers as "lambdakit run -events" does, and keeps what it gets.
type runner struct {
	status   int
	text     string
	requests []*http.Request
	events   []localbus.Event
}

func (r *runner) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var list []localbus.Event
	if err := json.NewDecoder(req.Body).Decode(&list); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.requests = append(r.requests, req)
	r.events = append(r.events, list...)
	w.WriteHeader(r.status)
	io.WriteString(w, r.text)
}

// start sets the variable of the runner.
func (r *runner) start(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	t.Setenv("LAMBDAKIT_EVENTS", s.URL)
	return s
}

func TestLocal_OutsideTheRunnerIsTheOtherSender(t *testing.T) {
	t.Setenv("LAMBDAKIT_EVENTS", "")
	var m events.Memory
	if got := events.Local(&m); got != events.Sender(&m) {
		t.Errorf("got %T, want the other sender", got)
	}
}

func TestLocal_PostsTheEventsToTheRunner(t *testing.T) {
	r := &runner{status: http.StatusNoContent}
	r.start(t)
	now := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	bus := events.New(events.Local(nil), &events.Options{Envelope: events.Bare, Now: func() time.Time { return now }})
	list := orders("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k")
	inInvocation(t, func(ctx context.Context) {
		if err := bus.Publish(ctx, list...); err != nil {
			t.Errorf("got %v, want no error", err)
		}
	})
	if len(r.requests) != 2 || len(r.events) != 11 {
		t.Fatalf("got %d requests with %d events, want 2 with 11, since EventBridge takes ten at once", len(r.requests), len(r.events))
	}
	if got := r.requests[0]; got.Method != http.MethodPost || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s with the type %s, want a POST with JSON", got.Method, got.Header.Get("Content-Type"))
	}
	got, _ := json.Marshal(r.events[10])
	want, _ := json.Marshal(localbus.Event{ID: orderConfirmed.New("k", confirmed{}).ID, Source: "shop.orders", DetailType: "OrderConfirmed",
		Detail: json.RawMessage(`{"order":"k","cents":850}`), TraceHeader: traceHeader, Time: now})
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLocal_Errors(t *testing.T) {
	r := &runner{status: http.StatusBadRequest, text: " no function \n" + strings.Repeat("x", 5000)}
	s := r.start(t)
	err := events.New(events.Local(nil), nil).Publish(t.Context(), orders("a", "b")...)
	var failed *events.PublishError
	if !errors.As(err, &failed) || len(failed.Failed) != 2 || !strings.Contains(err.Error(), "send to lambdakit run: no function") || len(err.Error()) > 1500 {
		t.Errorf("got %v, want two failures with the beginning of the answer", err)
	}
	s.Close()
	if err := events.New(events.Local(nil), nil).Publish(t.Context(), orders("a")...); err == nil || !strings.Contains(err.Error(), "send to lambdakit run: Post") {
		t.Errorf("no runner: got %v, want the error of the request", err)
	}
	t.Setenv("LAMBDAKIT_EVENTS", "\x7f")
	if err := events.New(events.Local(nil), nil).Publish(t.Context(), orders("a")...); err == nil || !strings.Contains(err.Error(), "invalid control character") {
		t.Errorf("a bad URL: got %v, want an error about it", err)
	}
	late := orderConfirmed.New("late", confirmed{})
	late.Time = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := events.New(events.Local(nil), &events.Options{Envelope: events.Bare}).Publish(t.Context(), late); err == nil || !strings.Contains(err.Error(), "year outside of range") {
		t.Errorf("a time that JSON cannot have: got %v, want an error about it", err)
	}
	large := orderConfirmed.New("large", confirmed{Order: strings.Repeat("x", 256<<10)})
	if err := events.New(events.Local(nil), nil).Publish(t.Context(), large); !errors.Is(err, events.ErrTooLarge) {
		t.Errorf("a large event: got %v, want %v", err, events.ErrTooLarge)
	}
}
