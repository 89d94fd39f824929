package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

const (
	maxPooled = 64 << 10 // buffers larger than this are left to the garbage collector
	maxDepth  = 32       // of groups in groups: a LogValuer may hold itself
	maxNames  = 1024     // of members at one level: to see that they differ takes time
	maxAttrs  = 4096     // of attributes on one line, in groups too: LogValuers may go in circles

	redacted = "[redacted]"
	tooDeep  = "groups are nested too deep"
	tooMany  = "too many attributes; the rest is left out"
	notice   = "!ERROR" // the name under which the encoder says so
)

// segment is a run of encoded members, each with a comma before it.
type segment struct {
	buf  []byte
	mask uint64 // of the members' names, see nameBit
	n    int    // members
}

// encoder builds one line. Members are appended with a comma before each; where a
// level of the object ends, the first comma is turned into its opening brace.
type encoder struct {
	core     *core
	buf      []byte
	level                 // the one being written
	stack    []level      // the ones around it
	path     []string     // names of the open groups, for ReplaceAttr
	depth    int          // of groups in groups, those without a name included
	count    int          // of attributes on the line
	valueEnd int          // where the value that walk encodes is long enough
	index    []int32      // where members begin, of levels that are indexed
	attrs    [8]slog.Attr // room for FromContext
	json     *json.Encoder
	text     bytes.Buffer // what json writes to
	clock    jsonenc.Clock

	correlated bool // the line has the correlation id of the invocation
}

// level is one level of the object being written: its members' names are unique.
type level struct {
	start int    // where its members begin in buf
	mask  uint64 // of the names so far
	n     int    // members so far
	at    int    // where the member begins whose value this level is
	name  int    // where that member's value begins

	indexed bool // encoder.index[first:] says where its members begin
	first   int
	full    bool // maxNames is reached
	secret  bool // its content must not be written
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{buf: make([]byte, 0, 1024)}
	e.json = json.NewEncoder(&e.text)
	e.json.SetEscapeHTML(false)
	return e
}}

func newEncoder(c *core) *encoder {
	e := encoders.Get().(*encoder)
	e.core = c
	e.buf = e.buf[:0]
	e.level = level{}
	e.stack, e.path, e.index = e.stack[:0], e.path[:0], e.index[:0]
	e.depth, e.count, e.valueEnd = 0, 0, 0
	e.correlated = false
	return e
}

func (e *encoder) free() {
	if cap(e.buf) > maxPooled || e.text.Cap() > maxPooled {
		return
	}
	e.core = nil
	encoders.Put(e)
}

// line encodes r with everything that belongs on its line.
func (e *encoder) line(ctx context.Context, sc *scope, h *Handler, r *slog.Record) {
	c := e.core
	if c.replace != nil {
		e.baseReplaced(sc, r)
	} else {
		e.base(sc, r)
	}
	e.segment(c.attrs)
	if sc != nil {
		if s := sc.appended.Load(); s != nil {
			e.segment(*s)
		}
	}
	if c.fromContext != nil {
		for _, a := range c.fromContext(ctx, e.attrs[:0]) {
			e.attr(a)
		}
		clear(e.attrs[:])
	}
	e.bound(h)
	r.Attrs(func(a slog.Attr) bool {
		e.attr(a)
		return true
	})
	e.close()
}

// close ends the groups that are open, and the line.
func (e *encoder) close() {
	for len(e.stack) > 0 {
		e.closeGroup()
	}
	if len(e.buf) == 0 { // ReplaceAttr removed everything
		e.buf = append(e.buf, '{')
	}
	e.buf[0] = '{'
	e.buf = append(e.buf, '}', '\n')
}

// base encodes the fields that the toolkit owns. Their names are kept for them, so
// they take no part in the search for duplicates.
func (e *encoder) base(sc *scope, r *slog.Record) {
	c := e.core
	buf := append(e.buf, `,"level":"`...)
	buf = append(buf, levelName(r.Level)...)
	if r.Message != "" {
		buf = append(buf, `","message":"`...)
		message := r.Message
		if c.redact.names != nil {
			message = c.redact.text(message)
		}
		buf = jsonenc.AppendEscaped(buf, message)
	}
	if !r.Time.IsZero() {
		buf = append(buf, `","timestamp":"`...)
		buf = e.clock.AppendMillis(buf, r.Time, c.loc)
	} else if needsTime(r.Level) {
		buf = append(buf, `","timestamp":"`...)
		buf = e.clock.AppendMillis(buf, time.Now(), c.loc)
	}
	buf = append(buf, '"')
	if sc != nil {
		fields := sc.fields()
		e.correlated = fields.correlated
		buf = append(buf, fields.text...)
	} else {
		buf = append(buf, c.service...)
	}
	e.buf = buf
	if src := source(c, r); src != nil {
		e.buf = append(e.buf, `,"source":`...)
		e.value(slog.AnyValue(src))
	}
	e.start = len(e.buf)
}

