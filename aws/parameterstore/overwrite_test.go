package parameterstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// strict is a Parameter Store that wants a type for a new parameter. (Systems Manager, PutParameter)
type strict struct {
	parameterstore.API
	known map[string]types.Parameter
	puts  int
}

func (s *strict) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	p, ok := s.known[*in.Name]
	if !ok {
		return nil, &types.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &p}, nil
}

func (s *strict) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	s.puts++
	p, ok := s.known[*in.Name]
	switch {
	case *in.Value == "invalid", !ok && in.Type == "":
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "invalid"}
	case ok && !*in.Overwrite:
		return nil, &types.ParameterAlreadyExists{}
	case !ok:
		p = types.Parameter{Name: in.Name, Type: in.Type}
	}
	p.Value = in.Value
	p.Version++
	s.known[*in.Name] = p
	return &ssm.PutParameterOutput{Version: p.Version}, nil
}

func TestPut_OverwriteCreatesAndKeepsSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value, printed string // in the cache after Put
		puts           int
	}{
		"/secret": {"hunter2", "[redacted]", 1},
		"/new":    {"blue", "blue", 2},
		"/text":   {"invalid", "", 2},
	} {
		s := &strict{known: map[string]types.Parameter{
			"/secret": {Name: aws.String("/secret"), Type: types.ParameterTypeSecureString, Value: aws.String("old")},
			"/text":   {Name: aws.String("/text"), Type: types.ParameterTypeString, Value: aws.String("old")},
		}}
		cache, err := params.New(parameterstore.New(s, &parameterstore.Options{Overwrite: true}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := cache.Put(t.Context(), name, c.value); (err != nil) != (c.printed == "") || s.puts != c.puts {
			t.Errorf("%s: got %v after %d requests, want %d", name, err, s.puts, c.puts)
		}
		if v, err := cache.Value(t.Context(), name); c.printed != "" && (err != nil || fmt.Sprint(v) != c.printed || v.Text != c.value) {
			t.Errorf("%s: got %v, %v, want a value that prints as %s", name, v, err, c.printed)
		}
	}
}
