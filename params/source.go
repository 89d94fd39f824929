package params

import "context"

// Value is a parameter as its source has it. It prints as [redacted] if it is a secret.
type Value struct {
	Text    string // the value; the bytes of a binary one
	Version string // the source's name of this version; empty if it has none
	Secret  bool   // the source keeps it encrypted
}

// Source is where parameters come from. Its methods are called from several goroutines.
type Source interface {
	// Fetch returns the current value of a parameter. The error wraps ErrNotFound,
	// ErrAccessDenied or ErrThrottled if it has that reason, and never holds the value.
	Fetch(ctx context.Context, name string) (Value, error)
}

// SourceFunc is a function that is a Source.
type SourceFunc func(ctx context.Context, name string) (Value, error)

// Fetch implements Source.
func (f SourceFunc) Fetch(ctx context.Context, name string) (Value, error) { return f(ctx, name) }

// Result is the outcome for one parameter.
type Result struct {
	Value Value
	Err   error // as of Source.Fetch
}

// ManySource is a Source that fetches several parameters in one go.
type ManySource interface {
	Source

	// FetchMany returns a result for each of the names, which are all different, and 200
	// at most. A missing result counts as not found. The error counts for every name.
	FetchMany(ctx context.Context, names []string) (map[string]Result, error)
}

// PathSource is a Source that fetches the parameters below a path.
type PathSource interface {
	Source

	// FetchPath returns the parameters below path, by their names relative to it.
	FetchPath(ctx context.Context, path string) (map[string]Value, error)
}

// PagedSource is a PathSource that fetches a path page by page. A Cache gives each page the
// whole FetchTimeout, so that a path of any size fits.
type PagedSource interface {
	PathSource

	// Pages returns a function that fetches the next page of the parameters below path
	// with each call. The names are relative to path. more says that another page follows.
	Pages(path string) func(ctx context.Context) (page map[string]Value, more bool, err error)
}

// PutSource is a Source that parameters can be written to.
type PutSource interface {
	Source

	// Put writes a value and returns it as Fetch would.
	Put(ctx context.Context, name, text string) (Value, error)
}

// Fixed is implemented by sources whose own cache cannot be asked to fetch again, so that
// Fresh and RunWithRotation may still see an older value: they say so to Options.OnError, once.
type Fixed interface {
	// CachedElsewhere says what caches, and for how long.
	CachedElsewhere() string
}
