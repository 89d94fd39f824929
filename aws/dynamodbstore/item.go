package dynamodbstore

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/idempotency"
)

// maxItemSize is the limit of DynamoDB for an item, in bytes.
const maxItemSize = 400 << 10

// key returns the primary key of a record.
func (s *Store) key(key string) map[string]types.AttributeValue {
	if s.o.SortKeyAttr != "" {
		return map[string]types.AttributeValue{s.o.KeyAttr: text(s.o.StaticPKValue), s.o.SortKeyAttr: text(key)}
	}
	return map[string]types.AttributeValue{s.o.KeyAttr: text(key)}
}

// item returns a record in progress as an item.
func (s *Store) item(r *idempotency.Record) map[string]types.AttributeValue {
	item := s.key(r.Key)
	item[s.o.StatusAttr] = text(string(r.Status))
	item[s.o.OwnerAttr] = text(r.Owner)
	item[s.o.ExpiryAttr] = seconds(r.Expiration)
	if !r.Lease.IsZero() {
		item[s.o.InProgressExpiryAttr] = milliseconds(r.Lease)
	}
	if r.Validation != "" {
		item[s.o.ValidationAttr] = text(r.Validation)
	}
	return item
}

// recordOf returns an item as a record.
func (s *Store) recordOf(key string, item map[string]types.AttributeValue) (*idempotency.Record, error) {
	r := &idempotency.Record{
		Key: key, Status: idempotency.Status(textOf(item[s.o.StatusAttr])), Owner: textOf(item[s.o.OwnerAttr]), Validation: textOf(item[s.o.ValidationAttr]),
	}
	var err error
	if r.Expiration, err = timeOf(item, s.o.ExpiryAttr, time.Second); err != nil {
		return nil, err
	}
	if r.Status == idempotency.InProgress { // a completed item keeps the attribute, which means nothing then
		if r.Lease, err = timeOf(item, s.o.InProgressExpiryAttr, time.Millisecond); err != nil {
			return nil, err
		}
	}
	r.Data, err = s.dataOf(item[s.o.DataAttr])
	return r, err
}

func textOf(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// timeOf returns the time of an attribute, a number of units since 1970. If the attribute is missing
// it returns zero.
func timeOf(item map[string]types.AttributeValue, name string, unit time.Duration) (time.Time, error) {
	v, ok := item[name]
	if !ok {
		return time.Time{}, nil
	}
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return time.Time{}, fmt.Errorf("%w: its attribute %s is not a Number", idempotency.ErrInconsistent, name)
	}
	if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && max(i, -i) < 1<<53 {
		if unit == time.Second {
			return time.Unix(i, 0), nil
		}
		return time.UnixMilli(i), nil
	}
	f, err := strconv.ParseFloat(n.Value, 64) // other libraries may have written a fraction
	ms := f * float64(unit/time.Millisecond)
	if err != nil || math.Abs(ms) > 1<<53 {
		return time.Time{}, fmt.Errorf("%w: its attribute %s is not a time", idempotency.ErrInconsistent, name)
	}
	return time.UnixMilli(int64(ms)), nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func seconds(t time.Time) types.AttributeValue { return number(strconv.FormatInt(t.Unix(), 10)) }

func milliseconds(t time.Time) types.AttributeValue {
	return number(strconv.FormatInt(t.UnixMilli(), 10))
}

// fractionalSeconds returns seconds with milliseconds, because an item that expires at a second is
// free one millisecond after it.
func fractionalSeconds(t time.Time) types.AttributeValue {
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return seconds(t)
	}
	return number(strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64))
}

// size returns the approximate size of the item of a completed record, in bytes.
func (s *Store) size(r *idempotency.Record, data types.AttributeValue) int {
	n := 100 // numbers, status
	for _, name := range []string{s.o.KeyAttr, s.o.SortKeyAttr, s.o.ExpiryAttr, s.o.InProgressExpiryAttr, s.o.StatusAttr, s.o.DataAttr, s.o.ValidationAttr, s.o.OwnerAttr} {
		n += len(name)
	}
	n += len(r.Key) + len(r.Owner) + len(r.Validation)
	if s.o.SortKeyAttr != "" {
		n += len(s.o.StaticPKValue)
	}
	switch data := data.(type) {
	case *types.AttributeValueMemberS:
		n += len(data.Value)
	case *types.AttributeValueMemberB:
		n += len(data.Value)
	}
	return n // the server checks the size of native values
}

// refusals are the codes of errors that a retry cannot change.
var refusals = []string{
	"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "MissingAuthenticationTokenException",
	"MissingAuthenticationToken", "IncompleteSignatureException", "ResourceNotFoundException", "ValidationException",
}

// refused wraps an error that a retry cannot change in an ErrRefused.
func refused(err error) error {
	if slices.Contains(refusals, codeOf(err)) {
		return fmt.Errorf("%w: %w", idempotency.ErrRefused, err)
	}
	return err
}

// tooLarge returns an ErrTooLarge for a ValidationException, because only the server knows the exact
// size of an item.
func tooLarge(err error) error {
	if codeOf(err) == "ValidationException" {
		return fmt.Errorf("%w: %w", idempotency.ErrTooLarge, err)
	}
	return err
}

// codeOf returns the code of an error of the service, or an empty string.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func ptr(s string) *string { return &s }