// baseReplaced is base where ReplaceAttr has a say.
func (e *encoder) baseReplaced(sc *scope, r *slog.Record) {
	c := e.core
	field := func(a slog.Attr) {
		if c.redact.match(a.Key) { // before it gets another name
			a.Value = slog.StringValue(redacted)
		}
		if a = c.replace(nil, a); !a.Equal(slog.Attr{}) {
			a.Value = a.Value.Resolve()
			e.member(a)
		}
	}
	own := func(a slog.Attr) { // Lambda needs it, whatever its name
		a.Value = a.Value.Resolve()
		e.put(a)
	}
	if a := c.replace(nil, slog.Any("level", r.Level)); !a.Equal(slog.Attr{}) {
		if l, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(levelName(l))
		}
		own(a)
	}
	if r.Message != "" {
		if a := c.replace(nil, slog.String("message", c.redact.text(r.Message))); !a.Equal(slog.Attr{}) {
			own(a)
		}
	}
	at := r.Time
	if at.IsZero() && needsTime(r.Level) {
		at = time.Now()
	}
	if !at.IsZero() {
		if a := c.replace(nil, slog.Time("timestamp", at)); a.Value.Kind() == slog.KindTime && a.Value.Time().Equal(at) {
			a.Value = slog.StringValue(string(jsonenc.AppendMillis(nil, at, c.loc)))
			own(a)
		} else if !a.Equal(slog.Attr{}) {
			own(a)
		}
	}
	if sc != nil {
		sc.mu.Lock()
		id := sc.correlationID
		sc.mu.Unlock()
		e.correlated = id != ""
		sc.each(id, field)
	} else if c.serviceName != "" {
		field(slog.String("service", c.serviceName))
	}
	if src := source(c, r); src != nil {
		field(slog.Any("source", src))
	}
}

// needsTime reports whether a line at level must have a timestamp: Lambda takes one without
// for a line at INFO, and drops it if the level is above.
func needsTime(level slog.Level) bool { return levelFloor(level) != slog.LevelInfo }

func source(c *core, r *slog.Record) *slog.Source {
	if !c.addSource || r.PC == 0 {
		return nil
	}
	f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	return &slog.Source{Function: f.Function, File: f.File, Line: f.Line}
}

// bound encodes what With and WithGroup added, outermost level first.
func (e *encoder) bound(h *Handler) {
	if h.outer != nil {
		e.bound(h.outer)
		name := h.group
		if name == correlationKey && e.correlated && len(e.stack) == 0 {
			name = "attr_" + correlationKey
		}
		e.openGroup(name)
	}
	e.segment(h.seg)
}

// bind encodes attrs behind those of old, at the level of h (nil: the top), into room
// where they fit. Where a function of the user's panics, the attributes are lost, and that is reported.
func (c *core) bind(old segment, h *Handler, attrs []slog.Attr, room []byte) (s segment) {
	defer func() {
		if v := recover(); v != nil {
			c.configError("encoding attributes panicked: %v", v)
			s = old
		}
	}()
	e := newEncoder(c)
	e.bind(old, h, attrs)
	s = segment{append(room, e.buf...), e.mask, e.n}
	e.free()
	return s
}

func (e *encoder) bind(old segment, h *Handler, attrs []slog.Attr) {
	if h != nil && h.outer != nil {
		if e.core.replace != nil {
			for l := h; l.outer != nil; l = l.outer {
				e.path = append([]string{l.group}, e.path...)
			}
		}
		e.stack = append(e.stack, level{}) // so that it is not taken for the top
	}
	e.segment(old)
	for _, a := range attrs {
		e.attr(a)
	}
}

// segment appends encoded members, which replace members of the same names.
func (e *encoder) segment(s segment) {
	taken := e.correlated && s.mask&correlationBit != 0 && len(e.stack) == 0
	if e.mask&s.mask == 0 && !e.indexed && e.n+s.n <= maxNames && !taken {
		e.buf = append(e.buf, s.buf...)
		e.mask |= s.mask
		e.n += s.n
		return
	}
	for i := 0; i < len(s.buf); {
		name, end := memberAt(s.buf, i)
		at := len(e.buf)
		if taken && string(s.buf[i+1:name-1]) == `"`+correlationKey+`"` {
			e.key("attr_" + correlationKey)
			value := len(e.buf)
			e.buf = append(e.buf, s.buf[name:end]...)
			e.commit(at, value)
		} else {
			e.buf = append(e.buf, s.buf[i:end]...)
			e.commit(at, at+name-i)
		}
		i = end
	}
}
