// Package dynamodbstore keeps the records of package idempotency in a DynamoDB table.
//
//	once, err := idempotency.New(dynamodb.New(nil, "idempotency", nil), &idempotency.Options{...})
//
// # The table
//
// It is that of Powertools for AWS Lambda: a partition key "id" of type String, and time to
// live on the attribute "expiration", so that old records go away. A function may move from
// one of those libraries and keep its table; each understands the records of the others, where
// [Options.NativeData] is as that library needs it. Attributes:
//
//	id                      S  the key
//	status                  S  INPROGRESS or COMPLETED
//	expiration              N  seconds since 1970
//	in_progress_expiration  N  milliseconds since 1970: the lease
//	data                    S  the result as JSON; B where it is none
//	validation              S  digest of the payload
//	owner                   S  token of the run that wrote the record; of this library only
//
// The function's role needs dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem and
// dynamodb:GetItem.
//
// # Failures
//
// The store makes one request a call: package idempotency tries again, for as long as the lease
// lasts, where the SDK gives up after three attempts. Errors that no further attempt can
// change, such as AccessDeniedException and ResourceNotFoundException, wrap
// idempotency.ErrRefused.
//
// # Cost
//
// A first run costs a PutItem and an UpdateItem, a duplicate one PutItem that fails its
// condition, and returns the record with the failure. Servers that do not return it are asked
// with a consistent GetItem. An item has at most 400 KB, its attributes' names included
// (Service quotas of DynamoDB): a larger result is an idempotency.ErrTooLarge.
package dynamodbstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/idempotency"
)

// API is what is used of a *dynamodb.Client.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Options says what the table looks like. A nil *Options, and every zero field, means the
// default.
type Options struct {
	KeyAttr              string // default "id"
	ExpiryAttr           string // default "expiration"
	InProgressExpiryAttr string // default "in_progress_expiration"
	StatusAttr           string // default "status"
	DataAttr             string // default "data"
	ValidationAttr       string // default "validation"
	OwnerAttr            string // default "owner"

	// SortKeyAttr, where the table has a sort key, holds the key of a record, and KeyAttr
	// the same StaticPKValue for all of them. Default of that: "idempotency#" and
	// AWS_LAMBDA_FUNCTION_NAME.
	SortKeyAttr   string
	StaticPKValue string

	// NativeData stores a result as a value of DynamoDB's own, as Powertools for AWS Lambda
	// (TypeScript) does, and reads a String as text instead of as JSON. A response is then
	// replayed as the same value, with its members in another order. A result that is
	// Binary as a whole counts as no JSON, with and without it. Default: results are
	// JSON in a String, as that library for Python has them, and replayed exactly.
	NativeData bool
}

// Store is an idempotency.Store. Make one with [New].
type Store struct {
	table  string
	o      Options
	client func() API
}

var _ idempotency.Store = (*Store)(nil)

// New returns a Store of the items of table that uses client. Where that is nil, the first
// call makes one with the region and the credentials that Lambda puts into the environment.
// It panics where two of the attributes in o have the same name, or table has none.
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
	s.o.StaticPKValue = cmp.Or(s.o.StaticPKValue, "idempotency#"+os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
	s.check()
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return dynamodb.NewFromConfig(cfg) })
	return s
}

func (s *Store) check() {
	if s.table == "" {
		panic("dynamodbstore: no table")
	}
	seen := make(map[string]bool)
	for _, name := range []string{s.o.KeyAttr, s.o.SortKeyAttr, s.o.ExpiryAttr, s.o.InProgressExpiryAttr, s.o.StatusAttr, s.o.DataAttr, s.o.ValidationAttr, s.o.OwnerAttr} {
		if seen[name] {
			panic(fmt.Sprintf("dynamodbstore: two attributes are named %q", name))
		}
		seen[name] = name != ""
	}
}

// The condition under which a record may be written is that there is none, or none that is
// live: idempotency.Record.Live.
const isFree = "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#lease) AND #lease < :now_ms)"

// maxAttempts bounds how often Begin tries again where a record is gone before it is read.
const maxAttempts = 3

// Begin implements idempotency.Store.
func (s *Store) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	for range maxAttempts {
		_, err := s.client().PutItem(ctx, &dynamodb.PutItemInput{
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
	return nil, fmt.Errorf("%w: the item fails the condition, and is not there", idempotency.ErrInconsistent)
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
		return fmt.Errorf("%w: the item would have some %d bytes, and may have %d", idempotency.ErrTooLarge, n, maxItemSize)
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
		return nil // it has this lease, or a later one
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

// once leaves retries to package idempotency. It knows how much time there is, and the pauses
// of the SDK, up to a second and then two, would use it up.
func once(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }

// fenced makes an ErrLeaseLost of a failed condition, which is the one on the owner.
func fenced(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return idempotency.ErrLeaseLost
	}
	return refused(err)
}
