package params

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/report"
)

// Cache caches the parameters of a Source. Make one with [New]; its methods may be called
// from several goroutines.
type Cache struct {
	source  Source
	o       Options
	report  *report.Reporter
	entries atomic.Pointer[map[string]*entry] // replaced, not changed

	bytes  atomic.Int64 // of their values
	silent atomic.Int64 // fetches in a row that took longer than callers wait

	mu sync.Mutex // guards replacing entries
}

// New returns a Cache for source. It fails if o or the environment is wrong.
func New(source Source, o *Options) (*Cache, error) {
	if source == nil {
		return nil, errors.New("params: no source")
	}
	s := &Cache{source: source}
	if o != nil {
		s.o = *o
	}
	if s.o.MaxAge == 0 {
		age, err := maxAgeFromEnv()
		if err != nil {
			return nil, err
		}
		s.o.MaxAge = age
	}
	s.o.RefreshAhead = max(s.o.RefreshAhead, 0)
	s.o.MaxStale = cmp.Or(s.o.MaxStale, defaultMaxStale)
	s.o.NotFoundAge = cmp.Or(s.o.NotFoundAge, defaultNotFoundAge)
	s.o.StaleWait = cmp.Or(s.o.StaleWait, defaultStaleWait)
	s.o.FetchTimeout = cmp.Or(s.o.FetchTimeout, defaultFetchTimeout)
	s.o.MaxEntries = cmp.Or(s.o.MaxEntries, defaultMaxEntries)
	s.o.MaxBytes = cmp.Or(s.o.MaxBytes, defaultMaxBytes)
	for name, n := range map[string]int{"MaxEntries": s.o.MaxEntries, "MaxBytes": s.o.MaxBytes, "FetchTimeout": int(s.o.FetchTimeout)} {
		if n < 0 {
			return nil, fmt.Errorf("params: %s is negative", name)
		}
	}
	if shortest := s.o.MaxAge - s.o.MaxAge/10; s.o.MaxAge > 0 && s.o.RefreshAhead >= shortest {
		return nil, fmt.Errorf("params: RefreshAhead is %v, so that every call would fetch; it has to be less than nine tenths of MaxAge, which are %v", s.o.RefreshAhead, shortest)
	}
	s.report = report.New(s.o.OnError)
	s.entries.Store(new(map[string]*entry))
	return s, nil
}

func maxAgeFromEnv() (time.Duration, error) {
	const name = "POWERTOOLS_PARAMETERS_MAX_AGE"
	text := strings.TrimSpace(os.Getenv(name))
	if text == "" {
		return defaultMaxAge, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > int(maxAge/time.Second) {
		return 0, fmt.Errorf("params: %s=%q is not a number of seconds", name, text)
	}
	if seconds == 0 {
		return -1, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

const maxAge = 365 * 24 * time.Hour

// now returns the wall clock in nanoseconds since 1970.
func (s *Cache) now() int64 {
	if s.o.Now != nil {
		return s.o.Now().UnixNano()
	}
	return time.Now().UnixNano()
}

// Getter is a *Cache or a View of one.
type Getter interface {
	Text(ctx context.Context, name string) (string, error)
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

// View is a Cache asked in a particular way.
type View struct {
	store *Cache
	age   time.Duration // 0: the Cache's own
	fresh bool
	ahead bool // fetch although what there is will do
}

func (s *Cache) view() View { return View{store: s} }
func (v View) view() View   { return v }

// WithMaxAge returns a View whose calls accept values up to that age, and fetch those that are
// older, also if the Cache would serve them. If the fetch fails or takes longer than
// StaleWait, they get an older value, as calls of the Cache do. Not positive: as Fresh.
func (s *Cache) WithMaxAge(age time.Duration) View {
	if age <= 0 {
		return s.Fresh()
	}
	return View{store: s, age: age}
}

// Fresh returns a View whose calls fetch, once for all that ask at the same time. They wait
// for as long as their contexts last, and fail if the fetch fails: they never get an older
// value. Sources with their own cache may still return one.
func (s *Cache) Fresh() View { return View{store: s, fresh: true} }

// Text returns the value of a parameter.
func (s *Cache) Text(ctx context.Context, name string) (string, error) {
	if c := s.hit(name); c != nil {
		return c.value.Text, nil
	}
	return s.view().Text(ctx, name)
}

// Text returns the value of a parameter.
func (v View) Text(ctx context.Context, name string) (string, error) {
	c, err := v.content(ctx, name)
	if err != nil {
		return "", err
	}
	return c.value.Text, nil
}

// Bytes returns a copy of the value of a parameter.
func (s *Cache) Bytes(ctx context.Context, name string) ([]byte, error) {
	return s.view().Bytes(ctx, name)
}

// Bytes returns a copy of the value of a parameter.
func (v View) Bytes(ctx context.Context, name string) ([]byte, error) {
	text, err := v.Text(ctx, name)
	return []byte(text), err
}

// Secret returns the value of a parameter as one that prints as [redacted].
func (s *Cache) Secret(ctx context.Context, name string) (lambdakit.Secret, error) {
	return s.view().Secret(ctx, name)
}

// Secret returns the value of a parameter as one that prints as [redacted].
func (v View) Secret(ctx context.Context, name string) (lambdakit.Secret, error) {
	c, err := v.content(ctx, name)
	if err != nil {
		return lambdakit.Secret{}, err
	}
	return c.secretOf(), nil
}

// Value returns a parameter with its version.
func (s *Cache) Value(ctx context.Context, name string) (Value, error) {
	return s.view().Value(ctx, name)
}

// Value returns a parameter with its version.
func (v View) Value(ctx context.Context, name string) (Value, error) {
	c, err := v.content(ctx, name)
	if err != nil {
		return Value{}, err
	}
	return c.value, nil
}

// Forget drops the cached values of the named parameters and paths, or of all if none is
// named.
func (s *Cache) Forget(names ...string) {
	if len(names) == 0 {
		s.replace(func(m map[string]*entry) { clear(m) })
		return
	}
	s.replace(func(m map[string]*entry) {
		for _, name := range names {
			delete(m, name)
			delete(m, pathKey(name))
		}
	})
}

// Put writes a parameter and keeps the new value. The error is ErrUnsupported if the source
// cannot be written to.
func (s *Cache) Put(ctx context.Context, name, text string) error {
	if err := checkName(name); err != nil {
		return err
	}
	p, ok := s.source.(PutSource)
	if !ok {
		return fmt.Errorf("params: put %q: %w", name, ErrUnsupported)
	}
	value, err := p.Put(ctx, name, text)
	if err != nil {
		s.expire(name) // it may have been written
		return fmt.Errorf("params: put %q: %w", name, err)
	}
	e := s.entry(name)
	e.mu.Lock()
	since := e.change()
	e.mu.Unlock()
	s.settle(e, &content{value: value}, since)
	s.makeRoom()
	return nil
}

// expire makes the next call fetch a parameter.
func (s *Cache) expire(name string) {
	e := s.lookup(name)
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.change()
	if st := e.state.Load(); st != nil && st.content != nil {
		e.state.Store(&state{content: st.content, fetched: st.fetched, expires: math.MinInt64})
	}
}
