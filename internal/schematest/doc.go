// Package schematest checks the documents that lambdakit writes against their JSON Schema:
//
//   - metrics: the schema that the specification of the Embedded Metric Format publishes
//   - segments: a schema after AWS X-Ray, Segment documents, and stricter
//
// It runs the tests of metrics and tracing, collects every document that they check, and
// validates it. It is a separate module, so that the validator stays out of the requirements
// of lambdakit.
package schematest
