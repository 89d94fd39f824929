package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

func newQueue(t *testing.T) (*queue, *lambdatest.Harness) {
	t.Helper()
	once, err := newOnce(nil)
	if err != nil {
		t.Fatal(err)
	}
	logs := newLogs()
	q := &queue{log: slog.New(logs), once: once, bank: newBank()}
	return q, lambdatest.New(t, newHandler(q, logs), nil)
}

func TestRedeliveries(t *testing.T) {
	t.Parallel()
	q, h := newQueue(t)
	event, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	for delivery, want := range []string{"m-3", "", ""} { // the bank was busy once
		res := h.Invoke(event)
		if got := strings.Join(res.FailedRecords(), ","); got != want {
			t.Errorf("delivery %d: got %q to be delivered again, want %q\n%s", delivery, got, want, res.Output)
		}
	}
	slices.SortFunc(q.bank.transfers, func(a, b payment) int { return strings.Compare(a.ID, b.ID) })
	if got, want := fmt.Sprint(q.bank.transfers), "[{p-1 a-1 2995} {p-3 busy 100}]"; got != want {
		t.Errorf("got the transfers %s, want %s", got, want)
	}
}

func TestAnotherPaymentUnderTheSameID(t *testing.T) {
	t.Parallel()
	q, _ := newQueue(t)
	if _, err := q.pay(context.Background(), payment{"p", "a", 100}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []payment{{"p", "a", 101}, {"p", "b", 100}, {"", "a", 100}} {
		if booking, err := q.pay(context.Background(), p); err == nil {
			t.Errorf("%+v: %s", p, booking)
		}
	}
}

func TestOneOfManyPays(t *testing.T) {
	t.Parallel()
	q, _ := newQueue(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if booking, err := q.pay(context.Background(), payment{"p", "a", 100}); booking != "b-1" || err != nil {
				t.Errorf("%q, %v", booking, err)
			}
		})
	}
	wg.Wait()
}
