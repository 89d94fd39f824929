package params

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// checkName returns an error if name cannot be the name of a parameter.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("params: a parameter without a name")
	case strings.Contains(name, pathMark):
		return fmt.Errorf("params: %q is not the name of a parameter: it contains a NUL", name)
	}
	return nil
}

// hit is the fast path of calls without a View. It returns the cached content of a parameter, or
// nil if the content must be fetched or refreshed ahead.
func (c *Cache) hit(key string) *content {
	e := (*c.entries.Load())[key]
	if e == nil {
		return nil
	}
	st := e.state.Load()
	if st == nil || st.content == nil || e.isPath {
		return nil
	}
	now := c.now()
	if now >= st.expires-int64(c.options.RefreshAhead) || now < st.fetched {
		return nil
	}
	e.touch(now)
	return st.content
}

// contentOf is View.content with the fast path of a Cache.
func contentOf(ctx context.Context, g Getter, key string) (*content, error) {
	if c, ok := g.(*Cache); ok {
		if ct := c.hit(key); ct != nil {
			return ct, nil
		}
	}
	return g.view().content(ctx, key)
}

// content returns the content of a parameter, from the cache or from the source.
func (v View) content(ctx context.Context, name string) (*content, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return v.get(ctx, name)
}

// get returns the content for a key, which is a name or made by pathKey.
func (v View) get(ctx context.Context, key string) (*content, error) {
	if st := v.cached(key); st != nil {
		v.refreshAhead(ctx, key, st)
		return st.content, st.err
	}
	return v.fetch(ctx, key)
}

// cached returns the cached state for a key, or nil if the View does not accept it.
func (v View) cached(key string) *state {
	e := v.cache.lookup(key)
	if e == nil {
		return nil
	}
	st := e.state.Load()
	if st == nil {
		return nil
	}
	now := v.cache.now()
	if !v.accepts(st, now) {
		return nil
	}
	e.touch(now)
	return st
}

// refreshAhead starts a fetch if a value expires within Options.RefreshAhead.
func (v View) refreshAhead(ctx context.Context, key string, st *state) {
	if v.expiresSoon(key, st) {
		View{cache: v.cache, refresh: true}.startOrJoin(ctx, v.cache.entry(key))
	}
}

// expiresSoon reports whether a value expires within Options.RefreshAhead, and no fetch failed just
// before.
func (v View) expiresSoon(key string, st *state) bool {
	if v.cache.options.RefreshAhead <= 0 {
		return false
	}
	now := v.cache.now()
	if st.stale || st.err != nil || now < st.expires-int64(v.cache.options.RefreshAhead) {
		return false
	}
	e := v.cache.entry(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	return now >= e.retryAt
}

// accepts reports whether calls of the View may get st. A state from the future was stored
// before the clock was set back, so its age is unknown.
func (v View) accepts(st *state, now int64) bool {
	switch {
	case v.fresh || now < st.fetched:
		return false
	case v.age > 0 && st.err == nil && !st.doubtful:
		return now < after(st.fetched, v.age) || st.stale && now < st.expires
	}
	return now < st.expires
}

// fetch fetches a key, or waits for the fetch in flight.
func (v View) fetch(ctx context.Context, key string) (*content, error) {
	v.reportFixed()
	deadline := v.waitDeadline(ctx)
	f, joined := v.startOrJoin(ctx, v.cache.entry(key))
	if v.fresh && joined { // that fetch may have started before the change that the caller expects
		if err := f.wait(ctx, nil); err != nil {
			return nil, err
		}
		f, _ = v.startOrJoin(ctx, f.entry)
	}
	return v.result(ctx, f, deadline)
}

// reportFixed reports once that fresh values may come from the source's own cache.
func (v View) reportFixed() {
	if !v.fresh {
		return
	}
	if f, ok := v.cache.source.(Fixed); ok {
		v.cache.report.Once("fixed", fmt.Errorf("params: Fresh and RunWithRotation may return an older value: the source is cached by %s", f.CachedElsewhere()))
	}
}
