package params

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// checkName returns what is wrong with the name of a parameter.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("params: a parameter without a name")
	case strings.Contains(name, nul):
		return fmt.Errorf("params: %q is no name of a parameter", name)
	}
	return nil
}

// hit returns what is cached of a parameter and will do for a Store asked in no particular
// way; nil where there is more to look at.
func (s *Store) hit(key string) *content {
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

// contentOf is View.content, quicker for what is cached.
func contentOf(ctx context.Context, g Getter, key string) (*content, error) {
	if s, ok := g.(*Store); ok {
		if c := s.hit(key); c != nil {
			return c, nil
		}
	}
	return g.view().content(ctx, key)
}

// content returns what is cached of a parameter or, where that will not do, what is
// fetched.
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

// cached returns what is cached of a parameter, if it will do; else nil.
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

// refreshAhead starts to fetch what is about to expire.
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
		View{store: v.store, ahead: true}.start(ctx, e)
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

// fetch waits for a fetch of its own, or of somebody else.
func (v View) fetch(ctx context.Context, key string) (*content, error) {
	v.tellOfCaches()
	f, joined := v.start(ctx, v.store.entry(key))
	if v.fresh && joined { // it may have begun before the change that the caller is after
		if err := f.wait(ctx); err != nil {
			return nil, err
		}
		f, _ = v.start(ctx, f.entry)
	}
	return v.outcome(ctx, f)
}

// tellOfCaches says, once, that fresh values may be those of a cache that is not ours.
func (v View) tellOfCaches() {
	if !v.fresh {
		return
	}
	if f, ok := v.store.source.(Fixed); ok {
		v.store.report.Once("fixed", fmt.Errorf("params: Fresh and Retry may see an older value: the source is cached by %s", f.CachedElsewhere()))
	}
}

func (v View) outcome(ctx context.Context, f *flight) (*content, error) {
	if err := f.wait(ctx); err != nil {
		if st := f.entry.state.Load(); !v.fresh && v.store.servable(st, v.store.now()) {
			return st.content, nil // better than nothing, for one who cannot wait
		}
		return nil, err
	}
	if f.err != nil && f.older != nil && !v.fresh {
		return f.older, nil
	}
	return f.content, f.err
}

// Many returns the values of several parameters, by name, in as few fetches as the source
// allows. Of those that there are no values for, errors tell together, beside the values
// of the others.
func (s *Store) Many(ctx context.Context, names ...string) (map[string]string, error) {
	return s.view().Many(ctx, names...)
}

// Many returns the values of several parameters, by name, in as few fetches as the source
// allows. Of those that there are no values for, errors tell together, beside the values
// of the others.
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
	flights, joined := v.startMany(ctx, missing)
	if v.fresh {
		for _, name := range joined { // as in fetch
			flights[name].wait(ctx)
		}
		again, _ := v.startMany(ctx, joined)
		maps.Copy(flights, again)
	}
	for _, name := range missing {
		c, err := v.outcome(ctx, flights[name])
		settle(name, c, err)
	}
	return found, failed
}

// Path returns the parameters below a path, by their names relative to it, where the
// source has paths; else the error is ErrUnsupported. The map is the caller's own.
func (s *Store) Path(ctx context.Context, path string) (map[string]string, error) {
	return s.view().Path(ctx, path)
}

// Path returns the parameters below a path, by their names relative to it, where the
// source has paths; else the error is ErrUnsupported. The map is the caller's own.
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
