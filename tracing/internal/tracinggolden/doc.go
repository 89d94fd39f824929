// Package tracinggolden contains only tests. They repeat recorded programs of Powertools for AWS Lambda
// with package tracing, and compare the segment documents.
package tracinggolden
