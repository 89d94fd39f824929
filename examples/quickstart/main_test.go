// guide: quickstart-test

package main

import (
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

func TestTake_AcceptsAnOrder(t *testing.T) {
	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1", Total: 12.5})

	if got := res.Log("order accepted")["order_id"]; got != "o-1" {
		t.Errorf("got a line of the order %v, want o-1", got)
	}
	if got := res.Metric("OrdersAccepted").Values[0]; got != 1 {
		t.Errorf("got %v orders accepted, want 1", got)
	}
	if s := res.Span("charge card"); s.Status == "Error" {
		t.Errorf("got the error %q, want a charge that succeeds", s.StatusMessage)
	}
}

func TestTake_RefusesAnOrderWithoutATotal(t *testing.T) {
	if res := lambdatest.Run(t, newHandler(), Order{ID: "o-1"}); res.Err == nil {
		t.Error("got no error, want one")
	}
}

// end
