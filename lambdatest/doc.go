// Package lambdatest runs Lambda handlers in tests, with the context that Lambda
// would give them, and hands back what they answered and logged.
//
//	res := lambdatest.Run(t, newHandler(), Order{ID: "o-1"})
//	if res.Err != nil || res.Logs[0].Message() != "order accepted" {
//		t.Errorf("%v: %s", res.Err, res.Output)
//	}
//
// The handler is what lambda.Start would get: the result of lambdakit.Wrap and its
// siblings, any lambda.Handler, or a function. Log lines and metrics arrive in the
// result when packages logging and metrics have their default writer, os.Stdout, which
// then stays quiet; where they have a writer of their own, they write there as well. The
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
// handler becomes a [*PanicError].
package lambdatest
