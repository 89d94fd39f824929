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

// scripted answers as a test says.
type scripted struct {
	item  item
	pages []*sdk.QueryOutput
	err   error
	get   *sdk.GetItemInput
	query *sdk.QueryInput
	put   *sdk.PutItemInput
}

func (s *scripted) GetItem(_ context.Context, in *sdk.GetItemInput, _ ...func(*sdk.Options)) (*sdk.GetItemOutput, error) {
	s.get = in
	return &sdk.GetItemOutput{Item: s.item}, s.err
}

func (s *scripted) Query(_ context.Context, in *sdk.QueryInput, _ ...func(*sdk.Options)) (*sdk.QueryOutput, error) {
	s.query = in
	if len(s.pages) == 0 {
		return nil, s.err
	}
	page := s.pages[0]
	s.pages = s.pages[1:]
	return page, nil
}

func (s *scripted) PutItem(_ context.Context, in *sdk.PutItemInput, _ ...func(*sdk.Options)) (*sdk.PutItemOutput, error) {
	s.put = in
	return &sdk.PutItemOutput{}, s.err
}

func TestRequests_UseTheAttributesOfTheOptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o                dynamodbparams.Options
		key, sort, value string
	}{
		"default": {dynamodbparams.Options{}, "id", "sk", "value"},
		"own":     {dynamodbparams.Options{KeyAttr: "k", SortKeyAttr: "s", ValueAttr: "v", Consistent: true}, "k", "s", "v"},
	} {
		s := &scripted{item: item{test.value: text("x")}, pages: []*sdk.QueryOutput{{}}}
		source := dynamodbparams.New(s, "table", &test.o)
		source.Fetch(t.Context(), "a")
		source.FetchPath(t.Context(), "p")
		source.Put(t.Context(), "a", "y")
		if got := fmt.Sprint(s.get.Key[test.key], s.get.ExpressionAttributeNames); got != fmt.Sprint(text("a"), map[string]string{"#value": test.value}) {
			t.Errorf("%s: GetItem of %s", name, got)
		}
		want := map[string]string{"#key": test.key, "#sort": test.sort, "#value": test.value}
		if got := fmt.Sprint(s.query.ExpressionAttributeNames, s.query.ExpressionAttributeValues[":key"]); got != fmt.Sprint(want, text("p")) {
			t.Errorf("%s: Query of %s", name, got)
		}
		if got := fmt.Sprint(s.put.Item[test.key], s.put.Item[test.value], len(s.put.Item)); got != fmt.Sprint(text("a"), text("y"), 2) {
			t.Errorf("%s: PutItem of %s", name, got)
		}
		if aws.ToBool(s.get.ConsistentRead) != test.o.Consistent || aws.ToBool(s.query.ConsistentRead) != test.o.Consistent {
			t.Errorf("%s: got consistent %v, %v, want %t", name, s.get.ConsistentRead, s.query.ConsistentRead, test.o.Consistent)
		}
	}
}

// A table that is missing is not a parameter that is missing.
func TestErrors_AMissingTableIsNotNotFound(t *testing.T) {
	t.Parallel()
	for want, err := range map[error]error{nil: &types.ResourceNotFoundException{}, params.ErrThrottled: &types.ProvisionedThroughputExceededException{}} {
		s := &scripted{err: err}
		source := dynamodbparams.New(s, "table", nil)
		for name, call := range map[string]func() error{
			"Fetch":     func() error { _, err := source.Fetch(t.Context(), "a"); return err },
			"FetchPath": func() error { _, err := source.FetchPath(t.Context(), "p"); return err },
			"Put":       func() error { _, err := source.Put(t.Context(), "a", "y"); return err },
		} {
			got := call()
			if !errors.Is(got, err) || errors.Is(got, params.ErrNotFound) || want != nil && !errors.Is(got, want) {
				t.Errorf("%s: got %v, want %v and not ErrNotFound", name, got, err)
			}
		}
	}
}

func TestFetch_AnItemWithoutAValueThatCanBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for name, it := range map[string]item{"no value": {}, "a list": {"value": &types.AttributeValueMemberL{}}} {
		if v, err := dynamodbparams.New(&scripted{item: it}, "table", nil).Fetch(t.Context(), "a"); err == nil || v != (params.Value{}) {
			t.Errorf("%s: got %v, %v, want an error", name, v, err)
		}
	}
}

func TestFetch_Types(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]types.AttributeValue{
		"s": text("s"), "1": &types.AttributeValueMemberN{Value: "1"}, "b": &types.AttributeValueMemberB{Value: []byte("b")},
		"true": &types.AttributeValueMemberBOOL{Value: true}, "false": &types.AttributeValueMemberBOOL{Value: false},
	} {
		v, err := dynamodbparams.New(&scripted{item: item{"value": value}}, "table", nil).Fetch(t.Context(), "a")
		if v.Text != want || err != nil {
			t.Errorf("got %q, %v, want %q", v.Text, err, want)
		}
	}
}

func TestPath_ItemsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, it := range map[string]item{
		"no sort key": {"value": text("x")}, "sort key of another type": {"sk": &types.AttributeValueMemberL{}, "value": text("x")},
		"no value": {"sk": text("a")},
	} {
		s := &scripted{pages: []*sdk.QueryOutput{{Items: []item{it, {"sk": text("b"), "value": text("x")}}}}}
		if values, err := dynamodbparams.New(s, "table", nil).FetchPath(t.Context(), "p"); values != nil || err == nil {
			t.Errorf("%s: got %v, %v, want an error", name, values, err)
		}
	}
}

func TestPath_AnErrorOfALaterPage(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	s := &scripted{err: down, pages: []*sdk.QueryOutput{{Items: []item{{"sk": text("a"), "value": text("1")}}, LastEvaluatedKey: item{"sk": text("a")}}}}
	if values, err := dynamodbparams.New(s, "table", nil).FetchPath(t.Context(), "p"); values != nil || !errors.Is(err, down) {
		t.Errorf("got %v, %v, want the error", values, err)
	}
}
