// Package examples contains complete functions. Each is in a directory with the event that
// lambdakit run sends to it:
//
//   - orders: an HTTP API that takes each order once. It uses logging, metrics, tracing, params
//     and idempotency.
//   - payments: a consumer of an SQS queue, which delivers messages more than once. It makes
//     each payment once.
//   - secretrotation: a client of a database whose password is rotated.
package examples
