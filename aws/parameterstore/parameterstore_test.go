package parameterstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// service stands in for Parameter Store.
type service struct {
	values map[string]string
	calls  []string
	err    error
}

func (s *service) parameter(name string) (types.Parameter, bool) {
	base, selector, _ := strings.Cut(name, ":")
	value, ok := s.values[base]
	p := types.Parameter{Name: &base, Value: &value, Version: 3, Type: types.ParameterTypeSecureString, ARN: aws.String("arn:aws:ssm:::parameter" + base)}
	if selector != "" {
		p.Selector = aws.String(":" + selector)
	}
	return p, ok
}

func (s *service) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("get ", *in.Name, " ", *in.WithDecryption))
	if s.err != nil {
		return nil, s.err
	}
	p, ok := s.parameter(*in.Name)
	if !ok {
		return nil, &types.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &p}, nil
}

func (s *service) GetParameters(_ context.Context, in *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("get ", len(in.Names)))
	if s.err != nil {
		return nil, s.err
	}
	out := new(ssm.GetParametersOutput)
	names := slices.Clone(in.Names)
	slices.Sort(names) // not in the order that they were asked for
	for _, name := range names {
		if p, ok := s.parameter(name); ok {
			out.Parameters = append(out.Parameters, p)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, nil
}

func (s *service) GetParametersByPath(_ context.Context, in *ssm.GetParametersByPathInput, _ ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("path ", *in.Path, " ", *in.Recursive, " ", aws.ToString(in.NextToken)))
	switch aws.ToString(in.NextToken) {
	case "":
		return &ssm.GetParametersByPathOutput{NextToken: aws.String("2")}, nil // a page may be empty
	case "2":
		a, _ := s.parameter("/app/a")
		return &ssm.GetParametersByPathOutput{Parameters: []types.Parameter{a}, NextToken: aws.String("3")}, nil
	}
	b, _ := s.parameter("/app/sub/b")
	return &ssm.GetParametersByPathOutput{Parameters: []types.Parameter{b}}, nil
}

func (s *service) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("put ", *in.Name, " ", in.Type, " ", *in.Overwrite))
	if s.err != nil {
		return nil, s.err
	}
	s.values[*in.Name] = *in.Value
	return &ssm.PutParameterOutput{Version: 4}, nil
}

func open(t *testing.T, s *service, o *parameterstore.Options) *params.Cache {
	t.Helper()
	cache, err := params.New(parameterstore.New(s, o), nil)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func TestManyNamesGoTenAtATime(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{}}
	var names []string
	for i := range 23 {
		name := fmt.Sprintf("/app/%d", i)
		names = append(names, name)
		s.values[name] = fmt.Sprint("value ", i)
	}
	names = append(names, "/app/3:2", "/none", "/none/either")
	got, err := open(t, s, nil).Many(t.Context(), names...)
	if !slices.Equal(s.calls, []string{"get 10", "get 10", "get 6"}) {
		t.Errorf("got calls %v, want batches of 10, 10 and 6", s.calls)
	}
	if !errors.Is(err, params.ErrNotFound) || !strings.Contains(err.Error(), `"/none"`) || !strings.Contains(err.Error(), `"/none/either"`) {
		t.Errorf("got %v, want ErrNotFound with both names", err)
	}
	if len(got) != 24 || got["/app/17"] != "value 17" || got["/app/3:2"] != "value 3" {
		t.Errorf("%v", got)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{"/app/a": "1", "/app/sub/b": "2"}}
	got, err := open(t, s, &parameterstore.Options{Recursive: true}).Path(t.Context(), "/app")
	if err != nil || fmt.Sprint(got) != "map[a:1 sub/b:2]" || !slices.Equal(s.calls, []string{"path /app true ", "path /app true 2", "path /app true 3"}) {
		t.Errorf("%v, %v, %v", got, err, s.calls)
	}
}

func TestPutIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{"/a": "old"}}
	cache := open(t, s, &parameterstore.Options{Overwrite: true})
	cache.String(t.Context(), "/a")
	if err := cache.Put(t.Context(), "/a", "new"); err != nil {
		t.Fatal(err)
	}
	v, err := cache.Value(t.Context(), "/a")
	if err != nil || v.Text != "new" || v.Version != "4" || len(s.calls) != 2 {
		t.Errorf("got %+v, %v, calls %v, want version 4 of two calls", v, err, s.calls)
	}
}

func TestDecryption(t *testing.T) {
	no := false
	for want, o := range map[string]*parameterstore.Options{"get /a true": nil, "get /a false": {Decrypt: &no}} {
		s := &service{values: map[string]string{"/a": "x"}}
		v, err := open(t, s, o).Value(t.Context(), "/a")
		if err != nil || s.calls[0] != want || fmt.Sprint(v) != "[redacted]" {
			t.Errorf("got calls %v, %v, %v, want %s and a redacted value", s.calls, v, err, want)
		}
	}
	for value, want := range map[string]string{"false": "get /a false", "off": "get /a false", "on": "get /a true", "perhaps": "get /a true"} {
		t.Setenv("POWERTOOLS_PARAMETERS_SSM_DECRYPT", value)
		s := &service{values: map[string]string{"/a": "x"}}
		open(t, s, nil).String(t.Context(), "/a")
		if s.calls[0] != want {
			t.Errorf("%s: got calls %v, want %s", value, s.calls, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := &service{}
	_, err := open(t, s, nil).String(t.Context(), "/none")
	if _, ok := errors.AsType[*types.ParameterNotFound](err); !ok || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound and the error of the service", err)
	}
	s.err = &types.ThrottlingException{}
	if _, err = open(t, s, nil).Many(t.Context(), "/a", "/b"); !errors.Is(err, params.ErrThrottled) {
		t.Errorf("got %v, want ErrThrottled", err)
	}
}

func TestNoCredentials(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	cache, err := params.New(parameterstore.New(nil, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = cache.String(t.Context(), "/a"); err == nil || !strings.Contains(err.Error(), "make a client") {
		t.Errorf("got %v, want an error that says how to make a client", err)
	}
}
