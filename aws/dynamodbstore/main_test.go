package dynamodbstore_test

import (
	"context"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/killtest"
)

// What tells processes that compete for keys of the server and its table.
const (
	endpointVariable = "DYNAMODB_ENDPOINT"
	tableVariable    = "LAMBDAKIT_TABLE"
)

func TestMain(m *testing.M) {
	killtest.Main(m, func() idempotency.Store {
		return dynamodbstore.New(clientOf(os.Getenv(endpointVariable)), os.Getenv(tableVariable), nil)
	})
}

// clientOf returns a client of a server that takes any credentials.
func clientOf(endpoint string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		}),
	})
}
