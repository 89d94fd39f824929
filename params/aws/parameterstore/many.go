package parameterstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/aws/internal/kind"
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
	m := matcher{asked: names, results: results}
	m.invalid(out.InvalidParameters, true)
	for _, name := range m.match(out.Parameters) {
		v, err := s.Fetch(ctx, name)
		results[name] = params.Result{Value: v, Err: err}
	}
	m.invalid(out.InvalidParameters, false)
}

// matcher finds the name that each parameter of an answer was asked for by. Parameters come
// in any order, and some servers leave out the Selector.
type matcher struct {
	asked   []string
	results map[string]params.Result
}

// open returns the names of a parameter that have no result.
func (m *matcher) open(p types.Parameter) []string {
	return slices.DeleteFunc(slices.Clone(m.asked), func(name string) bool {
		base, _ := split(name)
		_, known := m.results[name]
		return known || base != aws.ToString(p.Name) && base != aws.ToString(p.ARN)
	})
}

// invalid notes names that do not exist, with or without a version or label.
func (m *matcher) invalid(names []string, selected bool) {
	for _, name := range names {
		_, selector := split(name)
		_, known := m.results[name]
		if !known && (selector != "") == selected && slices.Contains(m.asked, name) {
			m.results[name] = params.Result{Err: fmt.Errorf("parameter %q: %w", name, params.ErrNotFound)}
		}
	}
}

// match notes the values of parameters. It returns the names that may belong to several.
func (m *matcher) match(all []types.Parameter) (unclear []string) {
	all = slices.DeleteFunc(slices.Clone(all), func(p types.Parameter) bool {
		selector := strings.TrimPrefix(aws.ToString(p.Selector), ":")
		found := false
		for _, name := range m.asked {
			if base, s := split(name); name == aws.ToString(p.Name) && s != "" ||
				s == selector && s != "" && (base == aws.ToString(p.Name) || base == aws.ToString(p.ARN)) {
				m.results[name] = params.Result{Value: value(p)}
				found = true
			}
		}
		return found || selector != ""
	})
	for len(all) > 0 {
		names := m.open(all[0])
		var same []types.Parameter
		same, all = divide(all, func(p types.Parameter) bool { return slices.Equal(m.open(p), names) })
		unclear = append(unclear, m.matchOne(names, same)...)
	}
	return unclear
}

// matchOne is match for one parameter, of which there are several versions.
func (m *matcher) matchOne(names []string, versions []types.Parameter) (unclear []string) {
	names = slices.DeleteFunc(names, func(name string) bool {
		_, selector := split(name)
		i := slices.IndexFunc(versions, func(p types.Parameter) bool { return selector == strconv.FormatInt(p.Version, 10) })
		if i >= 0 {
			m.results[name] = params.Result{Value: value(versions[i])}
			versions = slices.Delete(versions, i, i+1)
		}
		return i >= 0
	})
	plain, selected := divide(names, func(name string) bool { _, selector := split(name); return selector == "" })
	one := len(versions) > 0 && !slices.ContainsFunc(versions, func(p types.Parameter) bool { return p.Version != versions[0].Version })
	switch {
	case one && len(selected) == 0:
	case one && len(plain) == 0 && len(selected) == 1 && !isVersion(selected[0]):
	default:
		return names
	}
	for _, name := range names {
		m.results[name] = params.Result{Value: value(versions[0])}
	}
	return nil
}

// split takes the version or label off a name. The colons of an ARN are not part of it.
func split(name string) (base, selector string) {
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.HasPrefix(name, "arn:") && strings.Count(name, ":") < 6 {
		return name, ""
	}
	return name[:i], name[i+1:]
}

func isVersion(name string) bool {
	_, selector := split(name)
	_, err := strconv.ParseUint(selector, 10, 63)
	return err == nil
}

func divide[T any](list []T, in func(T) bool) (yes, no []T) {
	for _, v := range list {
		if in(v) {
			yes = append(yes, v)
		} else {
			no = append(no, v)
		}
	}
	return yes, no
}
