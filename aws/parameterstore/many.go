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
	"github.com/lambdakit/lambdakit/internal/ssmname"
	"github.com/lambdakit/lambdakit/params"
)

// maxNames is the most names in one request. (SSM, GetParameters)
const maxNames = 10

// FetchMany implements params.ManySource. If one of its requests fails, the error applies to the
// names of that request.
func (s *Source) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	results := make(map[string]params.Result, len(names))
	for batch := range slices.Chunk(names, maxNames) {
		s.fetchBatch(ctx, batch, results)
	}
	return results, nil
}

// fetchBatch adds the results of one request.
func (s *Source) fetchBatch(ctx context.Context, names []string, results map[string]params.Result) {
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
	// Parameters come in any order. A Selector is the version or label in a name.
	for _, p := range out.Parameters {
		for _, id := range ids(p) {
			if _, selector := ssmname.Split(id); selector != "" && slices.Contains(names, id) {
				results[id] = params.Result{Value: value(p)}
			}
		}
	}
	// Some servers omit the Selector. Then a parameter matches several names.
	for _, p := range out.Parameters {
		unmatched := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			base, _ := ssmname.Split(name)
			_, known := results[name]
			return known || !slices.Contains(ids(p), base)
		})
		ambiguous := slices.ContainsFunc(unmatched, func(name string) bool { _, selector := ssmname.Split(name); return selector != "" })
		for _, name := range unmatched {
			v, err := value(p), error(nil)
			if ambiguous {
				v, err = s.Fetch(ctx, name)
			}
			results[name] = params.Result{Value: v, Err: err}
		}
	}
}

// ids returns the name and the ARN of a parameter, each with its version or label if it has one.
func ids(p types.Parameter) []string {
	selector := strings.TrimPrefix(aws.ToString(p.Selector), ":")
	if selector != "" {
		selector = ":" + selector
	}
	return []string{aws.ToString(p.Name) + selector, aws.ToString(p.ARN) + selector}
}
