package logging

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/current"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// scope is what a Handler knows of one invocation. It lives as long as somebody
// has the invocation's context: goroutines that outlive it may still log.
type scope struct {
	core    *core
	next    *scope // of another Handler in the same invocation
	inv     *lambdakit.Invocation
	capture io.Writer // of a test harness
	sampled bool

	phase    atomic.Int32 // holding, releasing or over
	rendered atomic.Pointer[rendered]
	appended atomic.Pointer[segment]
	buffer   lineBuffer

	mu            sync.Mutex // guards what follows, and changes of appended
	correlationID string
	prefix        rendered
	prefixBuf     [480]byte
}

// rendered are the fields of an invocation, encoded.
type rendered struct {
	text       []byte
	correlated bool // correlation_id is one of them
}

const (
	holding   = iota
	releasing // near the deadline: what would be held is written at once
	over      // the invocation has ended: only the Handler's own level counts
)

var scopeKey = new(struct{ _ byte })

// scopes returns the scopes of the invocation of ctx, or else of the one that runs.
func scopes(ctx context.Context) *scope { return current.Value[*scope](ctx, scopeKey) }

func (c *core) scope(ctx context.Context) *scope {
	sc := scopes(ctx)
	for sc != nil && sc.core != c {
		sc = sc.next
	}
	return sc
}

// Middleware makes the lines of an invocation carry its fields, and decides at its
// end about lines that were held back. It writes one line at ERROR where the
// function fails or panics, and one where the deadline is near.
func (h *Handler) Middleware(next lambdakit.Handler) lambdakit.Handler {
	c := h.core
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		others, _ := ctx.Value(scopeKey).(*scope)
		if others != nil && others.inv != inv {
			others = nil // of an invocation around this one
		}
		for sc := others; sc != nil; sc = sc.next {
			if sc.core == c {
				return next(ctx, inv) // called again, by a middleware that retries
			}
		}
		sc := &scope{core: c, next: others, inv: inv, sampled: c.sample(), capture: execenv.FromContext(ctx).Stdout}
		if c.correlation != nil {
			sc.correlationID = c.correlate(inv.Payload())
		}
		inv.SetValue(scopeKey, sc)
		inv.OnEnd(sc)
		inv.OnDeadline(sc)
		if c.logEvent {
			sc.ownRaw("Lambda invocation event", "event", inv.Payload())
		}
		return next(ctx, inv)
	}
}

// correlate calls the user's function, whose panic must not fail the invocation.
func (c *core) correlate(event []byte) string {
	defer func() {
		if v := recover(); v != nil {
			c.configError("CorrelationID panicked: %v", v)
		}
	}()
	return strings.Clone(c.correlation(event))
}

// EndInvocation implements lambdakit.Ender.
func (sc *scope) EndInvocation(ctx context.Context, inv *lambdakit.Invocation) {
	p, err := inv.Panic(), inv.Err()
	if p != nil || err != nil {
		// Other goroutines may log meanwhile: their lines belong to the failure.
		sc.phase.Store(releasing)
		sc.failed(p, err)
		sc.phase.Store(over)
		sc.settle()
	} else {
		sc.phase.Store(over)
		sc.buffer.take()
	}
	if !sc.core.logResponse || !inv.Answered() {
		return
	}
	const message = "Lambda invocation response"
	if inv.Stream() != nil {
		sc.own(slog.LevelInfo, message, slog.String("response", "[stream]"))
		return
	}
	response := inv.Response()
	if response == nil {
		response = []byte("null")
	}
	sc.ownRaw(message, "response", response)
}

// failed writes the line about the end of an invocation that failed, also if it was answered.
func (sc *scope) failed(p *lambdakit.Panic, err error) {
	if p != nil {
		sc.own(slog.LevelError, "invocation panicked", slog.Any("error", sc.core.panicFailure(p)))
		sc.core.echoes.expectPanic(p.Value)
	}
	if err == nil {
		return
	}
	sc.own(slog.LevelError, "invocation failed", slog.Any("error", err))
	if p == nil && !sc.inv.Answered() { // aws-lambda-go is about to print it
		sc.core.echoes.expect(err)
	}
}

// settle writes what is held back because of a failure; where the level is above the line about
// that failure, it goes the same way as that.
func (sc *scope) settle() {
	if sc.core.enabled(sc.inv.Context(), slog.LevelError) {
		sc.flush()
	} else {
		sc.buffer.take()
	}
}

