package dynamodbstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
)

// scripted is a client with fixed answers. It notes the requests.
type scripted struct {
	dynamodbstore.API
	item    map[string]types.AttributeValue // of a failed condition
	read    map[string]types.AttributeValue // of GetItem
	err     error                           // instead of a failed condition
	readErr error
	asked   []string
	retries int // of the SDK, by the options of the last request
}

func (s *scripted) answer(operation string, opts []func(*dynamodb.Options)) error {
	s.asked = append(s.asked, operation)
	var o dynamodb.Options
	for _, opt := range opts {
		opt(&o)
	}
	s.retries = o.RetryMaxAttempts
	if s.err != nil {
		return s.err
	}
	return &types.ConditionalCheckFailedException{Item: s.item}
}

func (s *scripted) PutItem(_ context.Context, _ *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, s.answer("PutItem", opts)
}

func (s *scripted) UpdateItem(_ context.Context, _ *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, s.answer("UpdateItem", opts)
}

func (s *scripted) DeleteItem(_ context.Context, _ *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return nil, s.answer("DeleteItem", opts)
}

func (s *scripted) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.asked = append(s.asked, "GetItem")
	if !aws.ToBool(in.ConsistentRead) {
		return nil, errors.New("an inconsistent read")
	}
	return &dynamodb.GetItemOutput{Item: s.read}, s.readErr
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

// TestBegin_ItemsThatExist has items of this library, of others and of people.
func TestBegin_ItemsThatExist(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		item map[string]types.AttributeValue
		want string
	}{
		"completed":            {map[string]types.AttributeValue{"status": str("COMPLETED"), "expiration": num("5"), "data": str("1"), "validation": str("v"), "in_progress_expiration": num("7")}, "COMPLETED  5000 0 v 1"},
		"in progress":          {map[string]types.AttributeValue{"status": str("INPROGRESS"), "owner": str("o"), "expiration": num("5"), "in_progress_expiration": num("7")}, "INPROGRESS o 5000 7  "},
		"fractions":            {map[string]types.AttributeValue{"status": str("INPROGRESS"), "expiration": num("5.5"), "in_progress_expiration": num("7e3")}, "INPROGRESS  5500 7000  "},
		"other types":          {map[string]types.AttributeValue{"status": num("1"), "owner": num("1"), "validation": num("1")}, "  0 0  "},
		"bytes":                {map[string]types.AttributeValue{"data": &types.AttributeValueMemberB{Value: []byte("x")}}, "  0 0  x"},
		"a text as expiration": {map[string]types.AttributeValue{"expiration": str("5")}, "the record is in an inconsistent state: its attribute expiration is not a Number"},
		"no time":              {map[string]types.AttributeValue{"expiration": num("x")}, "the record is in an inconsistent state: its attribute expiration is not a time"},
		"a time beyond":        {map[string]types.AttributeValue{"expiration": num("9007199254740993")}, "the record is in an inconsistent state: its attribute expiration is not a time"},
		"a time before":        {map[string]types.AttributeValue{"expiration": num("-9007199254740993")}, "the record is in an inconsistent state: its attribute expiration is not a time"},
		"no lease":             {map[string]types.AttributeValue{"status": str("INPROGRESS"), "in_progress_expiration": str("x")}, "the record is in an inconsistent state: its attribute in_progress_expiration is not a Number"},
		"a broken number":      {map[string]types.AttributeValue{"data": num("x")}, "the record's data has an invalid Number"},
		"a broken list":        {map[string]types.AttributeValue{"data": &types.AttributeValueMemberNS{Value: []string{"1", "x"}}}, "the record's data has an invalid Number"},
		"a broken map":         {map[string]types.AttributeValue{"data": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"a": num("x")}}}, "the record's data has an invalid Number"},
		"an unknown type":      {map[string]types.AttributeValue{"data": &types.UnknownUnionMember{}}, "the record's data is a *types.UnknownUnionMember, which has no JSON"},
	} {
		client := &scripted{item: c.item}
		r, err := dynamodbstore.New(client, "t", nil).Begin(t.Context(), record("k"), base)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			lease := int64(0)
			if !r.Lease.IsZero() {
				lease = r.Lease.UnixMilli()
			}
			expiration := int64(0)
			if !r.Expiration.IsZero() {
				expiration = r.Expiration.UnixMilli()
			}
			got = fmt.Sprintf("%s %s %d %d %s %s", r.Status, r.Owner, expiration, lease, r.Validation, r.Data)
		}
		if got != c.want || fmt.Sprint(client.asked) != "[PutItem]" || client.retries != 1 {
			t.Errorf("%s: got %s after %v with %d attempts of the SDK, want %s after [PutItem] with 1", what, got, client.asked, client.retries, c.want)
		}
	}
}

