// Package idempotency runs a handler, or any function, once per key, and gives every duplicate call
// the stored answer. Use it for work that must not be done twice, such as a payment, because
// callers, queues and Lambda itself retry.
//
//	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
//		Key: idempotency.Path("powertools_json(body).orderId"),
//	})
//	...
//	lambda.Start(lambdakit.Wrap(handle, logs.Middleware, once.Middleware))
//
// Use Call for one step inside a handler:
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
//   - If both are unset, the value is the whole event. Do not use this behind an API gateway,
//     because each request has a different id and time.
//
// The key of a record is a prefix, by default the name of the function, and the SHA-256 of the
// value in the canonical JSON of RFC 8785. A list in which some values are missing is a key. If an
// event has no key, the error is an [ErrNoKey], unless [Options.RunWithoutKey] is set: then the
// function runs without idempotency. If the key is inside the body, and the body is missing or not
// JSON, the error is an [ErrEvent].
//
// Names of members are case-sensitive in keys, but not in encoding/json. So a client could change
// the case of a name and have the same order accepted twice. To prevent this, decode the event in a
// KeyFunc, or use Call with a decoded value.
//
// [PythonKey] and [TypeScriptKey] compute the keys of Powertools for AWS Lambda. A function can
// move to Go while its records stay valid. docs/keys.md lists the expressions that they accept.
//
// # One execution
//
// The first call writes a record with the status INPROGRESS and a lease that lasts as long as the
// invocation. Then the function runs. The outcome decides what happens to the record:
//
//   - The function succeeds: the record is completed with the result, until
//     [Options.ExpiresAfter] has passed.
//   - The function returns an error that [Options.Final] lists: the record is completed with the
//     error.
//   - The function returns another error or panics: the record is deleted, so a retry runs the
//     function.
//   - Lambda kills the process: the next call after the end of the lease takes the record over.
//
// Every write is conditional on the owner token of the execution. If another execution has taken
// the record over, the write changes nothing and the error is an [ErrLeaseLost].
//
// A response with a nil error is stored, even if its status code is 500: the handler does not run
// again. Return an error instead, or use Call only for the part whose result must be stored, as
// examples/orders does. For a batch, use Call or Run for each message, as examples/payments does.
//
// # Duplicates
//
//   - The first call has completed: the duplicate gets the stored answer.
//   - The first call still runs: the duplicate gets an [ErrInProgress], or waits for the answer
//     for up to [Options.Wait].
//   - [Options.Validate] is set and picks a different value: the duplicate gets an
//     [ErrPayloadMismatch].
//
// Exactly-once is impossible. If a process dies after the work and before the record is completed,
// the next call after the lease does the work again.
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
// A failed request to the store is sent again: a Begin for a short time, a Complete or a Delete
// until the end of the lease or of the invocation. [Options.StoreTimeout] and
// [Options.CleanupTimeout] bound these times. If the last attempt of a Begin fails, the function
// does not run, and the record is deleted.
//
// If the store never confirms a Complete, the work is done and the state of the record is unknown.
// Call returns the result together with an [ErrNotRecorded], and OnError gets the same error. A
// consumer of a queue should treat this error as success. Otherwise the queue delivers the message
// again, and a call after the lease does the work again. The Middleware answers with the response,
// and marks the invocation as failed with Invocation.Fail, so that logs and traces show it.
//
// # Clocks
//
// Each process compares leases with its own clock. A lease lasts longer than the invocation by
// [Options.LeaseMargin], 1 s by default. Lambda's clocks differ by milliseconds. If clocks differ
// by more than the margin, two executions may overlap. Even then only the later one can complete
// the record.
//
// # Stores
//
// Packages aws/dynamodbstore and idempotency/valkey have stores. The stores and Powertools for AWS
// Lambda read each other's records. Records of an [Options.Codec] are an exception. Final errors,
// lost results, and results that are empty or not JSON are another one: other libraries return them
// as an object with the member "$lambdakit". [NewMemoryStore] is for tests and a developer's machine.
// Your own store implements [Store]; test it with package storetest.
//
// # Environment
//
//   - AWS_LAMBDA_FUNCTION_NAME: the default prefix of keys.
//   - AWS_LAMBDA_RUNTIME_API: if it is set, the process runs in Lambda, and New needs a store.
//     LAMBDAKIT_LOCAL, which lambdakit run sets, and AWS_SAM_LOCAL switch this off.
//   - POWERTOOLS_IDEMPOTENCY_DISABLED: if true, every call runs and OnError gets a warning. It is
//     meant for a developer's machine.
//
// # Cost
//
// A first call costs two requests to the store. A duplicate costs one, or none if the local cache
// has the answer. Waiting ([Options.Wait]) costs one request each time it reads the record.
// Computing a key takes a few microseconds for a whole event of 1 KB, and about two for a path.
package idempotency
