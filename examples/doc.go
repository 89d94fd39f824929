// Package examples holds whole functions, each in a directory with an event that
// lambdakit run sends it:
//
//   - orders: an HTTP API that takes each order once, with everything the toolkit has.
//   - payments: payments asked for by an SQS queue, which delivers more than once.
//   - secretrotation: a database whose password changes now and then.
package examples
