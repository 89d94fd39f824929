// Package dynamodbparams reads parameters from the items of a DynamoDB table.
//
//	cache, err := params.New(dynamodbparams.New(nil, "shop-config", nil), nil)
//	url, err := cache.String(ctx, "db-url")
//	all, err := cache.Path(ctx, "db") // if the table has a sort key
//
// Parameters and paths are keys of the table:
//
//   - The name of a parameter is the key of an item.
//   - A path is the partition key of several items. Their relative names are their sort keys.
//   - Put replaces an item.
//
// [New] cannot fail and makes no request. If the table, the credentials or the region are wrong,
// each fetch fails.
//
// The role of the function needs dynamodb:GetItem, dynamodb:Query for paths, and dynamodb:PutItem
// for Put.
package dynamodbparams

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/aws/internal/pages"
	"github.com/lambdakit/lambdakit/params"
)

// API is the part of a *dynamodb.Client that a Source uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	KeyAttr     string // the attribute of the partition key; default "id"
	SortKeyAttr string // the attribute of the sort key, for paths; default "sk"
	ValueAttr   string // the attribute of the value; default "value"

	// Consistent makes reads strongly consistent. Default: eventually consistent.
	Consistent bool
}

// Source is a params.PagedSource and a params.PutSource. Make one with [New].
type Source struct {
	table  string
	o      Options
	client func() API
}

var (
	_ params.PagedSource = (*Source)(nil)
	_ params.PutSource   = (*Source)(nil)
)

// New returns a Source of the items of a table.
//
// The Source uses client. If client is nil, the first fetch makes one from environment
// variables: the region and the credentials that Lambda sets, and the endpoints that the SDK
// documents, such as AWS_ENDPOINT_URL_DYNAMODB. It ignores profiles and configuration files.
func New(client API, table string, o *Options) *Source {
	s := &Source{table: table}
	if o != nil {
		s.o = *o
	}
	s.o.KeyAttr = cmp.Or(s.o.KeyAttr, "id")
	s.o.SortKeyAttr = cmp.Or(s.o.SortKeyAttr, "sk")
	s.o.ValueAttr = cmp.Or(s.o.ValueAttr, "value")
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return dynamodb.NewFromConfig(cfg) })
	return s
}

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, name string) (params.Value, error) {
	out, err := s.client().GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: map[string]types.AttributeValue{s.o.KeyAttr: &types.AttributeValueMemberS{Value: name}},
		ProjectionExpression: ptr("#value"), ExpressionAttributeNames: map[string]string{"#value": s.o.ValueAttr},
		ConsistentRead: s.consistent(),
	})
	if err != nil {
		return params.Value{}, tableError(err)
	}
	if out.Item == nil {
		return params.Value{}, params.ErrNotFound
	}
	return s.value(out.Item)
}

// FetchPath implements params.PathSource.
func (s *Source) FetchPath(ctx context.Context, path string) (map[string]params.Value, error) {
	return pages.All(ctx, s.Pages(path))
}

// Pages implements params.PagedSource.
func (s *Source) Pages(path string) func(context.Context) (map[string]params.Value, bool, error) {
	in := &dynamodb.QueryInput{
		TableName: &s.table, KeyConditionExpression: ptr("#key = :key"),
		ProjectionExpression:      ptr("#sort, #value"),
		ExpressionAttributeNames:  map[string]string{"#key": s.o.KeyAttr, "#sort": s.o.SortKeyAttr, "#value": s.o.ValueAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": &types.AttributeValueMemberS{Value: path}},
		ConsistentRead:            s.consistent(),
	}
	return func(ctx context.Context) (map[string]params.Value, bool, error) {
		out, err := s.client().Query(ctx, in)
		if err != nil {
			return nil, false, tableError(err)
		}
		page := make(map[string]params.Value, len(out.Items))
		for _, item := range out.Items {
			name, ok := scalar(item[s.o.SortKeyAttr])
			if !ok {
				return nil, false, errors.New("an item has no sort key of type string, number or binary")
			}
			if page[name], err = s.value(item); err != nil {
				return nil, false, err
			}
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
		return page, len(out.LastEvaluatedKey) > 0, nil
	}
}

// Put implements params.PutSource. It replaces the item.
func (s *Source) Put(ctx context.Context, name, value string) (params.Value, error) {
	_, err := s.client().PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: map[string]types.AttributeValue{
		s.o.KeyAttr: &types.AttributeValueMemberS{Value: name}, s.o.ValueAttr: &types.AttributeValueMemberS{Value: value},
	}})
	if err != nil {
		return params.Value{}, tableError(err)
	}
	return params.Value{Text: value}, nil
}

func (s *Source) value(item map[string]types.AttributeValue) (params.Value, error) {
	v, ok := scalar(item[s.o.ValueAttr])
	if !ok {
		return params.Value{}, errors.New("the item has no value of type string, number, binary or boolean")
	}
	return params.Value{Text: v}, nil
}

func (s *Source) consistent() *bool {
	if !s.o.Consistent {
		return nil
	}
	return &s.o.Consistent
}

// scalar returns the text of a string, number, binary or boolean.
func scalar(v types.AttributeValue) (string, bool) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value, true
	case *types.AttributeValueMemberN:
		return v.Value, true
	case *types.AttributeValueMemberB:
		return string(v.Value), true
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// tableError is kind.Of, except that a missing table is not a missing parameter.
func tableError(err error) error {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return err
	}
	return kind.Of(err)
}

func ptr(s string) *string { return &s }
