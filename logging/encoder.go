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
	maxPooled = 64 << 10 // larger buffers are left to the garbage collector
	maxDepth  = 32       // nested groups: a LogValuer may contain itself
	maxNames  = 1024     // members of one object: comparing their names takes time
	maxAttrs  = 4096     // attributes on one line, with those in groups: LogValuers may form a cycle

	redacted = "[redacted]"
	tooDeep  = "groups are nested too deep"
	tooMany  = "too many attributes; the rest is left out"
	notice   = "!ERROR" // the name of members that report such a limit
)

// members holds encoded members of a JSON object, each with a comma before it.
type members struct {
	buf   []byte
	mask  uint64 // of the names, see nameBit
	count int    // members
}

// encoder builds one line. It appends members with a comma before each. At the end of an object it
// turns the first comma into the opening brace.
type encoder struct {
	common    *common
	buf       []byte
	object                 // the one being written
	stack     []object     // the ones around it
	path      []string     // names of the open groups, for ReplaceAttr
	depth     int          // nested groups, also groups without a name
	attrCount int          // of attributes on the line
	valueEnd  int          // len(buf) at which walk stops
	index     []int32      // offsets of the members of indexed objects
	attrs     [8]slog.Attr // for FromContext
	json      *json.Encoder
	text      bytes.Buffer // what json writes to
	clock     jsonenc.Clock

	correlated bool // the line has the correlation id of the invocation
}

// object is a JSON object being written: its members' names are unique.
type object struct {
	start       int    // offset of its first member in buf
	mask        uint64 // of the names so far
	memberCount int    // members so far
	memberStart int    // offset of the member whose value it is
	valueStart  int    // offset of that member's value

	indexed bool // encoder.index[first:] has the offsets of its members
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

func newEncoder(c *common) *encoder {
	e := encoders.Get().(*encoder)
	e.common = c
	e.buf = e.buf[:0]
	e.object = object{}
	e.stack, e.path, e.index = e.stack[:0], e.path[:0], e.index[:0]
	e.depth, e.attrCount, e.valueEnd = 0, 0, 0
	e.correlated = false
	return e
}

func (e *encoder) free() {
	if cap(e.buf) > maxPooled || e.text.Cap() > maxPooled {
		return
	}
	e.common = nil
	encoders.Put(e)
}

// line encodes r with all fields of its line.
func (e *encoder) line(ctx context.Context, sc *scope, with *contextFields, h *Handler, r *slog.Record) {
	c := e.common
	if c.replaceAttr != nil {
		e.baseReplaced(sc, with, r)
	} else {
		e.base(sc, with, r)
	}
	e.appendMembers(c.attrs)
	if sc != nil {
		if s := sc.appended.Load(); s != nil {
			e.appendMembers(*s)
		}
	}
	if with != nil {
		e.appendMembers(with.encoded(c).fields)
	}
	if c.fromContext != nil {
		for _, a := range c.fromContext(ctx, e.attrs[:0]) {
			e.attr(a)
		}
		clear(e.attrs[:])
	}
	e.bound(h)
	r.Attrs(func(a slog.Attr) bool {
		if !c.verbatim || !e.scalar(&a) {
			e.attrInFull(a)
		}
		return true
	})
	e.close()
}

// close closes the open groups and the line.
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

// base encodes the fields of the toolkit. Their names are reserved, so the search for duplicates
// leaves them out.
func (e *encoder) base(sc *scope, with *contextFields, r *slog.Record) {
	c := e.common
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
		buf = e.clock.AppendMillis(buf, r.Time, c.location)
	} else if needsTime(r.Level) {
		buf = append(buf, `","timestamp":"`...)
		buf = e.clock.AppendMillis(buf, time.Now(), c.location)
	}
	buf = append(buf, '"')
	fields := &c.outsideFields
	if sc != nil {
		fields = sc.fields()
	}
	buf = append(buf, fields.environment...)
	if id := with.givenID(); id != nil {
		buf = append(buf, fields.text[:fields.idStart]...)
		if *id != "" {
			buf = c.appendField(buf, slog.String(correlationKey, *id))
			e.correlated = true
		}
		buf = append(buf, fields.text[fields.idEnd:]...)
	} else {
		buf = append(buf, fields.text...)
		e.correlated = fields.idEnd > fields.idStart
	}
	e.buf = buf
	if src := source(c, r); src != nil {
		e.buf = append(e.buf, `,"source":`...)
		e.value(slog.AnyValue(src))
	}
	e.start = len(e.buf)
}

