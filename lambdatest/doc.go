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
//	if s := res.Span("charge card"); s.Status == "Error" {
//		t.Error(s.StatusMessage)
//	}
//
// # Handlers
//
// A handler is a valid argument of lambda.Start: the result of lambdakit.Wrap or another Wrap
// function, any lambda.Handler, or a function.
//
// The handler runs in the goroutine that calls Run or Invoke. If that is the goroutine of the test,
// the handler may call t.Fatal. If the handler panics, Err is a [*PanicError]. If it calls
// Invocation.Fail and answers, the result has both a response and an Err.
//
// # Logs, metrics and spans
//
// The [Result] has lines and metrics if the handler is wrapped in the Middleware of packages
// logging and metrics. Without the Middleware, lines and metrics go only to their writer.
//
//   - With the default writer, nothing is written to os.Stdout.
//   - With another writer, lines and metrics are also written to it.
//
// The Result has the spans of package tracing in the words of OpenTelemetry, and as the segment documents
// that X-Ray would get, also if their destination is another one. Nothing is sent. Spans of a provider of
// your own are not among them. Each invocation has a sampled trace header, unless [Options] set another
// one.
//
// A line without a context belongs to an invocation only if no other invocation is running in the
// process. Invocations of other Harnesses count, too.
//
// # HTTP
//
// [Request] sends an HTTP request through a front end of Lambda: a function URL, API Gateway, a load
// balancer or VPC Lattice. It makes the event of the front end and reads the answer as the front end
// does. A test may send the same request through all kinds.
//
//	resp := lambdatest.Request(t, httpapi.Wrap(mux), httptest.NewRequest("GET", "/orders/o-1", nil), httpapi.HTTPAPI)
//
// [Harness.Request] also returns the [Result].
//
// # Environments
//
// A [Harness] is one execution environment. Its first invocation is a cold start. [Run] uses a new
// Harness. Harnesses do not share state, so tests may run in parallel. Several goroutines may call
// Invoke at the same time.
package lambdatest
