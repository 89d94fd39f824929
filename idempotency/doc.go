// Package idempotency runs a handler, or any function, once per key, and gives every duplicate
// call the stored answer. Use it for work that must not be done twice, such as a payment: callers,
// queues and Lambda itself retry.
//
//	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
//		Key: idempotency.Path("powertools_json(body).orderId"),
//	})
//	...
//	lambda.Start(lambdakit.Wrap(handle, logs.Middleware, once.Middleware))
//
// For one step inside a handler:
//
//	charge := once.Scope("charge")
//	receipt, err := idempotency.Call(ctx, charge, order.ID, func(ctx context.Context) (Receipt, error) {
//		return provider.Charge(ctx, order)
//	})
//
// [Call] returns a value and an error, [Run] only an error. New fails if an option is invalid, if
// the keys have no prefix, or if the store is nil in Lambda.
//
// # Keys
//
// There are three ways to identify an event:
//
//   - [Options.Key], an expression, picks a value from the event.
//   - [Options.KeyFunc], a function, computes a value.
//   - Without both, the value is the whole event. That suits direct invocations, but not an API
//     gateway, whose requests all have their own id and time.
//
// The key of a record is a prefix, by default the name of the function, and the SHA-256 of the
// value in the canonical JSON of RFC 8785. A list with some values missing is a key. An event
// without a key is an [ErrNoKey], or runs without idempotency if [Options.RunWithoutKey] is set.
// An event whose body is missing, or is not JSON, is an [ErrEvent] if the key is inside the body.
//
// Names of members are case-sensitive, because headers of REST APIs come in the client's case.
// encoding/json is not: a client could change the case of a name, and the same order would be
// accepted twice. A KeyFunc that decodes the event, or Call with a decoded value, closes this gap.
//
// [PythonKey] and [TypeScriptKey] compute the keys of Powertools for AWS Lambda. A function can
// move to Go while its records stay valid. docs/keys.md lists the expressions that they accept.
//
// # One execution
//
// The first call writes a record with the status INPROGRESS and a lease that lasts as long as the
// invocation. Then the function runs. The record then depends on the outcome:
//
//   - The function succeeds: the record is completed with the result, until
//     [Options.ExpiresAfter] has passed.
//   - The function returns an error of [Options.Final]: the record is completed with the error.
//   - The function returns another error or panics: the record is deleted, and a retry runs.
//   - Lambda kills the process: the next call after the end of the lease takes the record over.
//
// Every write is conditional on the owner token of the execution. An execution that comes too late
// changes nothing and gets an [ErrLeaseLost].
//
// A response with a nil error is an answer, whatever its status code: a handler that answers 500
// in this way does not run again. Return an error instead, or use Call for the part whose result
// is to be remembered, as examples/orders does. A batch has several pieces of work: use Call or
// Run for each message, as examples/payments does.
//
// # Duplicates
//
//   - The first call has completed: the duplicate gets the stored answer.
//   - The first call still runs: the duplicate gets an [ErrInProgress], or waits for the answer
//     for up to [Options.Wait].
//   - [Options.Validate] is set and picks a different value: the duplicate gets an
//     [ErrPayloadMismatch].
//
// Exactly-once is impossible. If a process dies after its effect and before the record is
// completed, the next call after the lease does the work again.
//
// # Errors behind an API
//
// An API answers a failed invocation with a 5xx status. These statuses are better:
//
//   - ErrInProgress: 409
//   - ErrPayloadMismatch: 422
//   - ErrNoKey, ErrEvent: 400
//
// A function that uses Call sets the status itself, as examples/orders does. A function that uses
// the Middleware needs another middleware around it that sets the status.
//
// # Failures of the store
//
// A failed request to the store is sent again. A Begin is retried for a short time. A Complete or
// a Delete is retried until the end of the lease or of the invocation. [Options.StoreTimeout] and
// [Options.CleanupTimeout] bound these times. If a Begin fails in the end, its record is deleted,
// because the function does not run.
//
// If the store never confirms a Complete, the work is done and the state of the record is unknown.
// Call returns the result together with an [ErrNotRecorded], and OnError gets the same error. A
// consumer of a queue should treat this error as success: the queue would deliver the message
// again, and a call after the lease does the work again. The Middleware does so: it answers with
// the response, and marks the invocation as failed with Invocation.Fail, so that logs and traces
// show it.
//
// # Clocks
//
// Each process compares leases with its own clock. A lease lasts longer than the invocation by
// [Options.LeaseMargin], 1 s by default. If no two clocks differ by more than that, no live
// execution is taken over. Lambda's clocks differ by milliseconds. Beyond the margin two
// executions may overlap. Even then only the later one can complete the record.
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
//   - AWS_LAMBDA_RUNTIME_API: if it is set, and neither LAMBDAKIT_LOCAL, which lambdakit run sets,
//     nor AWS_SAM_LOCAL is, the process runs in Lambda, and New needs a store.
//   - POWERTOOLS_IDEMPOTENCY_DISABLED: if true, every call runs and OnError gets a warning. It is
//     meant for a developer's machine.
//
// # Cost
//
// A first call costs two requests to the store, a duplicate one, and a duplicate that the local
// cache answers none. Waiting costs one request for each time that the record is read
// ([Options.Wait]). Computing a key costs a few microseconds for a whole event of 1 KB, and about
// one for a path.
package idempotency
