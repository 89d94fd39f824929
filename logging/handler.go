package logging

import (
	"context"
	"log/slog"
)

// Handler is a slog.Handler that writes lines of JSON for CloudWatch. Make one
// with [New]. Its methods may be called from several goroutines.
type Handler struct {
	never slog.Level // lines below are not written, whatever the invocation
	core  *core
	tee   slog.Handler // optional
	outer *Handler     // the level that the group is in; nil at the top
	group string       // set where outer is
	seg   segment      // attributes of With at this level
	room  [112]byte    // for seg, as far as it goes: loggers are often made for a few lines
}

// Enabled reports whether a line at level is written, or held back, in the
// invocation of ctx.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	if level < h.never || !h.enabled(ctx, level) {
		return level == slog.LevelInfo && ctx == context.Background() && ofLogFatal()
	}
	return true
}

func (h *Handler) enabled(ctx context.Context, level slog.Level) bool {
	return h.core.enabled(ctx, level) || h.tee != nil && h.teeEnabled(ctx, level)
}

// Handle writes r as one line. It returns only errors of Options.Tee.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	c := h.core
	if isRuntimeError(&r) {
		if r = c.runtimeError(r); r.Message == "" {
			return nil
		}
	} else if r.Level == slog.LevelInfo && r.PC == 0 && r.NumAttrs() == 0 && !c.enabled(ctx, r.Level) && ofLogFatal() {
		r.Level = LevelFatal
	}
	if h.tee == nil {
		c.handle(ctx, h, &r)
		return nil
	}
	if c.enabled(ctx, r.Level) {
		c.handle(ctx, h, &r)
	}
	return h.teeHandle(ctx, r)
}

func (c *core) handle(ctx context.Context, h *Handler, r *slog.Record) {
	sc := c.scope(ctx)
	e := c.encode(ctx, sc, h, r)
	if sc != nil {
		sc.emit(r.Level, e.buf)
	} else {
		c.write(nil, e.buf)
	}
	e.free()
}

// encode returns an encoder that holds the line, to be freed. Where a function of the
// user's panics, such as ReplaceAttr, the line is written without attributes.
func (c *core) encode(ctx context.Context, sc *scope, h *Handler, r *slog.Record) (e *encoder) {
	defer func() {
		if v := recover(); v != nil {
			c.configError("encoding a line panicked: %v", v)
			e = newEncoder(c)
			e.base(sc, r)
			e.member(slog.String("!PANIC", "the attributes are lost"))
			e.close()
		}
	}()
	e = newEncoder(c)
	e.line(ctx, sc, h, r)
	if len(e.buf) > c.maxLine {
		e.buf = shorten(e.buf, c.maxLine)
	}
	if c.dev {
		e.buf = pretty(e.buf, r.Level, c.colour)
	}
	return e
}

// WithAttrs returns a Handler that adds attrs to every line, encoded now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	n := &Handler{never: h.never, core: h.core, tee: h.tee, outer: h.outer, group: h.group}
	n.seg = h.core.bind(h.seg, h, attrs, n.room[:0])
	if h.tee != nil {
		n.tee = h.teeWith(func() slog.Handler { return h.tee.WithAttrs(attrs) })
	}
	return n
}

// WithGroup returns a Handler that puts the attributes added from now on, and
// those of the log call, into a group. The fields of the invocation stay at the
// top level.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	n := &Handler{never: h.never, core: h.core, tee: h.tee, outer: h, group: name}
	if h.outer == nil && name != correlationKey && reserved(name, h.core.addSource) && !h.core.redact.match(name) {
		n.group = "attr_" + name
	}
	if h.tee != nil {
		n.tee = h.teeWith(func() slog.Handler { return h.tee.WithGroup(name) })
	}
	return n
}
