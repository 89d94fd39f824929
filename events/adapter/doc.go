// Package adapter turns the messages of a queue into HTTP calls of another system, at the speed that
// the system can take, and publishes its responses as events.
//
//	a := adapter.New(book, &adapter.Options[Order]{
//		Client:   &http.Client{Transport: &tracing.Transport{}},
//		Rate:     4,
//		InFlight: 2,
//		Reply:    booked,
//		Bus:      bus,
//	})
//	receive := batch.SQS(a.Handle, &batch.Options{Concurrency: 4, OnFailure: backoff.OnFailure})
//	lambda.Start(lambdakit.Wrap(receive, tracer.Middleware, logs.Middleware))
//
//	func book(ctx context.Context, m *batch.Message[Order]) (*http.Request, error) {
//		return http.NewRequestWithContext(ctx, "PUT", legacy+"/bookings/"+m.Body.ID, encode(m.Body))
//	}
//
//	func booked(ctx context.Context, m *batch.Message[Order], r *http.Response) (events.Publishable, error) {
//		b, err := decode(r.Body)
//		return OrderBooked.New(m.Body.ID, b), err
//	}
//
// backoff is a Backoff of package visibility in the module aws. It passes the time of
// [batch.RetryAfter] on to the queue. Without it, each failed message comes again after the visibility
// timeout of the queue.
//
// # Events
//
// The messages of a queue that a rule of EventBridge fills are events. The key is then the id of the event,
// which is the same if the event is published twice, and the answer continues its chain:
//
//	o := &adapter.Options[events.Event[Confirmed]]{
//		Key:   func(m *batch.Message[events.Event[Confirmed]]) string { return m.Body.ID },
//		Reply: shipped, // returns OrderShipped.New(...).CausedBy(m.Body.Metadata)
//	}
//	receive := batch.SQS(adapter.New(ship, o).Handle, &batch.Options{
//		Unwrap:        []batch.Envelope{batch.EventBridge},
//		Decoder:       OrderConfirmed.Decoder,
//		CorrelationID: events.CorrelationID,
//	})
//
// # Outcomes
//
//   - 2xx: Reply gets the response, and Bus publishes its event. Then the message is done. If publishing
//     fails, the message fails, and its call is repeated.
//   - 408, 425, 429, 5xx, network errors and timeouts: the message comes again, after the Retry-After
//     header of the response or after a growing delay. The error is a [StatusError] or a [CallError].
//   - All other statuses: the message fails permanently with a [StatusError]. Options.DeadLetters of
//     package batch takes such messages over.
//   - The limits or the breaker allow no call: the message comes again with [ErrBusy] or [ErrOpen].
//
// An error of your Request or Reply is the error of the message, unchanged. It can be a
// [batch.Permanent] or a [batch.RetryAfter].
//
// A queue counts every delivery, including those without a call. Its maxReceiveCount should be high
// enough for an outage that you want to survive: with the defaults, ten deliveries take 25 to 50 minutes.
//
// # Speed
//
// Rate and InFlight hold for an execution environment. Multiply them by the MaximumConcurrency of the
// event source mapping to get the load on the other system: with Rate 4, InFlight 2 and a
// MaximumConcurrency of 5, it gets at most 20 calls in a second and 10 at the same time. Each new
// execution environment can begin with Burst calls.
//
// A message waits for its turn, but not until its deadline: see Options.Reserve. Choose a batch size
// that Rate can handle within the timeout of the function, so that messages do not fail with ErrBusy.
//
// # Idempotency
//
// A call can be repeated although the other system has handled it: its response was lost, the reply
// was not published, or the queue delivered the message twice. So each request has the header
// Idempotency-Key, with the id of the message, which is the same at each attempt. If the sender may
// send a message twice, let Options.Key return an id from its body.
//
// If the system does not know the header, wrap Handle with [idempotency.Run] to repeat as few calls as
// possible.
//
// net/http sends a request with this header again if the server has closed an idle connection. That
// happens after a pause, and such a call does not count for Rate.
//
// # Breaker
//
// After BreakAfter failures in a row, the breaker opens: for the time OpenFor, messages fail without a
// call. Then one call decides whether the breaker closes or stays open for another OpenFor. Failures
// are the outcomes after which a message comes again. A permanent failure shows that the system works.
// If the batch ends during a call, the call does not count.
//
// A line at level WARN in slog.Default tells when the breaker opens or closes.
//
// # Errors
//
// The texts of errors have the method and the path of a URL. They have no host, user, query, header or
// body, because they may contain secrets.
//
// [New] panics if it is misused, because it runs when the function starts.
//
// The package adds 0.1 MB to a function with package batch and net/http.
//
// [idempotency.Run]: https://pkg.go.dev/github.com/lambdakit/lambdakit/idempotency#Run
package adapter