// own writes a line of the toolkit's. Those at INFO, of event and response, may be held back
// as others are; those that say what went wrong are not.
func (sc *scope) own(level slog.Level, message string, attrs ...slog.Attr) {
	c, h, ctx := sc.core, sc.core.root, sc.inv.Context()
	r := slog.NewRecord(time.Now(), level, message, 0)
	r.AddAttrs(attrs...)
	if c.enabled(ctx, level) {
		if level >= slog.LevelError {
			sc.flush()
		}
		e := c.encode(ctx, sc, h, &r)
		if level == slog.LevelInfo {
			sc.emit(level, e.buf)
		} else {
			c.write(sc, e.buf)
		}
		e.free()
	}
	h.teeHandle(ctx, r)
}

// ownRaw writes a line with text, which is JSON or nearly so, at INFO.
func (sc *scope) ownRaw(message, key string, text []byte) {
	if !sc.core.root.Enabled(sc.inv.Context(), slog.LevelInfo) {
		return
	}
	e := newEncoder(sc.core)
	// Room is left for the other fields.
	a := attrRaw(e, key, text, sc.core.maxLine*3/4)
	e.free()
	sc.own(slog.LevelInfo, message, a)
}

func (c *core) panicFailure(p *lambdakit.Panic) failure {
	return c.failure(panicText(p.Value), errtype.Name(p.Value), errstack.Text(p.Stack))
}

// traceRoot returns the id of the trace out of an X-Amzn-Trace-Id header.
func traceRoot(header string) string {
	for rest := header; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, ";")
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return root
		}
	}
	if !strings.Contains(header, "=") {
		return header
	}
	return ""
}

// Append adds fields to every later line of the invocation that ctx belongs to, at
// the top level and whatever goroutine logs; a field of the same name is replaced.
// Other invocations do not see them. Without an invocation in ctx the running one
// is meant, while there is exactly one; without any, Append does nothing.
func Append(ctx context.Context, attrs ...slog.Attr) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.append(attrs)
	}
}

// Remove takes fields away that Append added. It finds its invocation as Append
// does.
func Remove(ctx context.Context, keys ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.remove(keys)
	}
}

// SetCorrelationID sets the field correlation_id of every later line of the
// invocation; the empty id removes it. It finds its invocation as Append does.
func SetCorrelationID(ctx context.Context, id string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.setCorrelationID(id)
	}
}

// Flush writes the lines that the invocation holds back, see [Buffer]. It finds its
// invocation as Append does.
func Flush(ctx context.Context) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		sc.flush()
	}
}

// append encodes attrs, which may call methods of the user's, and only then takes the
// lock.
func (sc *scope) append(attrs []slog.Attr) {
	c := sc.core
	added := c.bind(segment{}, nil, attrs, nil)
	left := ""
	sc.mu.Lock()
	e := newEncoder(c)
	if old := sc.appended.Load(); old != nil {
		e.segment(*old)
	}
	for i := 0; i < len(added.buf); {
		value, end := memberAt(added.buf, i)
		if len(e.buf)+end-i > c.maxLine {
			left = string(added.buf[i+1 : value-1])
		} else {
			at := len(e.buf)
			e.buf = append(e.buf, added.buf[i:end]...)
			e.commit(at, at+value-i)
		}
		i = end
	}
	sc.store(e)
	sc.mu.Unlock()
	if left != "" {
		c.report.Once("append", fmt.Errorf("logging: Append: the fields of an invocation are longer than a line may be (%d bytes); %s is left out", c.maxLine, left))
	}
}

func (sc *scope) remove(keys []string) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	old := sc.appended.Load()
	if old == nil {
		return
	}
	e := newEncoder(sc.core)
	for i := 0; i < len(old.buf); {
		value, end := memberAt(old.buf, i)
		if !isAny(old.buf[i+1:value-1], keys, sc.core.addSource) {
			at := len(e.buf)
			e.buf = append(e.buf, old.buf[i:end]...)
			e.commit(at, at+value-i)
		}
		i = end
	}
	sc.store(e)
}

// store publishes what e holds and frees it. sc.mu is held.
func (sc *scope) store(e *encoder) {
	sc.appended.Store(&segment{bytes.Clone(e.buf), e.mask, e.n})
	e.free()
}

// isAny reports whether name, an encoded one, is that of one of keys.
func isAny(name []byte, keys []string, source bool) bool {
	for _, k := range keys {
		if k != correlationKey && reserved(k, source) {
			k = "attr_" + k
		}
		if string(name) == string(jsonenc.AppendString(nil, k)) {
			return true
		}
	}
	return false
}

func (sc *scope) setCorrelationID(id string) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.correlationID = id
	sc.rendered.Store(&rendered{sc.renderFields(nil), id != ""}) // lines under way still read the old ones
}
