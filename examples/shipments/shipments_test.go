package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

func change(id, before, after, address string) lambdatest.Change {
	c := lambdatest.Change{Keys: map[string]string{"id": id}}
	if before != "" {
		c.Old = map[string]string{"id": id, "status": before, "address": address}
	}
	if after != "" {
		c.New = map[string]string{"id": id, "status": after, "address": address}
	}
	return c
}

func TestPaidOrdersAreShippedOnce(t *testing.T) {
	t.Parallel()
	w := &warehouse{}
	h := lambdatest.New(t, newHandler(logging.New(nil), metrics.New(&metrics.Options{Namespace: "Shop", Batches: true}), w), nil)
	event := lambdatest.DynamoDB("orders",
		change("o-1", "", "new", "here"), change("o-2", "", "paid", "here"), change("o-1", "new", "paid", "here"),
		change("o-2", "paid", "sent", "here"), change("o-3", "", "paid", ""), change("o-4", "", "paid", "far away"), change("o-1", "paid", "", "here"))
	first := h.Invoke(event)
	if got := first.FailedRecords(); len(got) != 1 {
		t.Errorf("got %v reported, want the order to a warehouse that is closed", got)
	}
	if first.Log("order cannot be shipped")["order_id"] != "o-3" || first.Metric("BatchFailures").Values[0] != 1 {
		t.Errorf("got %s, want a line about o-3 and one failure", first.Output)
	}
	if got := h.Invoke(event).FailedRecords(); len(got) != 0 {
		t.Errorf("got %v reported the second time, want none", got)
	}
	slices.Sort(w.shipped)
	if got, want := fmt.Sprint(w.shipped), "[o-1 o-2 o-4]"; got != want {
		t.Errorf("got %s shipped, want %s", got, want)
	}
}
