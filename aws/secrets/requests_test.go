package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
)

// scripted answers as a test says.
type scripted struct {
	get     *sdk.GetSecretValueOutput
	err     error
	batches []*sdk.BatchGetSecretValueOutput
	tokens  []string
	gets    []string
	put     *sdk.PutSecretValueInput
	putErr  error
	create  *sdk.CreateSecretInput
}

func (s *scripted) GetSecretValue(_ context.Context, in *sdk.GetSecretValueInput, _ ...func(*sdk.Options)) (*sdk.GetSecretValueOutput, error) {
	s.gets = append(s.gets, *in.SecretId)
	return s.get, s.err
}

func (s *scripted) BatchGetSecretValue(_ context.Context, in *sdk.BatchGetSecretValueInput, _ ...func(*sdk.Options)) (*sdk.BatchGetSecretValueOutput, error) {
	s.tokens = append(s.tokens, aws.ToString(in.NextToken))
	if len(s.batches) == 0 {
		return nil, s.err
	}
	out := s.batches[0]
	s.batches = s.batches[1:]
	return out, nil
}

func (s *scripted) PutSecretValue(_ context.Context, in *sdk.PutSecretValueInput, _ ...func(*sdk.Options)) (*sdk.PutSecretValueOutput, error) {
	s.put = in
	return &sdk.PutSecretValueOutput{VersionId: aws.String("v2")}, s.putErr
}

func (s *scripted) CreateSecret(_ context.Context, in *sdk.CreateSecretInput, _ ...func(*sdk.Options)) (*sdk.CreateSecretOutput, error) {
	s.create = in
	return &sdk.CreateSecretOutput{VersionId: aws.String("v1")}, s.err
}

// An empty string is a value as well: the service never sends both.
func TestValue_AStringComesBeforeABinary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		out  sdk.GetSecretValueOutput
		want string
	}{
		"string":       {sdk.GetSecretValueOutput{SecretString: aws.String("s")}, "s"},
		"binary":       {sdk.GetSecretValueOutput{SecretBinary: []byte("b")}, "b"},
		"both":         {sdk.GetSecretValueOutput{SecretString: aws.String("s"), SecretBinary: []byte("b")}, "s"},
		"empty string": {sdk.GetSecretValueOutput{SecretString: aws.String(""), SecretBinary: []byte("b")}, ""},
		"empty binary": {sdk.GetSecretValueOutput{SecretBinary: []byte{}}, ""},
	} {
		test.out.VersionId = aws.String("v1")
		v, err := secrets.New(&scripted{get: &test.out}, nil).Fetch(t.Context(), "a")
		if v != (params.Value{Text: test.want, Version: "v1", Secret: true}) || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, v.Text, err, test.want)
		}
	}
	if v, err := secrets.New(&scripted{get: &sdk.GetSecretValueOutput{}}, nil).Fetch(t.Context(), "a"); err == nil || v != (params.Value{}) {
		t.Errorf("neither: got %v, %v, want an error", v, err)
	}
}

func TestFetch_AnErrorIsOne(t *testing.T) {
	t.Parallel()
	s := &scripted{err: &types.ResourceNotFoundException{}}
	if v, err := secrets.New(s, nil).Fetch(t.Context(), "a"); v != (params.Value{}) || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, %v, want ErrNotFound", v, err)
	}
}

func TestFetchMany_NoBatchAsksOneByOne(t *testing.T) {
	t.Parallel()
	s := &scripted{get: &sdk.GetSecretValueOutput{SecretString: aws.String("s")}}
	results, err := secrets.New(s, &secrets.Options{DisableBatch: true}).FetchMany(t.Context(), []string{"a", "b"})
	if len(results) != 2 || results["b"].Value.Text != "s" || err != nil || !slices.Equal(s.gets, []string{"a", "b"}) {
		t.Errorf("got %v, %v with %q, want two single requests", results, err, s.gets)
	}
}

