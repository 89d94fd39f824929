// Package sqsbatch sends messages to an SQS queue.
package sqsbatch

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/request"
)

// Limits of a request. (SQS, SendMessageBatch)
const (
	MaxEntries = 10
	MaxBytes   = 1 << 20 // of a message, and of all together
)

// API is the part of an *sqs.Client that sends messages.
type API interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Lazy returns a function that returns client. If client is nil, the first call makes one.
func Lazy(client API) func() API {
	return awsenv.Lazy(client, func(cfg aws.Config) API { return sqs.NewFromConfig(cfg) })
}

// Send makes one request with messages, and sets their ids. It returns an error for each of them: see
// message.Answer. If the request fails, it returns a safe error: see request.Error.
func Send(ctx context.Context, client API, url string, messages []types.SendMessageBatchRequestEntry) ([]error, error) {
	for i := range messages {
		messages[i].Id = message.ID(i)
	}
	out, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: messages})
	if err != nil {
		return nil, request.Error(err)
	}
	answer := message.NewAnswer(len(messages))
	for _, s := range out.Successful {
		answer.Accepted(s.Id)
	}
	for _, f := range out.Failed {
		answer.Refused(f.Id, f.Code, f.SenderFault)
	}
	return answer.Errors(), nil
}

// TraceHeader returns the system attributes with a trace header; nil if it is empty.
func TraceHeader(header string) map[string]types.MessageSystemAttributeValue {
	if header == "" {
		return nil
	}
	return map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: aws.String("String"), StringValue: &header}}
}
