package params

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// runBatches runs fetches in batches of size, some at the same time. If a batch times out and
// no other batch got an answer meanwhile, the batches that wait fail with its error.
func (c *Cache) runBatches(ctx context.Context, fetches []*fetch, size, concurrent int) {
	queue := make(chan []*fetch, (len(fetches)+size-1)/size)
	for batch := range slices.Chunk(fetches, size) {
		queue <- batch
	}
	close(queue)
	var answers atomic.Int64
	for range min(concurrent, len(queue)) {
		go func() {
			var timeout error
			for batch := range queue {
				if timeout != nil {
					c.complete(batch, func(*fetch) (*content, error) { return nil, timeout })
					continue
				}
				before := answers.Load()
				if err := c.run(ctx, batch); err == nil {
					answers.Add(1)
				} else if answers.Load() == before {
					timeout = err
				}
			}
		}()
	}
}

// run makes the requests of fetches and stores the results. It returns an error only if the
// source did not answer within FetchTimeout.
func (c *Cache) run(ctx context.Context, fetches []*fetch) error {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	for _, f := range fetches {
		f.started, f.cancel = time.Now(), cancel
	}
	var err error
	if len(fetches) == 1 {
		var ct *content
		ct, err = c.requestOne(ctx, fetches)
		c.complete(fetches, func(*fetch) (*content, error) { return ct, err })
	} else {
		var results map[string]Result
		results, err = c.requestMany(ctx, fetches)
		c.complete(fetches, func(f *fetch) (*content, error) {
			r, ok := results[f.entry.name]
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, ErrNotFound
			}
			return &content{value: r.Value}, r.Err
		})
		for _, r := range results {
			if isTimeout(r.Err) {
				err = r.Err
			}
		}
	}
	if isTimeout(err) {
		return err
	}
	return nil
}

func (c *Cache) requestOne(ctx context.Context, fetches []*fetch) (*content, error) {
	e := fetches[0].entry
	if e.isPath {
		return c.requestPath(ctx, fetches)
	}
	return request(ctx, c, fetches, func(ctx context.Context) (*content, error) {
		v, err := c.source.Fetch(ctx, e.name)
		return &content{value: v}, err
	})
}

// maxPages bounds the pages of a path. It is twice the pages of the largest Parameter Store:
// 100,000 parameters, ten a page. (AWS Systems Manager endpoints and quotas)
const maxPages = 20_000

func (c *Cache) requestPath(ctx context.Context, fetches []*fetch) (*content, error) {
	path := fetches[0].entry.name
	pages, ok := c.source.(PagedSource)
	if !ok {
		return request(ctx, c, fetches, func(ctx context.Context) (*content, error) {
			p, ok := c.source.(PathSource)
			if !ok {
				return nil, ErrUnsupported
			}
			children, err := p.FetchPath(ctx, path)
			return &content{children: maps.Clone(children)}, err
		})
	}
	var next func(context.Context) (map[string]Value, bool, error)
	children := make(map[string]Value)
	for range maxPages {
		more, err := request(ctx, c, fetches, func(ctx context.Context) (bool, error) {
			if next == nil {
				next = pages.Pages(path)
			}
			page, more, err := next(ctx)
			if err == nil {
				maps.Copy(children, page)
			}
			return more, err
		})
		if err != nil || !more {
			return &content{children: children}, err
		}
	}
	return nil, fmt.Errorf("there are more than %d pages", maxPages)
}

func (c *Cache) requestMany(ctx context.Context, fetches []*fetch) (map[string]Result, error) {
	names := make([]string, len(fetches))
	for i, f := range fetches {
		names[i] = f.entry.name
	}
	return request(ctx, c, fetches, func(ctx context.Context) (map[string]Result, error) {
		results, err := c.source.(ManySource).FetchMany(ctx, names)
		for _, r := range results {
			probe(r.Err)
		}
		if ctx.Err() == nil {
			return results, err
		}
		results = maps.Clone(results) // keep the values that came in time
		for name, r := range results {
			if r.Err != nil {
				r.Err = c.requestError(ctx, r.Err)
				results[name] = r
			}
		}
		return results, err
	})
}
