// Package examples holds whole functions, each in a directory with an event that
// lambdakit run sends it:
//
//   - orders: an HTTP API that takes orders, with structured logs and metrics.
package examples
