// Package lambdakit wraps the handler of an AWS Lambda function and runs middleware around every
// invocation. It guarantees that logs, metrics and traces are written whether the function
// returns, fails, panics or is about to time out. Buffered data is lost only if the process dies
// first: os.Exit, an out-of-memory kill, or a panic in another goroutine.
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
// Four functions wrap a handler. The middleware is their last argument, outermost first.
//
//   - [Wrap] takes a func(context.Context, In) (Out, error). It calls the function without
//     reflection.
//   - [WrapFunc] takes every other function that lambda.Start accepts.
//   - [WrapHandler] takes a lambda.Handler, which reads and writes bytes.
//   - [WrapStream] takes a function that returns an io.Reader, and streams the response.
//
// They panic if the function or a middleware is nil, or if the function has the wrong type. So a
// mistake shows when the program starts.
//
// The functions accept the same events, and return the same bytes, as lambda.NewHandler without
// options. If an event cannot be decoded, the error is an [*EventError]. Its text does not repeat
// the event.
//
// # Middleware
//
// A [Middleware] is a func(next [Handler]) Handler. Before it calls next, it can
//
//   - add a value to the context with [Invocation.SetValue];
//   - register a hook for the end of the invocation with [Invocation.OnEnd];
//   - register a hook for a near deadline with [Invocation.OnDeadline];
//   - register hooks for the records of a batch with [Invocation.OnMessage] and
//     [Invocation.OnBatch].
//
// It can also answer with [Invocation.SetResponse] and return nil without calling next.
//
// The hooks of OnEnd run exactly once, in reverse order. They run after the function returned,
// failed, panicked or called runtime.Goexit. If the response is a stream, they run at its end.
//
// The order of the middleware of packages logging, metrics and tracing does not matter. Put the
// middleware of package idempotency innermost, so that the others see a replayed response too.
//
// The outcome of the function does not change. An error is returned as it is. A panic continues
// with the same value and stack frames, so aws-lambda-go reports it and ends the process.
//
// # Deadline and shutdown
//
// A timer calls the hooks of OnDeadline shortly before the deadline of an invocation. The margin
// between them is a tenth of the time left at the start, at least 50 ms and at most 1 s.
// [DeadlineMargin] changes it. If the time left at the start is not longer than the margin, the
// timer does not start.
//
// The hooks run one after the other. Slow work, such as writing the stacks of all goroutines,
// belongs in a [LateDeadlineNotifier], which runs after all hooks.
//
// Lambda sends SIGTERM before it shuts down an execution environment, but only to functions that
// register for it. This call registers, and runs the hooks of OnDeadline for invocations that are
// still running at a SIGTERM:
//
//	lambda.StartWithOptions(h, lambda.WithEnableSIGTERM(lambdakit.Shutdown))
//
// [OnShutdown] registers work for that moment that no invocation owns.
//
// # Concurrency
//
// The context carries the [Invocation], and the Invocation holds all state. [FromContext] returns
// it. Several invocations can run at the same time in one process, as on Lambda Managed Instances.
//
// [Current] returns the invocation for code that has no context. It returns nil if several
// invocations are running, or if the execution environment may run several at the same time.
//
// # Answered failures
//
// An invocation can fail although Lambda gets a response: an HTTP response with a 5xx status, or a
// batch in which every record failed. [Invocation.Fail] marks such an invocation. [Invocation.Err]
// then returns the error to logs and traces, and [Invocation.Answered] returns true. If the
// function itself returned an error, Answered returns false.
//
// # After the response
//
// [AfterResponse] registers work that the caller need not wait for. With the middleware [RespondFirst],
// the response leaves first, and then the work runs, bounded by the deadline. Otherwise the work runs
// before the response, so it is never lost silently.
//
//	lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, logs.Middleware))
//
//	lambdakit.AfterResponse(ctx, "warm cache", func(ctx context.Context) error { return cache.Load(ctx, o.ID) })
//
// # Messages
//
// [BeginMessage] tells logs and traces about a record of a batch. [PropagationFromContext] returns what a
// message that the function sends should take along: the correlation id and the trace of the sender.
//
// # Environment variables
//
//   - AWS_LAMBDA_INITIALIZATION_TYPE: the first invocation of a process is a cold start only if
//     the variable is unset or "on-demand".
//   - AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_FUNCTION_MEMORY_SIZE:
//     values of [Invocation.FunctionName], [Invocation.FunctionVersion] and [Invocation.MemoryMB].
//   - _X_AMZN_TRACE_ID: the trace header, if the context carries none and
//     AWS_LAMBDA_MAX_CONCURRENCY is 1 or unset.
//   - AWS_LAMBDA_RUNTIME_API: the address at which [RespondFirst] registers its extension.
//
// # Cost
//
// An invocation costs one allocation in addition to decoding and encoding. The timer costs
// nothing unless a middleware registers a hook for the deadline.
package lambdakit
