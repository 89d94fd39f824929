package otlp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
)

// Limits of a request. Backends accept 1 MB at least, and CloudWatch 10,000 spans.
const (
	maxRequest      = 1 << 20
	maxRequestSpans = 10_000
)

// lastWord is how long a flush waits for requests that are canceled.
const lastWord = 10 * time.Millisecond

var (
	errPaused = errors.New("tracing/otlp: the backend failed shortly before, so the spans wait")
	errStuck  = errors.New("tracing/otlp: an earlier flush ignores its context, so the spans wait")
)

// Flush implements export.Pipeline.
func (p *pipeline) Flush(ctx context.Context, urgent bool) error {
	p.mu.Lock()
	idle := p.held == 0 && p.dropped == 0
	paused := !urgent && p.breaker.open(now())
	p.mu.Unlock()
	switch {
	case idle:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case paused:
		return errPaused
	case p.stuck.Load():
		return errStuck
	}
	select {
	case p.sending <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			p.stuck.Store(false)
			<-p.sending
		}()
		growStack()
		done <- p.flush(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(lastWord)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C: // Options.Sign or Options.Client ignores the context
	}
	p.stuck.Store(true)
	select {
	case err := <-done: // just now, so the goroutine may have cleared stuck before
		p.stuck.Store(false)
		return err
	default:
		return errStuck
	}
}

// growStack makes room on the stack of a new goroutine. Without it, sending a request doubles the small
// stack several times, and each time the runtime copies all frames.
//
//go:noinline
func growStack() (sum byte) {
	var room [8 << 10]byte
	for i := 0; i < len(room); i += 4 << 10 {
		sum += room[i]
	}
	return sum
}

// flush sends all spans that wait, in as many requests as they need.
func (p *pipeline) flush(ctx context.Context) error {
	groups, dropped := p.take()
	if dropped > 0 {
		p.report.Report(fmt.Errorf("tracing/otlp: %d spans were dropped: at most %d MB of spans wait for the backend", dropped, maxHeld>>20))
	}
	rest := append([]group(nil), groups...)
	for len(rest) > 0 {
		request, after, spans, bytes := next(rest)
		if spans == 0 {
			break
		}
		result := p.sender.send(ctx, otlp.Request(p.sender.resource, "", request))
		if result.keep {
			p.putBack(rest)
			return p.failed(result, true, spans)
		}
		p.sent(bytes)
		rest = after
		if result.err != nil {
			p.putBack(rest)
			return p.failed(result, false, spans)
		}
		p.worked(result)
	}
	p.reuse(groups)
	return nil
}

// next returns the groups of the next request, the groups after it, and the spans of the request.
func next(groups []group) (request []otlp.Group, rest []group, spans, bytes int) {
	room := maxRequest
	for i := range groups {
		g := groups[i]
		if len(g.Spans) == 0 {
			continue
		}
		if room -= g.Overhead(); spans > 0 && (room <= 0 || spans == maxRequestSpans) {
			return request, groups[i:], spans, bytes
		}
		first, after, n := g.Cut(maxRequestSpans-spans, room)
		if spans > 0 && len(first.Spans) > room { // a span that needs a request of its own
			return request, groups[i:], spans, bytes
		}
		request = append(request, first)
		spans, bytes, room = spans+n, bytes+len(first.Spans), room-len(first.Spans)
		if len(after.Spans) > 0 {
			rest = append([]group{{after, g.of}}, groups[i+1:]...)
			return request, rest, spans, bytes
		}
	}
	return request, nil, spans, bytes
}

// failed opens the breaker and reports the failure.
func (p *pipeline) failed(r result, kept bool, spans int) error {
	p.mu.Lock()
	pause := p.breaker.fail(now(), r.retryAfter)
	first := kept && !p.breaker.told
	p.breaker.told = p.breaker.told || kept
	p.mu.Unlock()
	host := p.sender.url.Host
	if !kept {
		p.report.Once("otlp refused "+r.kind, fmt.Errorf("tracing/otlp: %s refuses spans, so they are lost: %w", host, r.err))
	} else if first {
		p.report.Report(fmt.Errorf("tracing/otlp: %s does not take spans, so they wait for %v or longer: %w", host, pause, r.err))
	}
	return fmt.Errorf("tracing/otlp: send %d spans to %s: %w", spans, host, r.err)
}

// worked closes the breaker and reports a partial success.
func (p *pipeline) worked(r result) {
	p.mu.Lock()
	p.breaker = breaker{}
	p.mu.Unlock()
	if r.rejected > 0 || r.message != "" {
		p.report.Once("otlp partial", fmt.Errorf("tracing/otlp: %s rejected %d spans: %s", p.sender.url.Host, r.rejected, r.message))
	}
}

// now returns the wall clock, which also runs while Lambda freezes the process.
func now() time.Time { return time.Now().Round(0) }
