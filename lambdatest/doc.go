// Package lambdatest runs Lambda handlers in tests, with the context that Lambda
// gives them, and returns their response, log lines, metrics and spans.
//
//	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1"})
//	if res.Err != nil {
//		t.Fatalf("%v: %s", res.Err, res.Output)
//	}
//	if id := res.Log("order accepted")["order_id"]; id != "o-1" {
//		t.Errorf("got order %v, want o-1", id)
//	}
//	if m := res.Metric("OrdersAccepted"); m.Values[0] != 1 {
//		t.Errorf("got %v, want one order", m.Values)
//	}
//	if res.Span("charge card").Fault {
//		t.Error("the charge failed")
//	}
//
// The handler is an argument of lambda.Start: the result of lambdakit.Wrap and its
// siblings, any lambda.Handler, or a function. Log lines and metrics arrive in the
// result if packages logging and metrics have their default writer, os.Stdout, which
// then stays quiet; if they have another writer, they write there as well. The
// handler needs their Middleware for that, as in Lambda: without it lines and metrics belong
// to no invocation, and go to their writer alone.
// Spans of package tracing arrive as the segment documents that X-Ray would get; for each
// invocation there is a sampled trace header unless Options say otherwise.
//
// A [Harness] is one execution environment: its first invocation is a cold start.
// Harnesses do not share anything, so tests may run in parallel, and Invoke may be
// called from several goroutines. Lines that are logged without a context belong to
// an invocation only while it is the only one in the process.
//
// A handler may call t.Fatal: it runs in the goroutine of the test. A panic of the
// handler becomes a [*PanicError]. An error given to Invocation.Fail is the Err of a
// result that has a response, too.
package lambdatest
