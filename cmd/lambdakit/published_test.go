package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runEvents sends an order to the function of testdata/events and delivers its events.
func runEvents(t *testing.T, order string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "order.json")
	if err := os.WriteFile(file, []byte(`{"id":"`+order+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	line := append([]string{"run", "-event", file, "-timeout", "1m"}, args...)
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), append(line, "./testdata/events"), nil, out, errs)
	return status, out.String(), errs.String()
}

func TestEvents_AreDeliveredWithThoseThatHandlersPublish(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "o-1", "-events", "orders")
	wantStatus(t, status, 0)
	contains(t, out, "event   shop  OrderPlaced  id=", "1 events for the queue orders\n", "placed: o-1 1\n", "event   shop  OrderShipped  id=", "shipped: o-1\n", "1 messages: 1 done\n")
	if n := strings.Count(out, "shipped: o-1\n"); n != 1 {
		t.Errorf("got %d times shipped, want once, in:\n%s", n, out)
	}
}

func TestEvents_FailedMessagesComeAgain(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "busy", "-events", "orders")
	wantStatus(t, status, 0)
	contains(t, out, "placed: busy 1\n", "placed: busy 2\n", "shipped: busy\n", "reported in batchItemFailures")
}

func TestEvents_PoisonEventGivesStatusOne(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "lost", "-events", "orders", "-max-receive", "2")
	wantStatus(t, status, 1)
	contains(t, out, "placed: lost 2\n", "1 messages: 1 dead letter\n")
}

func TestEvents_EachQueueGetsEachEventAsOftenAsAsked(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "o-1", "-events", "billing", "-events", "stock.fifo", "-duplicates")
	wantStatus(t, status, 0)
	contains(t, out, "1 events for the queue billing\n", "1 events for the queue stock.fifo\n", "placed: o-1 4\n", "2 messages: 2 done\n")
}

func TestEvents_AQueueGetsSomeTypes(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "o-1", "-events", "billing=OrderPlaced", "-events", "mail=OrderShipped,Other")
	wantStatus(t, status, 0)
	contains(t, out, "1 events for the queue billing\n", "1 events for the queue mail\n", "placed: o-1 1\n", "shipped: o-1\n")
	if strings.Contains(out, "placed: o-1 2") {
		t.Errorf("got OrderPlaced in two queues, in:\n%s", out)
	}
}

func TestEvents_EndlessChainsEnd(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "loop", "-events", "orders")
	wantStatus(t, status, 1)
	contains(t, out, "gave up: handlers of events have published events 100 times in a row\n")
}

func TestEvents_WithoutTheFlagTheyGoElsewhere(t *testing.T) {
	t.Parallel()
	status, out, _ := runEvents(t, "o-1")
	wantStatus(t, status, 0)
	if strings.Contains(out, "OrderPlaced") {
		t.Errorf("got an event in:\n%s", out)
	}
}

func TestEvents_UsageErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`-events "a b" is not the name of a queue`: {"-events", "a b"},
		`-events "a=" is not the name of a queue`:  {"-events", "a="},
		"-duplicates needs -events":                {"-duplicates"},
		"-source needs -queue; the queues of":      {"-events", "a", "-source", "fifo"},
		"-batch-size 11000 is not between 1 and":   {"-events", "a", "-batch-size", "11000"},
	} {
		errs := newBuffer()
		if status := command(t.Context(), append(append([]string{"run"}, args...), "./testdata/events"), nil, io.Discard, errs); status != 2 {
			t.Errorf("%q: got status %d, want 2", args, status)
		}
		contains(t, errs.String(), want)
	}
}

func TestPublished_RefusesOtherRequests(t *testing.T) {
	t.Parallel()
	p := &published{screen: newScreen(io.Discard, false, func() {}), arrived: make(chan struct{}, 1)}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"no JSON":         {"{", http.StatusBadRequest},
		"too large":       {strings.Repeat(" ", maxRequest+1), http.StatusBadRequest},
		"too many events": {"[" + strings.Repeat(`{"detail":{}},`, maxPublished) + `{}]`, http.StatusInsufficientStorage},
		"an event":        {`[{"source":"a\u001b[2J","detailType":"B","detail":{}}]`, http.StatusNoContent},
	} {
		w := httptest.NewRecorder()
		p.receive(w, httptest.NewRequest("POST", "/events", strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s: got status %d, want %d", name, w.Code, c.status)
		}
	}
	if got := p.take(); len(got) != 1 {
		t.Errorf("got %d events, want one", len(got))
	}
}
