package params_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/lambdakit/lambdakit/params"
)

// A test gives the cache fixed values.
func ExampleMap() {
	cache, err := params.New(params.Map{"/shop/currency": "EUR"}, nil)
	if err != nil {
		fmt.Println(err)
	}
	currency, err := cache.String(context.Background(), "/shop/currency")
	fmt.Println(currency, err)
	// Output: EUR <nil>
}

func TestMap_Names(t *testing.T) {
	t.Parallel()
	cache := newCache(t, params.Map{"/shop/a": "", "/shop/b/c": "2"}, nil)
	if got, err := cache.String(t.Context(), "/shop/a"); got != "" || err != nil {
		t.Errorf("got %q, %v, want the empty text", got, err)
	}
	if got, err := cache.String(t.Context(), "/shop/c"); !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %q, %v, want ErrNotFound", got, err)
	}
}

func TestMap_Paths(t *testing.T) {
	t.Parallel()
	cache := newCache(t, params.Map{"/shop/a": "1", "/shop/b/c": "2", "/shopping": "3", "/shop": "4"}, nil)
	for path, want := range map[string]map[string]string{
		"/shop": {"a": "1", "b/c": "2"}, "/shop/": {"a": "1", "b/c": "2"}, "/shop/b": {"c": "2"}, "/other": {},
	} {
		if got, err := cache.Path(t.Context(), path); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", path, got, err, want)
		}
	}
}
