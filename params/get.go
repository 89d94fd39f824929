package params

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// checkName returns an error if name cannot be the name of a parameter.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("params: a parameter without a name")
	case strings.Contains(name, nul):
		return fmt.Errorf("params: %q is no name of a parameter", name)
	}
	return nil
}

// hit returns the cached content of a parameter if a Cache without a View may serve it and
// nothing else is to do; else nil.
func (s *Cache) hit(key string) *content {
	e := (*s.entries.Load())[key]
	if e == nil {
		return nil
	}
	st := e.state.Load()
	if st == nil || st.content == nil || e.path {
		return nil
	}
	now := s.now()
	if now >= st.expires-int64(s.o.RefreshAhead) || now < st.fetched {
		return nil
	}
	e.touch(now)
	return st.content
}

// contentOf is View.content, with a short cut for cached values.
func contentOf(ctx context.Context, g Getter, key string) (*content, error) {
	if s, ok := g.(*Cache); ok {
		if c := s.hit(key); c != nil {
			return c, nil
		}
	}
	return g.view().content(ctx, key)
}

// content returns the cached content of a parameter or, if that does not serve, fetches it.
func (v View) content(ctx context.Context, name string) (*content, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return v.get(ctx, name)
}

// get is content for the key of a name or a path.
func (v View) get(ctx context.Context, key string) (*content, error) {
	if st := v.cached(key); st != nil {
		v.refreshAhead(ctx, key, st)
		return st.content, st.err
	}
	return v.fetch(ctx, key)
}

// cached returns the cached state of a parameter if it serves; else nil.
func (v View) cached(key string) *state {
	e := v.store.lookup(key)
	if e == nil {
		return nil
	}
	st := e.state.Load()
	if st == nil {
		return nil
	}
	now := v.store.now()
	if !v.accepts(st, now) {
		return nil
	}
	e.touch(now)
	return st
}

// refreshAhead begins to fetch a value that is about to expire.
func (v View) refreshAhead(ctx context.Context, key string, st *state) {
	if v.store.o.RefreshAhead <= 0 {
		return
	}
	now := v.store.now()
	if st.stale || st.err != nil || now < st.expires-int64(v.store.o.RefreshAhead) {
		return
	}
	e := v.store.entry(key)
	e.mu.Lock()
	later := now < e.retry
	e.mu.Unlock()
	if !later {
		View{store: v.store, ahead: true}.begin(ctx, e)
	}
}

// accepts reports whether st will do. A clock that went back makes values look as if they
// came from the future: they do not.
func (v View) accepts(st *state, now int64) bool {
	switch {
	case v.fresh || now < st.fetched:
		return false
	case v.age > 0 && st.err == nil:
		return now < after(st.fetched, v.age) || st.stale && now < st.expires
	}
	return now < st.expires
}

// fetch waits for a fetch, which it begins unless another call has.
func (v View) fetch(ctx context.Context, key string) (*content, error) {
	v.tellOfCaches()
	patience := v.patienceEnd(ctx)
	f, joined := v.begin(ctx, v.store.entry(key))
	if v.fresh && joined { // it may have begun before the change that the caller is after
		if err := f.wait(ctx, nil); err != nil {
			return nil, err
		}
		f, _ = v.begin(ctx, f.entry)
	}
	return v.outcome(ctx, f, patience)
}

// tellOfCaches reports, once, that fresh values may come from a cache of the source.
func (v View) tellOfCaches() {
	if !v.fresh {
		return
	}
	if f, ok := v.store.source.(Fixed); ok {
		v.store.report.Once("fixed", fmt.Errorf("params: Fresh and RunWithRotation may see an older value: the source is cached by %s", f.CachedElsewhere()))
	}
}

// Many returns the values of several parameters, by name, in as few fetches as the source
// allows. It returns the values that it found and one error that joins the failures.
func (s *Cache) Many(ctx context.Context, names ...string) (map[string]string, error) {
	return s.view().Many(ctx, names...)
}

// Many returns the values of several parameters, by name, in as few fetches as the source
// allows. It returns the values that it found and one error that joins the failures.
func (v View) Many(ctx context.Context, names ...string) (map[string]string, error) {
	contents, err := v.many(ctx, names)
	values := make(map[string]string, len(contents))
	for name, c := range contents {
		values[name] = c.value.Text
	}
	return values, err
}

func (v View) many(ctx context.Context, names []string) (map[string]*content, error) {
	contents, failed := v.each(ctx, names)
	errs := make([]error, 0, len(failed))
	for _, name := range names {
		if err := failed[name]; err != nil {
			errs = append(errs, err)
			delete(failed, name)
		}
	}
	return contents, errors.Join(errs...)
}

// each returns the content or the error of each of the names.
func (v View) each(ctx context.Context, names []string) (map[string]*content, map[string]error) {
	found, failed := make(map[string]*content, len(names)), make(map[string]error)
	settle := func(name string, c *content, err error) {
		if err != nil {
			failed[name] = err
		} else {
			found[name] = c
		}
	}
	v.tellOfCaches()
	var missing []string
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		if err := checkName(name); err != nil {
			failed[name] = err
			continue
		}
		if st := v.cached(name); st != nil {
			v.refreshAhead(ctx, name, st)
			settle(name, st.content, st.err)
			continue
		}
		missing = append(missing, name)
	}
	patience := v.patienceEnd(ctx)
	flights, joined := v.beginMany(ctx, missing)
	if v.fresh {
		for _, name := range joined { // as in fetch
			flights[name].wait(ctx, nil)
		}
		again, _ := v.beginMany(ctx, joined)
		maps.Copy(flights, again)
	}
	for _, name := range missing {
		c, err := v.outcome(ctx, flights[name], patience)
		settle(name, c, err)
	}
	return found, failed
}

// Path returns the parameters below a path, by their names relative to it. The map is the
// caller's own. The error is ErrUnsupported if the source has no paths.
func (s *Cache) Path(ctx context.Context, path string) (map[string]string, error) {
	return s.view().Path(ctx, path)
}

// Path returns the parameters below a path, by their names relative to it. The map is the
// caller's own. The error is ErrUnsupported if the source has no paths.
func (v View) Path(ctx context.Context, path string) (map[string]string, error) {
	if err := checkName("/" + path); err != nil {
		return nil, err
	}
	c, err := v.get(ctx, pathKey(path))
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(c.below))
	for name, value := range c.below {
		values[name] = value.Text
	}
	return values, nil
}