// baseReplaced does the work of base if ReplaceAttr is set.
func (e *encoder) baseReplaced(sc *scope, with *contextFields, r *slog.Record) {
	c := e.common
	field := func(a slog.Attr) {
		if c.redact.match(a.Key) { // before it gets another name
			a.Value = slog.StringValue(redacted)
		}
		if a = c.replaceAttr(nil, a); !a.Equal(slog.Attr{}) {
			a.Value = a.Value.Resolve()
			e.member(a)
		}
	}
	required := func(a slog.Attr) { // Lambda needs it, whatever its name
		a.Value = a.Value.Resolve()
		e.put(a)
	}
	if a := c.replaceAttr(nil, slog.Any("level", r.Level)); !a.Equal(slog.Attr{}) {
		if l, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(levelName(l))
		}
		required(a)
	}
	if r.Message != "" {
		if a := c.replaceAttr(nil, slog.String("message", c.redact.text(r.Message))); !a.Equal(slog.Attr{}) {
			required(a)
		}
	}
	at := r.Time
	if at.IsZero() && needsTime(r.Level) {
		at = time.Now()
	}
	if !at.IsZero() {
		if a := c.replaceAttr(nil, slog.Time("timestamp", at)); a.Value.Kind() == slog.KindTime && a.Value.Time().Equal(at) {
			a.Value = slog.StringValue(string(jsonenc.AppendMillis(nil, at, c.location)))
			required(a)
		} else if !a.Equal(slog.Attr{}) {
			required(a)
		}
	}
	id := ""
	if sc != nil {
		sc.mu.Lock()
		id = sc.correlationID
		sc.mu.Unlock()
	}
	if given := with.givenID(); given != nil {
		id = *given
	}
	e.correlated = id != ""
	if sc != nil {
		sc.each(id, field)
	} else {
		text := textTo(field)
		text("service", c.serviceName)
		text(correlationKey, id)
	}
	if src := source(c, r); src != nil {
		field(slog.Any("source", src))
	}
}

// needsTime reports whether a line at level must have a timestamp. Lambda assumes that a line
// without one is at INFO, and drops it if the function's level is above.
func needsTime(level slog.Level) bool { return levelFloor(level) != slog.LevelInfo }

func source(c *common, r *slog.Record) *slog.Source {
	if !c.addSource || r.PC == 0 {
		return nil
	}
	f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	return &slog.Source{Function: f.Function, File: f.File, Line: f.Line}
}

// bound appends the attributes and groups of Logger.With and WithGroup, the outermost first.
func (e *encoder) bound(h *Handler) {
	if h.outer != nil {
		e.bound(h.outer)
		name := h.group
		if name == correlationKey && e.correlated && len(e.stack) == 0 {
			name = "attr_" + correlationKey
		}
		e.openGroup(name)
		e.secret = e.secret || h.secret // it may have another name here
	}
	e.appendMembers(h.attrs)
}

// bind encodes attrs after old, in the group of h (nil: the top level). It uses buf if they fit. If
// a function of the user's panics, it reports that and returns old.
func (c *common) bind(old members, h *Handler, attrs []slog.Attr, buf []byte) (s members) {
	defer func() {
		if v := recover(); v != nil {
			c.configError("encoding attributes panicked: %v", v)
			s = old
		}
	}()
	e := newEncoder(c)
	e.bind(old, h, attrs)
	s = members{append(buf, e.buf...), e.mask, e.memberCount}
	e.free()
	return s
}

func (e *encoder) bind(old members, h *Handler, attrs []slog.Attr) {
	if h != nil && h.outer != nil {
		if e.common.replaceAttr != nil {
			for l := h; l.outer != nil; l = l.outer {
				e.path = append([]string{l.group}, e.path...)
			}
		}
		e.stack = append(e.stack, object{}) // so that this is not the top level
	}
	e.appendMembers(old)
	for _, a := range attrs {
		e.attr(a)
	}
}

// appendMembers appends encoded members. They replace members of the same names.
func (e *encoder) appendMembers(s members) {
	if s.count == 0 {
		return
	}
	taken := e.correlated && s.mask&correlationBit != 0 && len(e.stack) == 0
	if e.mask&s.mask == 0 && !e.indexed && e.memberCount+s.count <= maxNames && !taken {
		e.buf = append(e.buf, s.buf...)
		e.mask |= s.mask
		e.memberCount += s.count
		return
	}
	for i := 0; i < len(s.buf); {
		value, end := memberAt(s.buf, i)
		at := len(e.buf)
		if taken && string(s.buf[i+1:value-1]) == `"`+correlationKey+`"` {
			e.key("attr_" + correlationKey)
			valueStart := len(e.buf)
			e.buf = append(e.buf, s.buf[value:end]...)
			e.commit(at, valueStart)
		} else {
			e.buf = append(e.buf, s.buf[i:end]...)
			e.commit(at, at+value-i)
		}
		i = end
	}
}
