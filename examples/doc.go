// Package examples contains complete functions. Each is in a directory with the event that
// lambdakit run sends to it:
//
//   - quickstart: the first function of the guides, with logs, metrics, traces and a test.
//   - orders: an HTTP API that takes each order once. It uses logging, metrics, tracing, params
//     and idempotency.
//   - catalog: an HTTP API with a router and middleware that know nothing of Lambda.
//   - payments: a consumer of an SQS queue, which delivers messages more than once. It makes
//     each payment once.
//   - shipments: a consumer of the stream of a DynamoDB table.
//   - fulfilment: a story of business events, with an API, two queues and an older system.
//   - secretrotation: a client of a database whose password is rotated.
//
// The directories guide and migrate have the code that the guides in docs/ show.
package examples
