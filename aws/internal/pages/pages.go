// Package pages collects the pages of a path.
package pages

import (
	"context"
	"maps"

	"github.com/lambdakit/lambdakit/params"
)

// All returns the values of all pages. next is a function that params.PagedSource.Pages returned.
func All(ctx context.Context, next func(context.Context) (map[string]params.Value, bool, error)) (map[string]params.Value, error) {
	values := make(map[string]params.Value)
	for {
		page, more, err := next(ctx)
		if err != nil {
			return nil, err
		}
		maps.Copy(values, page)
		if !more {
			return values, nil
		}
	}
}
