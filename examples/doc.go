// Package examples contains complete functions. Each is in a directory with the event that
// lambdakit run sends to it, and the template.yaml that deploys it with AWS SAM:
//
//   - orders: an HTTP API that takes each order once. It uses logging, metrics, tracing, params
//     and idempotency. Its directories cdk and terraform have the same deployment for those tools.
//   - payments: a consumer of an SQS queue, which delivers messages more than once. It makes
//     each payment once.
//   - shipments: a consumer of the stream of a DynamoDB table. It keeps the changes of an order in
//     their order.
//   - catalog: a router and middleware of net/http behind a function URL.
//   - fulfilment: an API and two consumers that exchange business events.
//   - secretrotation: a client of a database whose password is rotated.
//   - quickstart: the first function of the guides.
//
// The directories guide and migrate have the code that the guides in docs/ show.
package examples
