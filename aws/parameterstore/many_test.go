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

// versioned is a Parameter Store with three versions of /a, the second of which has the
// labels old and older, and one of /b.
type versioned struct {
	service
	change func(*types.Parameter) // in answers for many
	dedupe bool                   // a version comes once, however often it was asked for
	first  bool                   // the answer is in the order of the versions
	single []string
}

const arnA = "arn:aws:ssm:eu-west-1:123456789012:parameter/a"

func (s *versioned) find(name string) (types.Parameter, bool) {
	base, selector := name, ""
	if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.HasSuffix(name, "parameter/a") {
		base, selector = name[:i], name[i:]
	}
	n, ok := map[string]int64{"": 3, ":1": 1, ":2": 2, ":3": 3, ":old": 2, ":older": 2}[selector]
	arn := base
	switch base {
	case "/a", arnA:
		base, arn = "/a", arnA
	case "/b":
		n = 1
	default:
		ok = false
	}
	return types.Parameter{Name: &base, ARN: &arn, Version: n, Value: aws.String(fmt.Sprint(base, " ", n)), Selector: aws.String(selector)}, ok
}

func (s *versioned) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	s.single = append(s.single, *in.Name)
	p, ok := s.find(*in.Name)
	if !ok {
		return nil, &types.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &p}, nil
}

func (s *versioned) GetParameters(_ context.Context, in *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	out := new(ssm.GetParametersOutput)
	for _, name := range in.Names {
		p, ok := s.find(name)
		if !ok {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		if s.change != nil {
			s.change(&p)
		}
		if !s.dedupe || !slices.ContainsFunc(out.Parameters, func(o types.Parameter) bool { return *o.Name == *p.Name && o.Version == p.Version }) {
			out.Parameters = append(out.Parameters, p)
		}
	}
	slices.SortStableFunc(out.Parameters, func(a, b types.Parameter) int {
		if s.first {
			return int(a.Version - b.Version)
		}
		return int(b.Version - a.Version)
	})
	return out, nil
}

func TestMany_VersionsAndLabels(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"/a": "/a 3", "/a:1": "/a 1", "/a:2": "/a 2", "/a:3": "/a 3", "/a:old": "/a 2", "/a:older": "/a 2", "/b": "/b 1", "/b:1": "/b 1",
		arnA: "/a 3", arnA + ":1": "/a 1", arnA + ":old": "/a 2",
	}
	for _, names := range []string{
		"/a /b", "/a:1 /b", "/a:old /b", "/a:1 /a:2 /a:3", "/a /a:1", "/a:3 /a", "/a /a:1 /a:2 /b", "/a:old /a:1", "/a /a:old", "/a:old /a:older",
		"/a:2 /a:old /a:older", "/a /a:old /b", arnA + " /b", arnA + " /a", arnA + ":1 /a", arnA + ":old /b", arnA + ":1 " + arnA,
		"/a /a:9", "/a:9 /a:1", "/a:old /a:none", "/none /a:1", "/none:1 /none", "/a:1 /b:1", "/a /b /none",
	} {
		for server, change := range map[string]func(*types.Parameter){
			"complete":         nil,
			"no Selector":      func(p *types.Parameter) { p.Selector = nil },
			"empty Selector":   func(p *types.Parameter) { p.Selector = aws.String("") },
			"no colon":         func(p *types.Parameter) { p.Selector = aws.String(strings.TrimPrefix(*p.Selector, ":")) },
			"Selector in Name": func(p *types.Parameter) { p.Name, p.Selector = aws.String(*p.Name+*p.Selector), nil },
			"no ARN":           func(p *types.Parameter) { p.ARN, p.Selector = nil, nil },
		} {
			for _, first := range []bool{false, true} {
				for _, dedupe := range []bool{false, true} {
					name := fmt.Sprint(names, ", ", server, first, dedupe)
					if (server == "no ARN" || server == "Selector in Name") && strings.Contains(names, "arn:") || dedupe && (server == "complete" || server == "no colon" || server == "Selector in Name") {
						continue
					}
					s := &versioned{change: change, dedupe: dedupe, first: first}
					cache, err := params.New(parameterstore.New(s, nil), nil)
					if err != nil {
						t.Fatal(err)
					}
					asked := strings.Fields(names)
					got, err := cache.Many(t.Context(), asked...)
					for _, n := range asked {
						if got[n] != values[n] {
							t.Errorf("%s: got %q for %s, want %q", name, got[n], n, values[n])
						}
						if values[n] == "" && (!errors.Is(err, params.ErrNotFound) || !strings.Contains(err.Error(), fmt.Sprintf("%q", n))) {
							t.Errorf("%s: got %v, want %s not found", name, err, n)
						}
					}
					complete := server == "complete" || server == "no colon" || server == "Selector in Name"
					if (complete || !strings.Contains(strings.TrimPrefix(names, "arn:"), ":")) && len(s.single) > 0 {
						t.Errorf("%s: got %q fetched one by one, want none", name, s.single)
					}
				}
			}
		}
	}
}

