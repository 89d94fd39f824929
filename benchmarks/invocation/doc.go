// Package invocation compares what a whole invocation costs, from the event's bytes
// to the response's, with the toolkit and with aws-lambda-go alone.
//
//	go test -run '^$' -bench . ./invocation
//
// Two functions are measured: one that takes a small event of its own, and one that
// takes a request of an API Gateway HTTP API (testdata/apigateway-v2.json, about
// 2 KB). Each is called through lambda.Handler, so that polling for the event and
// posting the response, which are the same for all, are left out.
//
//   - bare: lambda.NewHandler of aws-lambda-go.
//   - frame: lambdakit.Wrap without middleware.
//   - bare+slog: lambda.NewHandler, and one line with two attributes through the
//     JSONHandler of log/slog. The line says nothing about the invocation.
//   - logging: lambdakit.Wrap with the middleware of package logging, and the same
//     line through it, with the fields of the invocation, and a timer set for its
//     deadline.
//
// Lines go to io.Discard.
//
// TestSameResponses holds all of them to the same response bytes. In the parallel
// benchmarks that is not so for bare: lambda.NewHandler returns the bytes of a
// buffer that the next invocation may already be writing to. Its time is still
// that of the work done.
package invocation
