package params

import (
	"context"
	"strings"
)

// Map is a [PathSource] of fixed values by name, for tests and for functions that run locally.
type Map map[string]string

var _ PathSource = Map(nil)

// Fetch implements Source.
func (m Map) Fetch(_ context.Context, name string) (Value, error) {
	text, ok := m[name]
	if !ok {
		return Value{}, ErrNotFound
	}
	return Value{Text: text}, nil
}

// FetchPath returns the values whose names are below path.
func (m Map) FetchPath(_ context.Context, path string) (map[string]Value, error) {
	values := make(map[string]Value)
	for name, text := range m {
		if below, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/"); ok {
			values[below] = Value{Text: text}
		}
	}
	return values, nil
}