// A server that does not return the item is asked for it. The item may be gone then.
func TestBegin_ReadsTheItem(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for what, c := range map[string]struct {
		client *scripted
		asked  string
		want   string
	}{
		"it exists": {&scripted{read: map[string]types.AttributeValue{"status": str("COMPLETED")}}, "[PutItem GetItem]", "COMPLETED"},
		"it is gone": {&scripted{}, "[PutItem GetItem PutItem GetItem PutItem GetItem]",
			"the record is in an inconsistent state: the condition failed, but the item does not exist"},
		"no access to it":  {&scripted{readErr: denied}, "[PutItem GetItem]", "the store refuses the request: api error AccessDeniedException: no"},
		"no access at all": {&scripted{err: denied}, "[PutItem]", "the store refuses the request: api error AccessDeniedException: no"},
		"a throttled one":  {&scripted{err: &smithy.GenericAPIError{Code: "ThrottlingException", Message: "slow"}}, "[PutItem]", "api error ThrottlingException: slow"},
	} {
		r, err := dynamodbstore.New(c.client, "t", nil).Begin(t.Context(), record("k"), base)
		got := fmt.Sprint(err)
		if err == nil {
			got = string(r.Status)
		}
		if got != c.want || fmt.Sprint(c.client.asked) != c.asked || errors.Is(err, idempotency.ErrRefused) != strings.Contains(c.want, "refuses") {
			t.Errorf("%s: got %s after %v, want %s after %s", what, got, c.client.asked, c.want, c.asked)
		}
	}
}

// TestExtend_OfARecordThatHasChanged says when a failed condition is no loss of the lease.
func TestExtend_OfARecordThatHasChanged(t *testing.T) {
	t.Parallel()
	own := map[string]types.AttributeValue{"owner": str("me"), "status": str("INPROGRESS")}
	for what, c := range map[string]struct {
		client *scripted
		asked  string
		want   string
	}{
		"its own record":       {&scripted{item: own}, "[UpdateItem]", "<nil>"},
		"its own, read":        {&scripted{read: own}, "[UpdateItem GetItem]", "<nil>"},
		"gone":                 {&scripted{}, "[UpdateItem GetItem]", idempotency.ErrLeaseLost.Error()},
		"of another execution": {&scripted{item: map[string]types.AttributeValue{"owner": str("other"), "status": str("INPROGRESS")}}, "[UpdateItem]", idempotency.ErrLeaseLost.Error()},
		"completed":            {&scripted{item: map[string]types.AttributeValue{"owner": str("me"), "status": str("COMPLETED")}}, "[UpdateItem]", idempotency.ErrLeaseLost.Error()},
		"broken":               {&scripted{item: map[string]types.AttributeValue{"owner": str("me"), "status": str("INPROGRESS"), "expiration": str("x")}}, "[UpdateItem]", idempotency.ErrLeaseLost.Error()},
		"unreadable":           {&scripted{readErr: errors.New("no")}, "[UpdateItem GetItem]", "no"},
		"another error":        {&scripted{err: errors.New("no")}, "[UpdateItem]", "no"},
	} {
		err := dynamodbstore.New(c.client, "t", nil).Extend(t.Context(), record("k"))
		if fmt.Sprint(err) != c.want || fmt.Sprint(c.client.asked) != c.asked || c.client.retries != 1 {
			t.Errorf("%s: got %v after %v, want %s after %s", what, err, c.client.asked, c.want, c.asked)
		}
	}
}

