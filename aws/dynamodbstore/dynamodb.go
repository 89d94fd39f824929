// Package dynamodbstore keeps the records of package idempotency in a DynamoDB table.
//
//	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{...})
//
// New returns no error. It panics if the table has no name, or if two attributes have the same
// name.
//
// # The table
//
// The table has the form of Powertools for AWS Lambda: a partition key "id" of type String, and
// time to live on the attribute "expiration", so that DynamoDB removes old records. So a function
// can move to Go and keep its table. Both libraries read each other's records if
// [Options.NativeData] is set for TypeScript and not set for Python. Attributes:
//
//	id                      S  the key
//	status                  S  INPROGRESS or COMPLETED
//	expiration              N  seconds since 1970
//	in_progress_expiration  N  end of the lease, milliseconds since 1970
//	data                    S  the result as JSON; B if it is not JSON
//	validation              S  digest of the payload
//	owner                   S  token of the execution; only in records of this library
//
// The role of the function needs dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem and
// dynamodb:GetItem.
//
// # Failures
//
// Each method of the store sends a request once. Package idempotency sends it again until the lease
// ends; the SDK alone would give up after three attempts. Errors that another attempt cannot
// change, such as AccessDeniedException and ResourceNotFoundException, wrap idempotency.ErrRefused.
//
// # Cost
//
// A first call costs a PutItem and an UpdateItem. A duplicate costs one PutItem that fails its
// condition and returns the record with the error. If the server does not return the record, the
// store reads it with a consistent GetItem. An item has at most 400 KB, including the names of its
// attributes (DynamoDB service quotas). If a result is larger, the error is an
// idempotency.ErrTooLarge.
package dynamodbstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/expected"
)

// API is the part of a *dynamodb.Client that the store uses.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Options describes the table. A nil *Options, and every zero field, means the default.
type Options struct {
	KeyAttr              string // default: "id"
	ExpiryAttr           string // default: "expiration"
	InProgressExpiryAttr string // default: "in_progress_expiration"
	StatusAttr           string // default: "status"
	DataAttr             string // default: "data"
	ValidationAttr       string // default: "validation"
	OwnerAttr            string // default: "owner"

	// SortKeyAttr is the name of the sort key if the table has one. It contains the key of the
	// record then, and KeyAttr contains StaticPKValue. Default: no sort key.
	SortKeyAttr string

	// StaticPKValue is the partition key of all records if SortKeyAttr is set. Default:
	// "idempotency#" and AWS_LAMBDA_FUNCTION_NAME.
	StaticPKValue string

	// NativeData stores a result as a map, list, number and so on of DynamoDB, as Powertools for
	// AWS Lambda (TypeScript) does. A String is then read as text, not as JSON, and a response is
	// replayed as the same value, but with its members in another order. A result that is a
	// Binary as a whole is not JSON, with and without NativeData. Default: results are JSON in a
	// String, as in Powertools for AWS Lambda (Python), and are replayed byte for byte.
	NativeData bool
}

// Store is an idempotency.Store. Create one with [New].
type Store struct {
	table  string
	o      Options
	client func() API
}

var _ idempotency.Store = (*Store)(nil)

// New returns a Store that keeps records in table. If client is nil, the first request creates one
// with the region and the credentials in the environment of the function. New panics if table is
// empty, or if two attributes in o have the same name.
func New(client API, table string, o *Options) *Store {
	s := &Store{table: table}
	if o != nil {
		s.o = *o
	}
	s.o.KeyAttr = cmp.Or(s.o.KeyAttr, "id")
	s.o.ExpiryAttr = cmp.Or(s.o.ExpiryAttr, "expiration")
	s.o.InProgressExpiryAttr = cmp.Or(s.o.InProgressExpiryAttr, "in_progress_expiration")
	s.o.StatusAttr = cmp.Or(s.o.StatusAttr, "status")
	s.o.DataAttr = cmp.Or(s.o.DataAttr, "data")
	s.o.ValidationAttr = cmp.Or(s.o.ValidationAttr, "validation")
	s.o.OwnerAttr = cmp.Or(s.o.OwnerAttr, "owner")
	s.o.StaticPKValue = cmp.Or(s.o.StaticPKValue, "idempotency#"+execenv.FunctionName())
	s.check()
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return dynamodb.NewFromConfig(cfg) })
	return s
}

func (s *Store) check() {
	if s.table == "" {
		panic("dynamodbstore: the table has no name")
	}
	seen := make(map[string]bool)
	for _, name := range []string{s.o.KeyAttr, s.o.SortKeyAttr, s.o.ExpiryAttr, s.o.InProgressExpiryAttr, s.o.StatusAttr, s.o.DataAttr, s.o.ValidationAttr, s.o.OwnerAttr} {
		if seen[name] {
			panic(fmt.Sprintf("dynamodbstore: two attributes have the name %q", name))
		}
		seen[name] = name != ""
	}
}

// isFree is the condition of Begin: the key has no record, or a record that is not live
// (idempotency.Record.Live).
const isFree = "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#lease) AND #lease < :now_ms)"

