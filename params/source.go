package params

import "context"

// Value is a parameter as its source has it. It prints as [redacted] where it is a secret.
type Value struct {
	Text    string // the value; the bytes of a binary one
	Version string // what the source calls this version of it; empty where it has none
	Secret  bool   // the source keeps it encrypted
}

// Source is where parameters come from. Its methods are called from several goroutines.
type Source interface {
	// Fetch returns the current value of a parameter. The error wraps ErrNotFound,
	// ErrAccessDenied or ErrThrottled where it is one of these, and never holds the
	// value.
	Fetch(ctx context.Context, name string) (Value, error)
}

// SourceFunc is a function that is a Source.
type SourceFunc func(ctx context.Context, name string) (Value, error)

// Fetch implements Source.
func (f SourceFunc) Fetch(ctx context.Context, name string) (Value, error) { return f(ctx, name) }

// Result is the outcome for one of several parameters.
type Result struct {
	Value Value
	Err   error // as of Source.Fetch
}

// ManySource is a Source that fetches several parameters in one go.
type ManySource interface {
	Source

	// FetchMany returns a result for each of the names, which are all different. One
	// that is missing counts as not found; the error is for all that are.
	FetchMany(ctx context.Context, names []string) (map[string]Result, error)
}

// PathSource is a Source that fetches what is below a path.
type PathSource interface {
	Source

	// FetchPath returns the parameters below path, by their names relative to it.
	FetchPath(ctx context.Context, path string) (map[string]Value, error)
}

// PutSource is a Source that parameters can be written to.
type PutSource interface {
	Source

	// Put writes a value and returns it as Fetch would.
	Put(ctx context.Context, name, text string) (Value, error)
}

// Fixed is implemented by sources whose own cache cannot be asked to fetch again, so that
// Fresh and Retry may still see an older value: they say so to Options.OnError, once.
type Fixed interface {
	// CachedElsewhere says what caches, and for how long.
	CachedElsewhere() string
}