// A parameter that was not asked for changes nothing.
func TestMany_AnswersOfOtherNames(t *testing.T) {
	t.Parallel()
	s := &versioned{change: func(p *types.Parameter) { p.Name, p.ARN, p.Selector = aws.String("/other"), nil, nil }}
	cache, err := params.New(parameterstore.New(s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cache.Many(t.Context(), "/a", "/b"); len(got) != 0 || !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
}

// answer is what a server says of names, whatever they are.
type answer struct {
	service
	out    ssm.GetParametersOutput
	single []string
}

func (s *answer) GetParameters(context.Context, *ssm.GetParametersInput, ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	return &s.out, nil
}

func (s *answer) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	s.single = append(s.single, *in.Name)
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String("single")}}, nil
}

func version(n int64, selector string) types.Parameter {
	return types.Parameter{Name: aws.String("/a"), Version: n, Value: aws.String(fmt.Sprint("v", n)), Selector: aws.String(selector)}
}

// If an answer does not tell which name a parameter is for, the name is fetched by itself.
func TestFetchMany_UnclearAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		names      string
		parameters []types.Parameter
		invalid    string
		want       string // the results, by name
	}{
		{"/a", []types.Parameter{version(3, "")}, "", "/a=v3"},
		{"/a", []types.Parameter{version(3, ":3")}, "", ""},
		{"/a /a:old", []types.Parameter{version(3, "")}, "", "/a=single /a:old=single"},
		{"/a /a:old", []types.Parameter{version(3, ""), version(2, "")}, "", "/a=single /a:old=single"},
		{"/a /a:old", []types.Parameter{version(3, ""), version(2, ":old")}, "", "/a=v3 /a:old=v2"},
		{"/a:old", []types.Parameter{version(2, "")}, "", "/a:old=single"},
		{"/a:1", []types.Parameter{version(1, ":1"), version(3, "")}, "", "/a:1=v1"},
		{"/a:1", []types.Parameter{version(1, "1")}, "", "/a:1=v1"},
		{"/a /b", []types.Parameter{version(3, "")}, "/b", "/a=v3 /b=!"},
		{"/a /a:9", []types.Parameter{version(3, "")}, "/a:9", "/a=v3 /a:9=!"},
		{"/a", []types.Parameter{version(3, "")}, "/x /x:1", "/a=v3"},
		{"/a:1", []types.Parameter{version(1, ":1")}, "/x:1", "/a:1=v1"},
		{"/b", []types.Parameter{version(3, ""), version(1, ":1")}, "", ""},
	} {
		s := &answer{out: ssm.GetParametersOutput{Parameters: test.parameters, InvalidParameters: strings.Fields(test.invalid)}}
		names := strings.Fields(test.names)
		results, err := parameterstore.New(s, nil).FetchMany(t.Context(), names)
		var got []string
		for _, name := range names {
			r, ok := results[name]
			switch {
			case !ok:
			case errors.Is(r.Err, params.ErrNotFound) && strings.Contains(r.Err.Error(), name):
				got = append(got, name+"=!")
			default:
				got = append(got, name+"="+r.Value.Text)
			}
		}
		fetched := strings.Count(test.want, "single")
		if strings.Join(got, " ") != test.want || err != nil || len(s.single) != fetched {
			t.Errorf("%s, invalid %q: got %q, %v, want %s", names, test.invalid, got, err, test.want)
		}
	}
}
