package logging

import (
	"context"
	"log/slog"
)

// Handler is a slog.Handler that writes lines of JSON for CloudWatch. [New] makes one. Its methods
// may be called from several goroutines.
type Handler struct {
	minLevel slog.Level // lines below are not written in any invocation
	oneLevel bool       // all other lines are written in every invocation
	common   *common
	tee      slog.Handler // optional
	outer    *Handler     // the Handler that WithGroup was called on; nil at the top
	group    string       // empty if outer is nil
	secret   bool         // the content of the group must not be written
	attrs    members      // attributes of Logger.With in this group
	attrsBuf [112]byte    // holds attrs if they fit: loggers are often made for a few lines
}

// Enabled reports whether a line at level is written or held back in the invocation of ctx.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	if level >= h.minLevel && (h.oneLevel || h.enabled(ctx, level)) {
		return true
	}
	return level == slog.LevelInfo && ctx == context.Background() && ofLogFatal()
}

func (h *Handler) enabled(ctx context.Context, level slog.Level) bool {
	return h.common.enabled(ctx, level) || h.tee != nil && h.teeEnabled(ctx, level)
}

// Handle writes r as one line. It returns an error only if Options.Tee does.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	c := h.common
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

func (c *common) handle(ctx context.Context, h *Handler, r *slog.Record) {
	sc, with := c.scope(ctx)
	e := c.encode(ctx, sc, with, h, r)
	if sc != nil {
		sc.emit(with, r.Level, e.buf)
	} else {
		c.write(nil, e.buf)
	}
	e.free()
}

// encode returns an encoder that holds the line. The caller frees it. If a function of the user's
// panics, such as ReplaceAttr, the line has no attributes.
func (c *common) encode(ctx context.Context, sc *scope, with *contextFields, h *Handler, r *slog.Record) (e *encoder) {
	complete := false
	defer func() {
		if complete {
			return
		}
		if v := recover(); v != nil {
			c.configError("encoding a line panicked: %v", v)
			e = newEncoder(c)
			e.base(sc, with, r)
			e.member(slog.String("!PANIC", "the attributes are lost"))
			e.close()
		}
	}()
	e = newEncoder(c)
	e.line(ctx, sc, with, h, r)
	complete = true
	if len(e.buf) > c.maxLineBytes {
		e.buf = shorten(e.buf, c.maxLineBytes)
	}
	if c.indent {
		e.buf = pretty(e.buf, r.Level, c.colour)
	}
	return e
}

// WithAttrs returns a Handler that adds attrs to every line. It encodes them immediately.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	n := &Handler{minLevel: h.minLevel, oneLevel: h.oneLevel, common: h.common, tee: h.tee, outer: h.outer, group: h.group, secret: h.secret}
	n.attrs = h.common.bind(h.attrs, h, attrs, n.attrsBuf[:0])
	if h.tee != nil {
		n.tee = h.teeWith(func() slog.Handler { return h.tee.WithAttrs(attrs) })
	}
	return n
}

// WithGroup returns a Handler that puts the attributes of later calls of Logger.With and of the
// log call into a group. The fields of the invocation stay at the top level.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	n := &Handler{minLevel: h.minLevel, oneLevel: h.oneLevel, common: h.common, tee: h.tee, outer: h, group: name, secret: h.common.redact.match(name)}
	if h.outer == nil && name != correlationKey && reserved(name, h.common.addSource) {
		n.group = "attr_" + name
	}
	if h.tee != nil {
		n.tee = h.teeWith(func() slog.Handler { return h.tee.WithGroup(name) })
	}
	return n
}