// maxAttempts bounds the attempts of Begin if the record disappears before it is read.
const maxAttempts = 3

// Begin implements idempotency.Store.
func (s *Store) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	// A duplicate finds a live record, which is not an error on the trace map.
	put := expected.NewContext(ctx, "ConditionalCheckFailedException")
	for range maxAttempts {
		_, err := s.client().PutItem(put, &dynamodb.PutItemInput{
			TableName: &s.table, Item: s.item(r),
			ConditionExpression:      ptr(isFree),
			ExpressionAttributeNames: map[string]string{"#id": s.o.KeyAttr, "#expiry": s.o.ExpiryAttr, "#lease": s.o.InProgressExpiryAttr, "#status": s.o.StatusAttr},
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":now": fractionalSeconds(now), ":now_ms": milliseconds(now), ":inprogress": text(string(idempotency.InProgress)),
			},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}, once)
		var failed *types.ConditionalCheckFailedException
		if !errors.As(err, &failed) {
			return nil, refused(err)
		}
		item := failed.Item
		if item == nil {
			if item, err = s.get(ctx, r.Key); err != nil {
				return nil, err
			}
		}
		if item != nil {
			return s.recordOf(r.Key, item)
		}
	}
	return nil, fmt.Errorf("%w: the condition failed, but the item does not exist", idempotency.ErrInconsistent)
}

func (s *Store) get(ctx context.Context, key string) (map[string]types.AttributeValue, error) {
	out, err := s.client().GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: s.key(key), ConsistentRead: aws.Bool(true)}, once)
	if err != nil {
		return nil, refused(err)
	}
	return out.Item, nil
}

// Complete implements idempotency.Store.
func (s *Store) Complete(ctx context.Context, r *idempotency.Record) error {
	data, err := s.dataValue(r.Data)
	if err != nil {
		return err
	}
	if n := s.size(r, data); n > maxItemSize {
		return fmt.Errorf("%w: the item would have about %d bytes, the limit is %d", idempotency.ErrTooLarge, n, maxItemSize)
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: s.key(r.Key),
		ConditionExpression:      ptr("#owner = :owner"),
		UpdateExpression:         ptr("SET #data = :data, #expiry = :expiry, #status = :status"),
		ExpressionAttributeNames: map[string]string{"#data": s.o.DataAttr, "#expiry": s.o.ExpiryAttr, "#status": s.o.StatusAttr, "#owner": s.o.OwnerAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":data": data, ":expiry": seconds(r.Expiration), ":status": text(string(r.Status)), ":owner": text(r.Owner),
		},
	}
	if r.Validation != "" {
		*in.UpdateExpression += ", #validation = :validation"
		in.ExpressionAttributeNames["#validation"] = s.o.ValidationAttr
		in.ExpressionAttributeValues[":validation"] = text(r.Validation)
	}
	_, err = s.client().UpdateItem(ctx, in, once)
	return tooLarge(fenced(err))
}

// Extend implements idempotency.Store.
func (s *Store) Extend(ctx context.Context, r *idempotency.Record) error {
	_, err := s.client().UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: s.key(r.Key),
		ConditionExpression:      ptr("#owner = :owner AND #status = :inprogress AND (attribute_not_exists(#lease) OR #lease < :lease)"),
		UpdateExpression:         ptr("SET #lease = :lease, #expiry = :expiry"),
		ExpressionAttributeNames: map[string]string{"#lease": s.o.InProgressExpiryAttr, "#expiry": s.o.ExpiryAttr, "#status": s.o.StatusAttr, "#owner": s.o.OwnerAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":lease": milliseconds(r.Lease), ":expiry": seconds(r.Expiration), ":inprogress": text(string(idempotency.InProgress)), ":owner": text(r.Owner),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, once)
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return refused(err)
	}
	item := failed.Item
	if item == nil {
		if item, err = s.get(ctx, r.Key); err != nil {
			return err
		}
	}
	if existing, err := s.recordOf(r.Key, item); err == nil && existing.Owner == r.Owner && existing.Status == idempotency.InProgress {
		return nil // the record has this lease or a later one
	}
	return idempotency.ErrLeaseLost
}

// Delete implements idempotency.Store.
func (s *Store) Delete(ctx context.Context, r *idempotency.Record) error {
	_, err := s.client().DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: s.key(r.Key),
		ConditionExpression:       ptr("attribute_not_exists(#id) OR #owner = :owner"),
		ExpressionAttributeNames:  map[string]string{"#id": s.o.KeyAttr, "#owner": s.o.OwnerAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":owner": text(r.Owner)},
	}, once)
	return fenced(err)
}

// once disables retries of the SDK. Package idempotency retries, because it knows how much time is
// left. The SDK's pauses, up to 1 s and then 2 s, would take too much of it.
func once(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }

// fenced returns an ErrLeaseLost for a failed condition, because the condition is on the owner.
func fenced(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return idempotency.ErrLeaseLost
	}
	return refused(err)
}
