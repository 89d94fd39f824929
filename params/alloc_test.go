package params_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

type plain struct {
	A int
	B string
	C [2]float64
	D time.Time
	E lambdakit.Secret
	F netip.Addr
}

// What is cached costs no memory; the package comment says so.
func TestAHitAllocatesNothing(t *testing.T) {
	f := newFake("a", "1", "d", "1s", "addr", "10.0.0.1", "json", `{"E":"x","F":"::1","A":1,"B":"x","C":[1,2],"D":"2020-01-01T00:00:00Z"}`)
	cache := open(t, f, &params.Options{RefreshAhead: time.Second})
	own := params.NewDecoder("text", func(text []byte) (plain, error) { return plain{B: string(text)}, nil })
	ctx := t.Context()
	for name, get := range map[string]func() error{
		"String":        func() error { _, err := cache.String(ctx, "a"); return err },
		"WithMaxAge":    func() error { _, err := cache.WithMaxAge(time.Hour).String(ctx, "a"); return err },
		"Secret":        func() error { _, err := cache.Secret(ctx, "a"); return err },
		"Value":         func() error { _, err := cache.Value(ctx, "a"); return err },
		"Int":           func() error { _, err := cache.Int(ctx, "a"); return err },
		"Duration":      func() error { _, err := cache.Duration(ctx, "d"); return err },
		"Bool":          func() error { _, err := cache.Bool(ctx, "a"); return err },
		"JSON":          func() error { _, err := params.JSON[plain](ctx, cache, "json"); return err },
		"Decoder":       func() error { _, err := own.Get(ctx, cache, "a"); return err },
		"UnmarshalText": func() error { _, err := params.UnmarshalText[netip.Addr](ctx, cache, "addr"); return err },
		"none": func() error {
			if _, err := cache.String(ctx, "none"); !errors.Is(err, params.ErrNotFound) {
				return err
			}
			return nil
		},
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := get(); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
	}
}
