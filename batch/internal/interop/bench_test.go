package interop

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/batch/internal/image"
)

type line struct {
	SKU      string  `dynamodbav:"sku"`
	Price    float64 `dynamodbav:"price"`
	Quantity int     `dynamodbav:"quantity"`
}

type order struct {
	ID       string            `dynamodbav:"id"`
	Customer string            `dynamodbav:"customer"`
	Total    json.Number       `dynamodbav:"total"`
	Created  time.Time         `dynamodbav:"created"`
	Expires  time.Time         `dynamodbav:"expires,unixtime"`
	Paid     bool              `dynamodbav:"paid"`
	Note     *string           `dynamodbav:"note"`
	Tags     []string          `dynamodbav:"tags"`
	Lines    []line            `dynamodbav:"lines"`
	Labels   map[string]string `dynamodbav:"labels"`
	Digest   []byte            `dynamodbav:"digest"`
}

var orderImage = []byte(`{"id":{"S":"o-1"},"customer":{"S":"Zoë Müller"},"total":{"N":"25.50"},"created":{"S":"2026-11-29T00:50:00Z"},"expires":{"N":"1795913400"},` +
	`"paid":{"BOOL":true},"note":{"NULL":true},"tags":{"SS":["express","gift"]},"lines":{"L":[` +
	strings.TrimSuffix(strings.Repeat(`{"M":{"sku":{"S":"sku-12345"},"price":{"N":"8.50"},"quantity":{"N":"3"}}},`, 3), ",") +
	`]},"labels":{"M":{"region":{"S":"eu-west-1"},"channel":{"S":"web"}}},"digest":{"B":"jdU6b1e0Yz0s9xqE4sX0wQ=="}}`)

// peers are ways to decode an image.
var peers = []struct {
	name   string
	decode func(text []byte, v any) error
}{
	{"image", image.Unmarshal},
	{"events+attributevalue", func(text []byte, v any) error {
		var m map[string]events.DynamoDBAttributeValue
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		return attributevalue.UnmarshalMap(fromEvents(m), v)
	}},
	{"UnmarshalMapJSON+attributevalue", sdk},
}

func fromEvents(m map[string]events.DynamoDBAttributeValue) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(m))
	for name, av := range m {
		out[name] = fromEvent(av)
	}
	return out
}

func fromEvent(av events.DynamoDBAttributeValue) types.AttributeValue {
	switch av.DataType() {
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: av.Binary()}
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: av.Boolean()}
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: av.BinarySet()}
	case events.DataTypeList:
		var list []types.AttributeValue
		for _, e := range av.List() {
			list = append(list, fromEvent(e))
		}
		return &types.AttributeValueMemberL{Value: list}
	case events.DataTypeMap:
		return &types.AttributeValueMemberM{Value: fromEvents(av.Map())}
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: av.Number()}
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: av.NumberSet()}
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: av.String()}
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: av.StringSet()}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

func TestPeersAgree(t *testing.T) {
	t.Parallel()
	var want order
	if err := image.Unmarshal(orderImage, &want); err != nil {
		t.Fatal(err)
	}
	for _, p := range peers {
		var got order
		if err := p.decode(orderImage, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", p.name, got, err, want)
		}
	}
}

func BenchmarkStruct(b *testing.B) { benchmark(b, func() any { return new(order) }) }

func BenchmarkMap(b *testing.B) { benchmark(b, func() any { return new(map[string]any) }) }

func benchmark(b *testing.B, target func() any) {
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(orderImage)))
			for b.Loop() {
				if err := p.decode(orderImage, target()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
