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
// # Handlers
//
// A handler is a valid argument of lambda.Start: the result of lambdakit.Wrap or another Wrap
// function, any lambda.Handler, or a function.
//
// The handler runs in the goroutine of the test, so it may call t.Fatal. A panic of the handler
// becomes a [*PanicError]. If the handler calls Invocation.Fail, the result has both a response and
// an Err.
//
// # Logs, metrics and spans
//
// Lines and metrics arrive in the [Result] if the handler is wrapped in the Middleware of packages
// logging and metrics. Without the Middleware they go only to their writer.
//
//   - If the writer is the default, os.Stdout, nothing is written to os.Stdout.
//   - If it is another writer, lines and metrics go there too.
//
// Spans of package tracing arrive as the segment documents that X-Ray would get. Each invocation
// has a sampled trace header, unless [Options] set another one.
//
// A line that is logged without a context belongs to an invocation only while no other invocation
// is running in the process.
//
// # Environments
//
// A [Harness] is one execution environment. Its first invocation is a cold start. [Run] uses a new
// Harness. Harnesses share nothing, so tests may run in parallel. Several goroutines may call
// Invoke at the same time.
package lambdatest
