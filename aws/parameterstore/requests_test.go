package parameterstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// scripted answers as a test says.
type scripted struct {
	service
	get   *ssm.GetParameterOutput
	pages []*ssm.GetParametersByPathOutput
	put   *ssm.PutParameterInput
	paths []*ssm.GetParametersByPathInput
}

func (s *scripted) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return s.get, s.err
}

func (s *scripted) GetParametersByPath(_ context.Context, in *ssm.GetParametersByPathInput, _ ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error) {
	copied := *in
	s.paths = append(s.paths, &copied)
	if len(s.pages) == 0 {
		return nil, s.err
	}
	page := s.pages[0]
	s.pages = s.pages[1:]
	return page, nil
}

func (s *scripted) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	s.put = in
	return &ssm.PutParameterOutput{Version: 4}, s.err
}

func TestFetch_AnAnswerWithoutAParameterIsAnError(t *testing.T) {
	t.Parallel()
	s := &scripted{get: &ssm.GetParameterOutput{}}
	if v, err := parameterstore.New(s, nil).Fetch(t.Context(), "/a"); err == nil || v != (params.Value{}) {
		t.Errorf("got %v, %v, want an error", v, err)
	}
}

func TestFetch_OnlySecureStringsAreSecret(t *testing.T) {
	t.Parallel()
	for kind, want := range map[types.ParameterType]bool{types.ParameterTypeSecureString: true, types.ParameterTypeString: false, types.ParameterTypeStringList: false} {
		s := &scripted{get: &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String("x"), Type: kind, Version: 7}}}
		v, err := parameterstore.New(s, nil).Fetch(t.Context(), "/a")
		if v != (params.Value{Text: "x", Version: "7", Secret: want}) || err != nil {
			t.Errorf("%s: got %#v, %v, want secret %t", kind, v, err, want)
		}
	}
}

func TestPath_Errors(t *testing.T) {
	t.Parallel()
	page := func(token string) *ssm.GetParametersByPathOutput {
		return &ssm.GetParametersByPathOutput{NextToken: &token}
	}
	for name, test := range map[string]struct {
		pages []*ssm.GetParametersByPathOutput
		want  string
		calls int
	}{
		"first page":    {nil, "throttled", 1},
		"second page":   {[]*ssm.GetParametersByPathOutput{page("1")}, "throttled", 2},
		"repeated page": {[]*ssm.GetParametersByPathOutput{page("1"), page("2"), page("2"), page("")}, "repeats a page", 3},
	} {
		s := &scripted{pages: test.pages, service: service{err: fmt.Errorf("throttled: %w", &types.ThrottlingException{})}}
		source := parameterstore.New(s, nil)
		values, err := source.FetchPath(t.Context(), "/p")
		if values != nil || err == nil || !strings.Contains(err.Error(), test.want) || len(s.paths) != test.calls {
			t.Errorf("%s: got %v, %v after %d calls, want %q after %d", name, values, err, len(s.paths), test.want, test.calls)
		}
		if test.want == "throttled" && !errors.Is(err, params.ErrThrottled) {
			t.Errorf("%s: got %v, want ErrThrottled", name, err)
		}
	}
}

// A trailing slash, or none, makes no difference to the names.
func TestPath_NamesAreRelative(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/p", "/p/"} {
		s := &scripted{pages: []*ssm.GetParametersByPathOutput{{Parameters: []types.Parameter{{Name: aws.String("/p/a"), Value: aws.String("1")}}}}}
		values, err := parameterstore.New(s, nil).FetchPath(t.Context(), path)
		if len(values) != 1 || values["a"].Text != "1" || err != nil {
			t.Errorf("%s: got %v, %v, want a", path, values, err)
		}
	}
}

func TestPut_SendsTheOptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    parameterstore.Options
		want ssm.PutParameterInput
	}{
		"default":   {parameterstore.Options{}, ssm.PutParameterInput{Type: types.ParameterTypeString, Overwrite: aws.Bool(false)}},
		"overwrite": {parameterstore.Options{Overwrite: true}, ssm.PutParameterInput{Overwrite: aws.Bool(true)}},
		"own type": {
			parameterstore.Options{Type: types.ParameterTypeSecureString, KMSKeyID: "key", Tier: types.ParameterTierAdvanced, Description: "d"},
			ssm.PutParameterInput{Type: types.ParameterTypeSecureString, Overwrite: aws.Bool(false), KeyId: aws.String("key"), Tier: types.ParameterTierAdvanced, Description: aws.String("d")},
		},
	} {
		s := new(scripted)
		v, err := parameterstore.New(s, &test.o).Put(t.Context(), "/a", "x")
		got := s.put
		if err != nil || v != (params.Value{Text: "x", Version: "4", Secret: test.want.Type != types.ParameterTypeString}) {
			t.Errorf("%s: got %#v, %v", name, v, err)
		}
		if *got.Name != "/a" || *got.Value != "x" || got.Type != test.want.Type || got.Tier != test.want.Tier || *got.Overwrite != *test.want.Overwrite ||
			!equal(got.KeyId, test.want.KeyId) || !equal(got.Description, test.want.Description) {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

func equal(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func TestPut_AnErrorIsOne(t *testing.T) {
	t.Parallel()
	s := &scripted{service: service{err: &types.TooManyUpdates{}}}
	if v, err := parameterstore.New(s, nil).Put(t.Context(), "/a", "x"); v != (params.Value{}) || !errors.Is(err, params.ErrThrottled) {
		t.Errorf("got %#v, %v, want ErrThrottled", v, err)
	}
}

func TestNew_ReportsASettingThatIsWrong(t *testing.T) {
	t.Setenv("POWERTOOLS_PARAMETERS_SSM_DECRYPT", "perhaps")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = write
	parameterstore.New(new(scripted), nil)
	parameterstore.New(new(scripted), &parameterstore.Options{Decrypt: aws.Bool(true)}) // what the program says wins
	os.Stderr = stderr
	write.Close()
	text, _ := io.ReadAll(read)
	if strings.Count(string(text), "POWERTOOLS_PARAMETERS_SSM_DECRYPT") != 1 {
		t.Errorf("got %q on standard error, want one report", text)
	}
}
