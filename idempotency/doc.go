// Package idempotency makes a handler, or any function, run once per key, however often it
// is called, and gives every duplicate the stored answer.
//
//	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
//		Key: idempotency.Path("powertools_json(body).orderId"),
//	})
//	...
//	lambda.Start(lambdakit.Wrap(handle, logs.Middleware, once.Middleware))
//
// Inside a handler, for a step of its own:
//
//	charge := once.Scope("charge")
//	receipt, err := idempotency.Call(ctx, charge, order.ID, func(ctx context.Context) (Receipt, error) {
//		return provider.Charge(ctx, order)
//	})
//
// # Keys
//
// [Options.Key] picks from the event what identifies it; [Options.KeyFunc] computes it;
// without either it is the whole event, which suits direct invocations, but not an API
// gateway's, whose every request has an id and a time of its own. A record's key is a prefix, by
// default the function's name, and the SHA-256 of what was picked, in the canonical JSON of RFC
// 8785. An event that has none is an [ErrNoKey], or runs without idempotency where
// [Options.RunWithoutKey] says so; one whose body is missing or no JSON, where the key is inside
// it, is an [ErrEvent]. A list with some of its values missing is a key.
//
// Names of members are told apart by case, as headers of REST APIs come in the client's; where
// encoding/json decodes the same member under any case, a client could vary it to be taken
// twice. A KeyFunc that decodes, or Call with what was decoded, leaves no such gap.
//
// [PythonKey] and [TypeScriptKey] compute the keys of Powertools for AWS Lambda, so that a
// function can move to Go while its records stay valid. The document docs/keys.md of this
// project says which expressions they take.
//
// # One run
//
// The first call writes a record that is in progress, with a lease that ends with the
// invocation, and runs. Its answer completes the record until [Options.ExpiresAfter] has
// passed. Where the run fails or panics, the record is deleted, so that a retry runs; errors
// named in [Options.Final] are answers and stay. Where Lambda kills it, the next call takes
// over when the lease has run out. Everything a run writes is conditional on its owner token:
// one that comes too late changes nothing and gets an [ErrLeaseLost].
//
// A response with a nil error is an answer, whatever status code it has: a handler that
// answers 500 that way is not run again. Decide with Call what is to be remembered, as
// examples/orders does, or return an error. A batch of messages is several pieces of work:
// use Call or Run for each, as examples/payments does.
//
// A duplicate gets the stored answer. While the first call still runs, it gets an
// [ErrInProgress], or waits for the answer as long as [Options.Wait] says. One whose payload
// differs, where [Options.Validate] looks at it, gets an [ErrPayloadMismatch].
//
// Behind an API, ErrInProgress should become a 409, ErrPayloadMismatch a 422, ErrNoKey and
// ErrEvent a 400: by the function itself, where it calls Call, as examples/orders shows; by a
// middleware around that of this package else, since an API answers the error of an invocation
// with a 5xx.
//
// What cannot be had is exactly-once: a process that dies between its effect and the record of
// it leaves a lease that runs out, and then the work is done again.
//
// # Failures of the store
//
// A request to the store that fails is sent again: a Begin for a short time, the Complete or
// Delete at the end of a run until the lease, or the invocation, is over (Options.StoreTimeout
// and CleanupTimeout). If a Begin fails for good, its record is deleted, because nobody runs.
//
// If the store never confirms a Complete, the record is unknown and the work is done. Call returns
// the result together with an [ErrNotRecorded], and OnError gets the same error. A consumer of a
// queue should take that error for success: the queue would deliver a message that failed again,
// and a call after the lease does the work again. The Middleware does so. It answers with the
// response, and marks the invocation as failed with Invocation.Fail, so that logs and traces
// show it.
//
// # Clocks
//
// Leases are compared with the clocks of those who compete for them. A lease is written
// longer by [Options.LeaseMargin] than the invocation can last, so that no live run is taken
// over as long as no two clocks differ by more than that; it is one second, and Lambda's
// clocks differ by milliseconds. Beyond it two runs may overlap; the record still is that of
// the later one alone.
//
// # Stores
//
// The modules aws/dynamodbstore and idempotency/valkey have stores, whose records and those
// of Powertools for AWS Lambda are understood on both sides, except for final errors, empty
// responses and results that were lost: those are objects with the one member "$lambdakit",
// which the other libraries would take for a result. [NewMemory] is for tests and a developer's
// machine. A store of one's own implements [Store] and passes package storetest.
//
// # Environment
//
//   - AWS_LAMBDA_FUNCTION_NAME: the default prefix of keys.
//   - AWS_LAMBDA_RUNTIME_API without LAMBDAKIT_LOCAL, which lambdakit run sets, and
//     AWS_SAM_LOCAL: the process is in Lambda, and needs a store.
//   - POWERTOOLS_IDEMPOTENCY_DISABLED: every call runs, for a developer's machine; a warning
//     says so.
//
// # Cost
//
// A first run costs two requests to the store, a replay one, one from the local cache none;
// waiting costs one for each look ([Options.Wait]).
// The key of an event of 1 KB costs some microseconds, that of a path one.
package idempotency
