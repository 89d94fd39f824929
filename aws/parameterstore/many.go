package parameterstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/params"
)

// maxNames is the most that GetParameters takes. (SSM, GetParameters)
const maxNames = 10

// FetchMany implements params.ManySource. If a call fails, the error counts for its names
// alone.
func (s *Source) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	results := make(map[string]params.Result, len(names))
	for some := range slices.Chunk(names, maxNames) {
		s.fetchSome(ctx, some, results)
	}
	return results, nil
}

func (s *Source) fetchSome(ctx context.Context, names []string, results map[string]params.Result) {
	out, err := s.client().GetParameters(ctx, &ssm.GetParametersInput{Names: names, WithDecryption: &s.decrypt})
	if err != nil {
		err = kind.Of(err)
		for _, name := range names {
			results[name] = params.Result{Err: err}
		}
		return
	}
	for _, name := range out.InvalidParameters {
		if slices.Contains(names, name) {
			results[name] = params.Result{Err: fmt.Errorf("parameter %q: %w", name, params.ErrNotFound)}
		}
	}
	// Parameters come in any order. Those with a Selector are the version or label of one name.
	for _, p := range out.Parameters {
		for _, id := range ids(p) {
			if _, selector := split(id); selector != "" && slices.Contains(names, id) {
				results[id] = params.Result{Value: value(p)}
			}
		}
	}
	// Some servers leave the Selector out, so that a parameter may be for several names.
	for _, p := range out.Parameters {
		open := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			base, _ := split(name)
			_, known := results[name]
			return known || !slices.Contains(ids(p), base)
		})
		unclear := slices.ContainsFunc(open, func(name string) bool { _, selector := split(name); return selector != "" })
		for _, name := range open {
			v, err := value(p), error(nil)
			if unclear {
				v, err = s.Fetch(ctx, name)
			}
			results[name] = params.Result{Value: v, Err: err}
		}
	}
}

// ids returns the name and the ARN of a parameter, each with its version or label, if any.
func ids(p types.Parameter) []string {
	selector := strings.TrimPrefix(aws.ToString(p.Selector), ":")
	if selector != "" {
		selector = ":" + selector
	}
	return []string{aws.ToString(p.Name) + selector, aws.ToString(p.ARN) + selector}
}

// split takes the version or label off a name. The colons of an ARN are not part of it.
func split(name string) (base, selector string) {
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.HasPrefix(name, "arn:") && strings.Count(name, ":") < 6 {
		return name, ""
	}
	return name[:i], name[i+1:]
}
