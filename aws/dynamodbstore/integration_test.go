//go:build integration

package dynamodbstore_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
	"github.com/lambdakit/lambdakit/internal/faulttest"
	"github.com/lambdakit/lambdakit/internal/killtest"
)

// newTable makes a table on the server at DYNAMODB_ENDPOINT.
func newTable(t *testing.T, keys ...string) (*sdk.Client, string) {
	endpoint := os.Getenv(endpointVariable)
	if endpoint == "" {
		t.Fatalf("%s is not set: these tests need a server", endpointVariable)
	}
	client, table := clientOf(endpoint), "lambdakit-"+rand.Text()
	in := &sdk.CreateTableInput{TableName: &table, BillingMode: types.BillingModePayPerRequest}
	for i, key := range keys {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS})
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &key, KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
	}
	if _, err := client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if err := sdk.NewTableExistsWaiter(client).Wait(t.Context(), &sdk.DescribeTableInput{TableName: &table}, time.Minute); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: aws.String(table)}) })
	return client, table
}

func TestServerIsAStore(t *testing.T) {
	t.Run("one key", func(t *testing.T) {
		client, table := newTable(t, "id")
		storetest.Run(t, dynamodbstore.New(client, table, nil), nil)
	})
	t.Run("composite key", func(t *testing.T) {
		client, table := newTable(t, "id", "sk")
		storetest.Run(t, dynamodbstore.New(client, table, &dynamodbstore.Options{SortKeyAttr: "sk"}), nil)
	})
	t.Run("native data", func(t *testing.T) {
		client, table := newTable(t, "id")
		storetest.Run(t, dynamodbstore.New(client, table, &dynamodbstore.Options{NativeData: true}), &storetest.Options{Values: true})
	})
}

func TestKilledProcessesOnServer(t *testing.T) {
	_, table := newTable(t, "id")
	t.Setenv(tableVariable, table)
	rounds := killtest.Rounds(100)
	killtest.Run(t, killtest.Options{Workers: 16, Rounds: rounds, Duplicates: 200, Kills: rounds / 10})
}

func TestFaultsOnServer(t *testing.T) {
	_, table := newTable(t, "id")
	endpoint := os.Getenv(endpointVariable)
	keys := faulttest.Keys(100)
	rates := []float64{0.2}
	if keys > 100 {
		rates = append(rates, 0.5) // figures for the report
	}
	for _, fault := range faulttest.Faults() {
		for _, rate := range rates {
			proxy := faulttest.NewProxy(t, strings.TrimPrefix(endpoint, "http://"), faulttest.DynamoDB)
			r := faulttest.Run(t, faulttest.Options{
				Proxy: proxy, Store: dynamodbstore.New(clientOf("http://"+proxy.Addr), table, nil), Direct: dynamodbstore.New(clientOf(endpoint), table, nil),
				Fault: fault, Rate: rate, Keys: keys, Calls: 32, Timeout: 10 * time.Second,
			})
			what := fmt.Sprintf("%.0f %% %s", 100*rate, fault)
			if rate > 0.2 { // more than any store should do, and too much for a lease of ten seconds if requests hang
				t.Logf("%s: %v", what, r)
				continue
			}
			faulttest.Check(t, what, r)
		}
	}
}
