// Package lambdakit is the frame that the toolkit's utilities hang in: it wraps
// the handler of an AWS Lambda function written in Go and owns the lifecycle of
// every invocation, so that logs, metrics and traces are complete however the
// function ends: it may return, fail, panic, or be about to time out. Only where the
// process ends under it, through os.Exit or a panic in another goroutine, is lost what
// was held until then: buffered lines, metrics so far, and spans still open.
//
//	func main() {
//		logs := logging.New(nil)
//		slog.SetDefault(slog.New(logs))
//		lambda.Start(lambdakit.Wrap(handle, logs.Middleware))
//	}
//
//	func handle(ctx context.Context, order Order) (Receipt, error) {
//		slog.InfoContext(ctx, "order accepted", "total", order.Total)
//		return Receipt{ID: order.ID}, nil
//	}
//
// # Wrapping
//
// [Wrap] takes the usual func(ctx, In) (Out, error) and needs no reflection to
// call it. [WrapFunc] takes the other function shapes that lambda.Start accepts,
// [WrapHandler] an implementation of lambda.Handler, and [WrapStream] a function
// whose response is an io.Reader and leaves while it is produced. Middleware is
// listed outermost first.
//
// Responses are byte for byte those of lambda.NewHandler without options, and events
// are accepted and rejected alike; an event that does not decode is an
// [*EventError], whose text never repeats what the event contained.
//
// # Middleware
//
// A [Middleware] is func(next Handler) Handler. Before it calls next it can
// give the context a value with [Invocation.SetValue] and register with
// [Invocation.OnEnd] and [Invocation.OnDeadline] what must happen when the
// invocation ends, or is about to be ended by Lambda. Ends run in reverse order,
// exactly once, whether the function returned, failed, panicked, called
// runtime.Goexit, or streamed its response and that stream came to its end. A
// middleware may answer without calling next.
//
// The outcome belongs to the function: its error value is returned unchanged,
// and a panic goes on with its value and frames, so that aws-lambda-go reports
// it and ends the process as it always does.
//
// # Before Lambda ends the sandbox
//
// A timer fires shortly before the deadline of an invocation and calls what
// OnDeadline registered: a tenth of the time given before it, at least 50 ms
// and at most 1 s ([DeadlineMargin] changes that). There is none where less than
// that is left at the start, or nothing was registered.
//
// The hooks run one after the other. Work that takes time, such as writing the stacks of the
// goroutines, comes after all of them: see [LateDeadlineNotifier].
//
// Lambda sends SIGTERM only to functions that ask for it. With
//
//	lambda.StartWithOptions(h, lambda.WithEnableSIGTERM(lambdakit.Shutdown))
//
// invocations that are still running speak then, too.
//
// # Concurrency
//
// All state of an invocation is in its [Invocation], which the context carries
// ([FromContext]). Several invocations can run at once in one process, as on
// Lambda Managed Instances. A call that has no context can ask [Current], which
// answers while exactly one invocation is live, and never in an execution environment that
// handles several at the same time.
//
// # Answered failures
//
// An invocation can fail although Lambda gets its response: an HTTP response with a 5xx status,
// a batch in which every record failed. [Invocation.Fail] marks it, [Invocation.Err] returns the
// error to logs and traces, and [Invocation.Answered] tells it from an error that was returned.
//
// # Environment
//
//   - AWS_LAMBDA_INITIALIZATION_TYPE: the first invocation of a process is a cold
//     start only where this is unset or "on-demand".
//   - AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_VERSION,
//     AWS_LAMBDA_FUNCTION_MEMORY_SIZE: described by the Invocation.
//   - _X_AMZN_TRACE_ID: the trace header, where the context carries none and
//     AWS_LAMBDA_MAX_CONCURRENCY is 1 or unset.
//
// # Cost
//
// One allocation an invocation on top of decoding and encoding, and no timer
// unless a middleware wants to know about the deadline.
package lambdakit