func TestFetchMany_VersionsAndStagesAreNotForTheBatch(t *testing.T) {
	t.Parallel()
	s := &scripted{get: &sdk.GetSecretValueOutput{SecretString: aws.String("s")}, batches: []*sdk.BatchGetSecretValueOutput{{}}}
	names := []string{secrets.Version("a", "1"), secrets.Stage("b", "AWSPENDING"), "c"}
	secrets.New(s, nil).FetchMany(t.Context(), names)
	if !slices.Equal(s.gets, []string{"a", "b"}) || len(s.tokens) != 1 {
		t.Errorf("got single requests for %q and %d batches, want a, b and one batch", s.gets, len(s.tokens))
	}
}

// entry is an answer for a secret; binary ones have no string.
func entry(name, text string) types.SecretValueEntry {
	return types.SecretValueEntry{Name: &name, ARN: aws.String("arn:aws:secretsmanager:eu-west-1:1:secret:" + name + "-AbCdEf"), SecretString: &text, VersionId: aws.String("v")}
}

func TestFetchMany_Pages(t *testing.T) {
	t.Parallel()
	page := func(token string, entries ...types.SecretValueEntry) *sdk.BatchGetSecretValueOutput {
		return &sdk.BatchGetSecretValueOutput{SecretValues: entries, NextToken: &token}
	}
	for name, test := range map[string]struct {
		pages  []*sdk.BatchGetSecretValueOutput
		tokens string
		values string
		failed string
	}{
		"all":           {[]*sdk.BatchGetSecretValueOutput{page("1", entry("a", "1")), page("", entry("b", "2"))}, "[ 1]", "a=1 b=2 ", ""},
		"second fails":  {[]*sdk.BatchGetSecretValueOutput{page("1", entry("a", "1"))}, "[ 1]", "a=1 ", "b "},
		"repeated page": {[]*sdk.BatchGetSecretValueOutput{page("1", entry("a", "1")), page("1"), page("", entry("b", "2"))}, "[ 1]", "a=1 ", ""},
		"first fails":   {nil, "[]", "", "a b "},
	} {
		s := &scripted{batches: test.pages, err: &smithy.GenericAPIError{Code: "ThrottlingException"}}
		results, err := secrets.New(s, nil).FetchMany(t.Context(), []string{"a", "b"})
		var values, failed string
		for _, n := range []string{"a", "b"} {
			if r, ok := results[n]; ok && r.Err != nil {
				failed += n + " "
			} else if ok {
				values += n + "=" + r.Value.Text + " "
			}
		}
		if failed != "" && !errors.Is(results["b"].Err, params.ErrThrottled) {
			t.Errorf("%s: got %v, want ErrThrottled", name, results["b"].Err)
		}
		if values != test.values || failed != test.failed || fmt.Sprint(s.tokens) != test.tokens || err != nil {
			t.Errorf("%s: got %q, failed %q, tokens %q, %v; want %q, %q, %s", name, values, failed, s.tokens, err, test.values, test.failed, test.tokens)
		}
	}
}

// A secret is found by its name, its ARN, and its ARN without the characters at the end; a
// secret with a longer name is another one.
func TestFetchMany_NamesAndARNs(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:secretsmanager:eu-west-1:1:secret:a"
	for name, want := range map[string]bool{
		"a": true, arn + "-AbCdEf": true, arn: true,
		"a-AbCdEf": false, "arn": false, arn + "-AbCdE": false, arn + "-AbCdEg": false, "arn:aws:secretsmanager:eu-west-1:1:secret": false,
		"arn:aws:secretsmanager:eu-west-1:1:secret:x": false,
	} {
		s := &scripted{batches: []*sdk.BatchGetSecretValueOutput{{SecretValues: []types.SecretValueEntry{entry("a", "1")}}}}
		results, _ := secrets.New(s, nil).FetchMany(t.Context(), []string{name})
		if got := results[name].Value.Text == "1"; got != want {
			t.Errorf("%s: found %t, want %t", name, got, want)
		}
	}
	longer := &scripted{batches: []*sdk.BatchGetSecretValueOutput{{SecretValues: []types.SecretValueEntry{entry("a-longer", "1")}}}}
	if results, _ := secrets.New(longer, nil).FetchMany(t.Context(), []string{arn}); len(results) != 0 {
		t.Errorf("got %v for the ARN of another secret, want nothing", results)
	}
	plain := &scripted{batches: []*sdk.BatchGetSecretValueOutput{{SecretValues: []types.SecretValueEntry{{Name: aws.String("x"), ARN: aws.String("s-AbCdEf"), SecretString: aws.String("1")}}}}}
	if results, _ := secrets.New(plain, nil).FetchMany(t.Context(), []string{"s"}); len(results) != 0 {
		t.Errorf("got %v for a name that is no ARN, want nothing", results)
	}
}

