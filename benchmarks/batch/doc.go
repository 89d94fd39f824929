// Package batch measures a batch of ten SQS messages beside aws-lambda-go's types with a loop.
package batch
