package dynamodbstore

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// dataValue returns a result as an attribute: JSON in a String or, with NativeData, a value of
// DynamoDB. A result that is not JSON is a Binary.
func (s *Store) dataValue(data []byte) (types.AttributeValue, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return &types.AttributeValueMemberB{Value: data}, nil
	}
	if !s.o.NativeData {
		return text(string(data)), nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return native(v, 0)
}

// dataOf is the inverse of dataValue. It also reads the values of other libraries.
func (s *Store) dataOf(v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *types.AttributeValueMemberB:
		return v.Value, nil
	case *types.AttributeValueMemberS:
		if !s.o.NativeData && json.Valid([]byte(v.Value)) {
			return []byte(v.Value), nil
		}
	}
	return appendJSON(nil, v)
}

// maxDepth is how many levels a value of DynamoDB may have.
const maxDepth = 32

// native returns a decoded JSON value as a value of DynamoDB.
func native(v any, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: it has more than %d levels, the limit of DynamoDB", idempotency.ErrTooLarge, maxDepth)
	}
	switch v := v.(type) {
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case json.Number:
		return nativeNumber(v.String())
	case string:
		return text(v), nil
	case []any:
		list := make([]types.AttributeValue, len(v))
		for i, e := range v {
			var err error
			if list[i], err = native(e, depth+1); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	case map[string]any:
		members := make(map[string]types.AttributeValue, len(v))
		for name, e := range v {
			var err error
			if members[name], err = native(e, depth+1); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberM{Value: members}, nil
	}
	return &types.AttributeValueMemberNULL{Value: true}, nil
}

// nativeNumber returns a number. It fails for numbers that DynamoDB refuses: more than 38 digits, or
// a magnitude of 1e126 or more.
func nativeNumber(literal string) (types.AttributeValue, error) {
	mantissa, _, _ := strings.Cut(strings.ToLower(literal), "e")
	digits := len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0"))
	if f, err := strconv.ParseFloat(literal, 64); err != nil || digits > 38 || math.Abs(f) >= 1e126 {
		return nil, fmt.Errorf("%w: it has a number beyond the limits of DynamoDB", idempotency.ErrTooLarge)
	}
	return number(literal), nil
}

// appendJSON appends a value of DynamoDB as JSON. The members of maps are sorted.
func appendJSON(dst []byte, v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberNULL:
		return append(dst, "null"...), nil
	case *types.AttributeValueMemberBOOL:
		return fmt.Append(dst, v.Value), nil
	case *types.AttributeValueMemberN:
		if !json.Valid([]byte(v.Value)) {
			return nil, errors.New("the record's data has an invalid Number")
		}
		return append(dst, v.Value...), nil
	case *types.AttributeValueMemberS:
		return jsonenc.AppendString(dst, v.Value), nil
	case *types.AttributeValueMemberB:
		return jsonenc.AppendString(dst, base64.StdEncoding.EncodeToString(v.Value)), nil
	case *types.AttributeValueMemberSS:
		return appendList(dst, v.Value, func(s string) types.AttributeValue { return text(s) })
	case *types.AttributeValueMemberNS:
		return appendList(dst, v.Value, func(s string) types.AttributeValue { return number(s) })
	case *types.AttributeValueMemberBS:
		return appendList(dst, v.Value, func(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} })
	case *types.AttributeValueMemberL:
		return appendList(dst, v.Value, func(e types.AttributeValue) types.AttributeValue { return e })
	case *types.AttributeValueMemberM:
		return appendMap(dst, v.Value)
	}
	return nil, fmt.Errorf("the record's data is a %T, which has no JSON", v)
}

func appendList[E any](dst []byte, list []E, value func(E) types.AttributeValue) ([]byte, error) {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, value(e)); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendMap(dst []byte, members map[string]types.AttributeValue) ([]byte, error) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonenc.AppendString(dst, name), ':')
		var err error
		if dst, err = appendJSON(dst, members[name]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}
