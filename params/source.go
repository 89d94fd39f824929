package params

import "context"

// Value is the value of a parameter. It prints as [redacted] if Secret is true.
type Value struct {
	Text    string // the value; if it is binary, its bytes
	Version string // the source's name of this version; empty if the source has no versions
	Secret  bool   // the source keeps the value encrypted
}

// Source fetches parameters. Several goroutines call its methods at the same time. A source can
// also implement ManySource, PathSource, PagedSource, PutSource and Fixed.
type Source interface {
	// Fetch returns the current value of a parameter. If the parameter does not exist, is
	// not readable or the service throttles, the error wraps ErrNotFound, ErrAccessDenied or
	// ErrThrottled. The error must not contain the value.
	Fetch(ctx context.Context, name string) (Value, error)
}

// SourceFunc is an adapter that makes a function a Source.
type SourceFunc func(ctx context.Context, name string) (Value, error)

// Fetch calls f.
func (f SourceFunc) Fetch(ctx context.Context, name string) (Value, error) { return f(ctx, name) }

// Result is the value or the error of one parameter.
type Result struct {
	Value Value
	Err   error // like the error of Source.Fetch
}

// ManySource is a Source that fetches several parameters with one call.
type ManySource interface {
	Source

	// FetchMany returns a result for each name. The names are different, and at most 200. A
	// missing result means ErrNotFound. The error applies to every name.
	FetchMany(ctx context.Context, names []string) (map[string]Result, error)
}

// PathSource is a Source that fetches the parameters below a path.
type PathSource interface {
	Source

	// FetchPath returns the parameters below path. The keys are their names relative to path.
	FetchPath(ctx context.Context, path string) (map[string]Value, error)
}

// PagedSource is a PathSource that fetches a path page by page. Options.FetchTimeout then bounds
// each page instead of the whole path.
type PagedSource interface {
	PathSource

	// Pages returns a function. Each call fetches the next page of the parameters below
	// path. The keys are their names relative to path. more is true if another page follows.
	Pages(path string) func(ctx context.Context) (page map[string]Value, more bool, err error)
}

// PutSource is a Source that also writes parameters.
type PutSource interface {
	Source

	// Put writes a value and returns it like Fetch.
	Put(ctx context.Context, name, text string) (Value, error)
}

// Fixed is a Source with its own cache that a request cannot bypass. Fresh and RunWithRotation may
// get an older value from it, and report that to Options.OnError once.
type Fixed interface {
	// CachedElsewhere names the cache and its age, such as "the extension, for up to 300 s".
	CachedElsewhere() string
}