// The owner is a part of each condition, so a failed one is a lost lease.
func TestCompleteAndDelete_FailedRequests(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		err              error
		complete, delete string
	}{
		"a failed condition":  {nil, idempotency.ErrLeaseLost.Error(), idempotency.ErrLeaseLost.Error()},
		"an invalid request":  {&smithy.GenericAPIError{Code: "ValidationException", Message: "size"}, "the result is too large for the store: the store refuses the request: api error ValidationException: size", "the store refuses the request: api error ValidationException: size"},
		"a table that is not": {&smithy.GenericAPIError{Code: "ResourceNotFoundException", Message: "t"}, "the store refuses the request: api error ResourceNotFoundException: t", "the store refuses the request: api error ResourceNotFoundException: t"},
		"another error":       {errors.New("no"), "no", "no"},
	} {
		client := &scripted{err: c.err}
		store := dynamodbstore.New(client, "t", nil)
		if err := store.Complete(t.Context(), completed("k", []byte("1"))); fmt.Sprint(err) != c.complete || client.retries != 1 {
			t.Errorf("%s: Complete: got %v, want %s", what, err, c.complete)
		}
		client.retries = 0
		if err := store.Delete(t.Context(), record("k")); fmt.Sprint(err) != c.delete || client.retries != 1 {
			t.Errorf("%s: Delete: got %v, want %s", what, err, c.delete)
		}
	}
}

// Every part of an item counts, so that a result that does not fit needs no request.
func TestComplete_SizeOfAnItem(t *testing.T) {
	t.Parallel()
	const limit = 400 << 10
	names := len("id" + "expiration" + "in_progress_expiration" + "status" + "data" + "validation" + "owner")
	for what, c := range map[string]struct {
		o    *dynamodbstore.Options
		rest int // without the data
		data func(n int) []byte
	}{
		"JSON":     {nil, 100 + names + len("k"+"me"+"v"), func(n int) []byte { return []byte(strings.Repeat("1", n)) }},
		"bytes":    {nil, 100 + names + len("k"+"me"+"v"), func(n int) []byte { return []byte(strings.Repeat("x", n)) }},
		"sort key": {&dynamodbstore.Options{SortKeyAttr: "sk", StaticPKValue: "all"}, 100 + names + len("sk"+"all"+"k"+"me"+"v"), func(n int) []byte { return []byte(strings.Repeat("1", n)) }},
	} {
		for more := range 2 {
			client := &scripted{}
			err := dynamodbstore.New(client, "t", c.o).Complete(t.Context(), completed("k", c.data(limit-c.rest+more)))
			if tooLarge := errors.Is(err, idempotency.ErrTooLarge); tooLarge != (more == 1) || len(client.asked) != 1-more {
				t.Errorf("%s: an item of %d bytes: got %v after %v, want an ErrTooLarge: %v", what, limit+more, err, client.asked, more == 1)
			}
		}
	}
}

func TestNew_DefaultsAndNames(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	client := &inputs{}
	r := &idempotency.Record{Key: "k", Status: idempotency.InProgress, Owner: "me", Expiration: base}
	dynamodbstore.New(client, "t", &dynamodbstore.Options{SortKeyAttr: "sk"}).Begin(t.Context(), r, base.Add(500*time.Millisecond))
	got := fmt.Sprint(aws.ToString(client.put.TableName), " ", client.put.Item["id"].(*types.AttributeValueMemberS).Value, " ", client.put.Item["sk"].(*types.AttributeValueMemberS).Value, " ", len(client.put.Item), " ",
		client.put.ExpressionAttributeValues[":now"].(*types.AttributeValueMemberN).Value, " ", client.put.ExpressionAttributeValues[":now_ms"].(*types.AttributeValueMemberN).Value)
	if want := "t idempotency#orders k 5 1700000000.500 1700000000500"; got != want {
		t.Errorf("got %s, want %s: no lease and no validation", got, want)
	}
}

// inputs notes the last PutItem.
type inputs struct {
	dynamodbstore.API
	put *dynamodb.PutItemInput
}

func (i *inputs) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	i.put = in
	return nil, nil
}
