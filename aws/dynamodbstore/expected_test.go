package dynamodbstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/expected"
)

// conditions is a client whose requests all fail their condition. It notes which of them expect
// that.
type conditions struct {
	dynamodbstore.API
	expected map[string]bool
}

func (c *conditions) note(ctx context.Context, operation string) error {
	c.expected[operation] = expected.Is(ctx, "ConditionalCheckFailedException")
	return &types.ConditionalCheckFailedException{Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "k"}, "status": &types.AttributeValueMemberS{Value: "COMPLETED"},
	}}
}

func (c *conditions) PutItem(ctx context.Context, _ *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, c.note(ctx, "PutItem")
}

func (c *conditions) UpdateItem(ctx context.Context, _ *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, c.note(ctx, "UpdateItem")
}

func (c *conditions) DeleteItem(ctx context.Context, _ *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return nil, c.note(ctx, "DeleteItem")
}

// A duplicate is no error on a trace map, a lost lease is one.
func TestBegin_ExpectsAFailedCondition(t *testing.T) {
	t.Parallel()
	client := &conditions{expected: make(map[string]bool)}
	store := dynamodbstore.New(client, "t", nil)
	r := &idempotency.Record{Key: "k", Status: idempotency.InProgress, Owner: "o", Expiration: time.Now().Add(time.Hour)}
	if existing, err := store.Begin(t.Context(), r, time.Now()); err != nil || existing.Status != idempotency.Completed {
		t.Errorf("got %+v, %v, want the record", existing, err)
	}
	store.Complete(t.Context(), r)
	store.Delete(t.Context(), r)
	for operation, want := range map[string]bool{"PutItem": true, "UpdateItem": false, "DeleteItem": false} {
		if got, asked := client.expected[operation]; got != want || !asked {
			t.Errorf("%s: got a failed condition expected: %v, want %v", operation, got, want)
		}
	}
}
