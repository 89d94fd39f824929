// Package logginggolden contains only tests. They repeat recorded programs of Powertools for AWS Lambda
// with package logging, and compare the lines.
package logginggolden
