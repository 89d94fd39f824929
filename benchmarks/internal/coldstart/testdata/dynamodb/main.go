// Command dynamodb is a function that calls the client of DynamoDB directly.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

var client *dynamodb.Client

func handle(ctx context.Context, o order) (receipt, error) {
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: o.ID}}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("idempotency"), Item: key}); err != nil {
		return receipt{}, err
	}
	_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("idempotency"), Key: key})
	return receipt{ID: o.ID, Accepted: true}, err
}

func main() {
	client = dynamodb.New(dynamodb.Options{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
	})
	lambda.Start(handle)
}
