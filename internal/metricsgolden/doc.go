// Package metricsgolden contains only tests. They repeat recorded programs of Powertools for AWS Lambda
// with package metrics, and compare the documents.
package metricsgolden
