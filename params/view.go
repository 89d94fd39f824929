package params

import (
	"context"
	"time"

	"github.com/lambdakit/lambdakit"
)

// Getter is a *Cache or a View. Functions such as [JSON] and [Load] take either.
type Getter interface {
	String(ctx context.Context, name string) (string, error)
	Bytes(ctx context.Context, name string) ([]byte, error)
	Secret(ctx context.Context, name string) (lambdakit.Secret, error)
	Value(ctx context.Context, name string) (Value, error)
	Int(ctx context.Context, name string) (int, error)
	Float(ctx context.Context, name string) (float64, error)
	Bool(ctx context.Context, name string) (bool, error)
	Duration(ctx context.Context, name string) (time.Duration, error)
	Base64(ctx context.Context, name string) ([]byte, error)
	view() View
}

// View is a Cache with another rule for the age of values. Get one from [Cache.WithMaxAge] or
// [Cache.Fresh].
type View struct {
	cache   *Cache
	age     time.Duration // 0: Options.MaxAge of the Cache
	fresh   bool
	refresh bool // fetch although the cached value is acceptable
}

func (c *Cache) view() View { return View{cache: c} }
func (v View) view() View   { return v }

// WithMaxAge returns a View whose calls accept values up to that age. They fetch older values,
// even if the Cache would still serve them. If the fetch fails or takes longer than StaleWait,
// they get the stale value, like calls of the Cache. An age of 0 or less is the same as Fresh.
func (c *Cache) WithMaxAge(age time.Duration) View {
	if age <= 0 {
		return c.Fresh()
	}
	return View{cache: c, age: age}
}

// Fresh returns a View whose calls always fetch. Calls at the same time share one fetch. They
// wait until their contexts are done, fail if the fetch fails, and never get a stale value.
// A source with its own cache may still return an older value: see [Fixed].
func (c *Cache) Fresh() View { return View{cache: c, fresh: true} }