// An error of a name that was not asked for is not a result.
func TestFetchMany_ErrorsOfOtherNames(t *testing.T) {
	t.Parallel()
	s := &scripted{batches: []*sdk.BatchGetSecretValueOutput{{Errors: []types.APIErrorType{{SecretId: aws.String("x"), ErrorCode: aws.String("ResourceNotFoundException")}}}}}
	if results, _ := secrets.New(s, nil).FetchMany(t.Context(), []string{"a"}); len(results) != 0 {
		t.Errorf("got %v, want nothing", results)
	}
}

func TestPut_OneVersionCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{secrets.Version("a", "1"), secrets.Stage("a", "AWSPREVIOUS")} {
		s := new(scripted)
		if _, err := secrets.New(s, nil).Put(t.Context(), name, "x"); err == nil || s.put != nil {
			t.Errorf("%s: got %v, want an error and no request", name, err)
		}
	}
}

func TestPut_TextAndBinary(t *testing.T) {
	t.Parallel()
	for binary, want := range map[bool]string{false: "text", true: "binary"} {
		s := new(scripted)
		v, err := secrets.New(s, &secrets.Options{Binary: binary}).Put(t.Context(), "a", "x")
		if v != (params.Value{Text: "x", Version: "v2", Secret: true}) || err != nil {
			t.Errorf("%s: got %#v, %v", want, v, err)
		}
		got := "text"
		if s.put.SecretString == nil && string(s.put.SecretBinary) == "x" {
			got = "binary"
		}
		if got != want || s.create != nil {
			t.Errorf("got %s and %v, want %s and no new secret", got, s.create, want)
		}
	}
}

func TestPut_CreatesASecretWithTheOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]secrets.Options{"none": {}, "all": {KMSKeyID: "key", Description: "d", Binary: true}} {
		s := &scripted{putErr: &types.ResourceNotFoundException{}}
		v, err := secrets.New(s, &o).Put(t.Context(), "a", "x")
		if v != (params.Value{Text: "x", Version: "v1", Secret: true}) || err != nil {
			t.Errorf("%s: got %#v, %v", name, v, err)
		}
		if aws.ToString(s.create.KmsKeyId) != o.KMSKeyID || (s.create.KmsKeyId != nil) != (o.KMSKeyID != "") ||
			aws.ToString(s.create.Description) != o.Description || (s.create.Description != nil) != (o.Description != "") ||
			(string(s.create.SecretBinary) == "x") != o.Binary || (aws.ToString(s.create.SecretString) == "x") == o.Binary {
			t.Errorf("%s: got %+v", name, s.create)
		}
	}
}

func TestPut_Errors(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	for name, s := range map[string]*scripted{"put": {putErr: denied}, "create": {putErr: &types.ResourceNotFoundException{}, err: denied}} {
		v, err := secrets.New(s, nil).Put(t.Context(), "a", "x")
		if v != (params.Value{}) || !errors.Is(err, denied) || (s.create != nil) != (name == "create") {
			t.Errorf("%s: got %#v, %v, %v, want the error", name, v, err, s.create)
		}
	}
}
