package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit"
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
	return q, lambdatest.New(t, lambdakit.Wrap(q.handle, logs.Middleware), nil)
}

func TestRedeliveries(t *testing.T) {
	t.Parallel()
	q, h := newQueue(t)
	event, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	for delivery, want := range []string{"m-3", "", ""} { // the bank was busy once
		var res events.SQSEventResponse
		result := h.Invoke(event)
		result.Decode(&res)
		var again []string
		for _, f := range res.BatchItemFailures {
			again = append(again, f.ItemIdentifier)
		}
		if got := strings.Join(again, ","); got != want {
			t.Errorf("delivery %d: to be delivered again: %q, want %q\n%s", delivery, got, want, result.Output)
		}
	}
	if got := fmt.Sprint(q.bank.transfers); got != "[{p-1 a-1 2995} {p-3 busy 100}]" {
		t.Errorf("transfers %s", got)
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
