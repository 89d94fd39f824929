package dynamodbparams_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/dynamodbparams"
	"github.com/lambdakit/lambdakit/params"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// table stands in for one.
type table struct {
	items map[string]item
	put   item
	calls []string
}

func (s *table) GetItem(_ context.Context, in *sdk.GetItemInput, _ ...func(*sdk.Options)) (*sdk.GetItemOutput, error) {
	s.calls = append(s.calls, fmt.Sprint(*in.TableName, *in.ProjectionExpression, in.ExpressionAttributeNames, aws.ToBool(in.ConsistentRead)))
	for name, key := range in.Key {
		return &sdk.GetItemOutput{Item: s.items[name+"="+key.(*types.AttributeValueMemberS).Value]}, nil
	}
	return nil, errors.New("no key")
}

func (s *table) Query(_ context.Context, in *sdk.QueryInput, _ ...func(*sdk.Options)) (*sdk.QueryOutput, error) {
	if in.ExclusiveStartKey == nil {
		return &sdk.QueryOutput{Items: []item{{"sk": text("a"), "value": text("1")}}, LastEvaluatedKey: item{"sk": text("a")}}, nil
	}
	return &sdk.QueryOutput{Items: []item{{"sk": text("b"), "value": &types.AttributeValueMemberN{Value: "2"}}}}, nil
}

func (s *table) PutItem(_ context.Context, in *sdk.PutItemInput, _ ...func(*sdk.Options)) (*sdk.PutItemOutput, error) {
	s.put = in.Item
	return &sdk.PutItemOutput{}, nil
}

func TestItems(t *testing.T) {
	t.Parallel()
	s := &table{items: map[string]item{
		"id=a": {"value": text("x")}, "id=n": {"value": &types.AttributeValueMemberN{Value: "1.5"}},
		"id=b": {"value": &types.AttributeValueMemberBOOL{Value: true}}, "id=l": {"value": &types.AttributeValueMemberL{}}, "id=none": {},
	}}
	cache, err := params.New(dynamodbparams.New(s, "config", &dynamodbparams.Options{Consistent: true}), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "x", "n": "1.5", "b": "true"} {
		if v, err := cache.String(t.Context(), name); v != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, v, err, want)
		}
	}
	if s.calls[0] != "config#valuemap[#value:value] true" {
		t.Errorf("got call %q, want a consistent read of value", s.calls[0])
	}
	for _, name := range []string{"l", "none"} {
		if _, err := cache.String(t.Context(), name); err == nil || errors.Is(err, params.ErrNotFound) {
			t.Errorf("%s: got %v, want an error other than ErrNotFound", name, err)
		}
	}
	if _, err := cache.String(t.Context(), "missing"); !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if all, err := cache.Path(t.Context(), "p"); err != nil || fmt.Sprint(all) != "map[a:1 b:2]" {
		t.Errorf("got %v, %v, want map[a:1 b:2]", all, err)
	}
	if err := cache.Put(t.Context(), "a", "y"); err != nil || fmt.Sprint(s.put["id"], s.put["value"]) != fmt.Sprint(text("a"), text("y")) && len(s.put) != 2 {
		t.Errorf("got %v, item %v, want id a and value y", err, s.put)
	}
	if v, err := cache.String(t.Context(), "a"); v != "y" || err != nil {
		t.Errorf("got %q, %v, want y", v, err)
	}
}
