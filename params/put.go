package params

import (
	"context"
	"fmt"
)

// Put writes a parameter to the source and caches the new value. The error is ErrUnsupported if
// the source is not a PutSource.
func (c *Cache) Put(ctx context.Context, name, text string) error {
	if err := checkName(name); err != nil {
		return err
	}
	p, ok := c.source.(PutSource)
	if !ok {
		return fmt.Errorf("params: put %q: %w", name, ErrUnsupported)
	}
	value, err := p.Put(ctx, name, text)
	if err != nil {
		c.expire(name) // the source may have written it
		return fmt.Errorf("params: put %q: %w", name, err)
	}
	e := c.entry(name)
	e.mu.Lock()
	generation := e.newGeneration()
	e.mu.Unlock()
	c.setContent(e, &content{value: value}, generation)
	c.evictIfFull()
	return nil
}

// Forget removes the named parameters and paths from the cache. Without names it removes all.
func (c *Cache) Forget(names ...string) {
	if len(names) == 0 {
		c.updateEntries(func(m map[string]*entry) { clear(m) })
		return
	}
	c.updateEntries(func(m map[string]*entry) {
		for _, name := range names {
			delete(m, name)
			delete(m, pathKey(name))
		}
	})
}

// expire makes the next call fetch a parameter. The value can still be served as stale.
func (c *Cache) expire(name string) {
	e := c.lookup(name)
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.newGeneration()
	if st := e.state.Load(); st != nil && st.content != nil {
		e.state.Store(&state{content: st.content, fetched: st.fetched, doubtful: true})
	}
}
