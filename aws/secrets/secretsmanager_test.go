package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
)

// service stands in for Secrets Manager.
type service struct {
	values map[string]string
	calls  []string
}

func (s *service) GetSecretValue(_ context.Context, in *sdk.GetSecretValueInput, _ ...func(*sdk.Options)) (*sdk.GetSecretValueOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("get ", *in.SecretId, " ", aws.ToString(in.VersionId), aws.ToString(in.VersionStage)))
	value, ok := s.values[*in.SecretId]
	switch {
	case !ok:
		return nil, &types.ResourceNotFoundException{}
	case *in.SecretId == "binary":
		return &sdk.GetSecretValueOutput{SecretBinary: []byte{0, 255}}, nil
	}
	return &sdk.GetSecretValueOutput{SecretString: &value, VersionId: aws.String("v1")}, nil
}

func (s *service) BatchGetSecretValue(_ context.Context, in *sdk.BatchGetSecretValueInput, _ ...func(*sdk.Options)) (*sdk.BatchGetSecretValueOutput, error) {
	s.calls = append(s.calls, fmt.Sprint("batch ", len(in.SecretIdList)))
	out := new(sdk.BatchGetSecretValueOutput)
	for _, id := range slices.Backward(in.SecretIdList) {
		value, ok := s.values[id]
		switch {
		case id == "denied":
			out.Errors = append(out.Errors, types.APIErrorType{SecretId: &id, ErrorCode: aws.String("AccessDeniedException")})
		case !ok:
			out.Errors = append(out.Errors, types.APIErrorType{SecretId: &id, ErrorCode: aws.String("ResourceNotFoundException")})
		default:
			out.SecretValues = append(out.SecretValues, types.SecretValueEntry{Name: &id, ARN: aws.String("arn:aws:secretsmanager:::secret:" + id + "-AbCdEf"), SecretString: &value})
		}
	}
	return out, nil
}

func (s *service) PutSecretValue(_ context.Context, in *sdk.PutSecretValueInput, _ ...func(*sdk.Options)) (*sdk.PutSecretValueOutput, error) {
	s.calls = append(s.calls, "put "+*in.SecretId)
	if _, ok := s.values[*in.SecretId]; !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	s.values[*in.SecretId] = *in.SecretString
	return &sdk.PutSecretValueOutput{VersionId: aws.String("v2")}, nil
}

func (s *service) CreateSecret(_ context.Context, in *sdk.CreateSecretInput, _ ...func(*sdk.Options)) (*sdk.CreateSecretOutput, error) {
	s.calls = append(s.calls, "create "+*in.Name)
	s.values[*in.Name] = *in.SecretString
	return &sdk.CreateSecretOutput{VersionId: aws.String("v1")}, nil
}

func open(t *testing.T, s *service) *params.Cache {
	t.Helper()
	cache, err := params.New(secrets.New(s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func TestVersionsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{"a": "x"}}
	cache := open(t, s)
	for range 2 {
		for _, name := range []string{"a", secrets.Stage("a", "AWSPREVIOUS"), secrets.Version("a", "v1")} {
			if v, err := cache.Value(t.Context(), name); err != nil || v.Text != "x" || fmt.Sprint(v) != "[redacted]" {
				t.Errorf("%s: got %v, %v, want x, redacted", name, v, err)
			}
		}
	}
	if !slices.Equal(s.calls, []string{"get a ", "get a AWSPREVIOUS", "get a v1"}) {
		t.Errorf("got calls %q, want the current version, a stage and a version", s.calls)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{"old": "o"}}
	names := []string{"denied", "none", secrets.Stage("old", "AWSPREVIOUS")}
	for i := range 30 {
		name := fmt.Sprint("s", i)
		s.values[name] = fmt.Sprint(i)
		names = append(names, name)
	}
	got, err := open(t, s).Many(t.Context(), names...)
	if len(got) != 31 || got["s17"] != "17" || !slices.Equal(s.calls, []string{"get old AWSPREVIOUS", "batch 20", "batch 12"}) {
		t.Errorf("%v, %v", got, s.calls)
	}
	if !errors.Is(err, params.ErrNotFound) || !errors.Is(err, params.ErrAccessDenied) || !strings.Contains(err.Error(), `"none"`) {
		t.Errorf("got %v, want ErrNotFound and ErrAccessDenied with the name", err)
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	b, err := open(t, &service{values: map[string]string{"binary": ""}}).Bytes(t.Context(), "binary")
	if err != nil || !slices.Equal(b, []byte{0, 255}) {
		t.Errorf("got %v, %v, want the bytes 0 and 255", b, err)
	}
}

func TestPutCreatesWhatThereIsNot(t *testing.T) {
	t.Parallel()
	s := &service{values: map[string]string{"a": "1"}}
	cache := open(t, s)
	for _, name := range []string{"a", "new"} {
		if err := cache.Put(t.Context(), name, "2"); err != nil {
			t.Error(err)
		}
		if v, err := cache.String(t.Context(), name); v != "2" || err != nil {
			t.Errorf("got %q, %v, want 2", v, err)
		}
	}
	if !slices.Equal(s.calls, []string{"put a", "put new", "create new"}) {
		t.Errorf("got calls %v, want put a, put new, create new", s.calls)
	}
}
