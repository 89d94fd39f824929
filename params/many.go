package params

import (
	"context"
	"errors"
	"maps"
)

// Many returns the values of several parameters by name, with as few requests as the source
// allows. It returns the values that it found and one error that joins the failures.
func (c *Cache) Many(ctx context.Context, names ...string) (map[string]string, error) {
	return c.view().Many(ctx, names...)
}

// Many returns the values of several parameters by name. See [Cache.Many].
func (v View) Many(ctx context.Context, names ...string) (map[string]string, error) {
	contents, err := v.getMany(ctx, names)
	values := make(map[string]string, len(contents))
	for name, ct := range contents {
		values[name] = ct.value.Text
	}
	return values, err
}

// getMany returns the contents that it found and the joined errors in the order of names.
func (v View) getMany(ctx context.Context, names []string) (map[string]*content, error) {
	contents, failed := v.getEach(ctx, names)
	errs := make([]error, 0, len(failed))
	for _, name := range names {
		if err := failed[name]; err != nil {
			errs = append(errs, err)
			delete(failed, name)
		}
	}
	return contents, errors.Join(errs...)
}

// getEach returns a content or an error for each name.
func (v View) getEach(ctx context.Context, names []string) (map[string]*content, map[string]error) {
	found, failed := make(map[string]*content, len(names)), make(map[string]error)
	add := func(name string, ct *content, err error) {
		if err != nil {
			failed[name] = err
		} else {
			found[name] = ct
		}
	}
	v.reportFixed()
	var missing, ahead []string
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
			if v.expiresSoon(name, st) {
				ahead = append(ahead, name)
			}
			add(name, st.content, st.err)
			continue
		}
		missing = append(missing, name)
	}
	View{cache: v.cache, refresh: true}.startOrJoinMany(ctx, ahead)
	deadline := v.waitDeadline(ctx)
	fetches, joined := v.startOrJoinMany(ctx, missing)
	if v.fresh {
		for _, name := range joined { // as in View.fetch
			fetches[name].wait(ctx, nil)
		}
		again, _ := v.startOrJoinMany(ctx, joined)
		maps.Copy(fetches, again)
	}
	for _, name := range missing {
		ct, err := v.result(ctx, fetches[name], deadline)
		add(name, ct, err)
	}
	return found, failed
}

// Path returns the parameters below a path. The keys are their names relative to the path. The
// caller may change the map. The error is ErrUnsupported if the source is not a PathSource.
func (c *Cache) Path(ctx context.Context, path string) (map[string]string, error) {
	return c.view().Path(ctx, path)
}

// Path returns the parameters below a path. See [Cache.Path].
func (v View) Path(ctx context.Context, path string) (map[string]string, error) {
	if err := checkName("/" + path); err != nil {
		return nil, err
	}
	ct, err := v.get(ctx, pathKey(path))
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(ct.children))
	for name, value := range ct.children {
		values[name] = value.Text
	}
	return values, nil
}
