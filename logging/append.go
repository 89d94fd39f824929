package logging

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Append adds fields to every later line of the invocation that ctx belongs to, at the top
// level and from every goroutine. A field of the same name is replaced. Other invocations are
// not affected. If ctx belongs to a record of a batch, only the lines of that record get the fields.
// The arguments follow the rules of slog: keys with values, or slog.Attr.
//
//	logging.Append(ctx, "order_id", order.ID)
//
// If ctx has no invocation, Append acts on the running invocation, if exactly one is running.
// Otherwise it does nothing. [With] adds fields to the lines of one context only.
func Append(ctx context.Context, args ...any) {
	if len(args) == 0 {
		return
	}
	attrs := argsToAttrs(args)
	if r := recordOf(ctx); r != nil {
		r.append(attrs)
		return
	}
	eachScope(ctx, func(sc *scope) { sc.append(attrs) })
}

// Remove removes fields that Append added. It finds the invocation as Append does.
func Remove(ctx context.Context, keys ...string) {
	if r := recordOf(ctx); r != nil {
		r.remove(keys)
		return
	}
	eachScope(ctx, func(sc *scope) { sc.remove(keys) })
}

// SetCorrelationID sets the field correlation_id of every later line of the invocation or record.
// The empty id removes the field. If a context has a correlation id from [With], its lines keep
// that id. SetCorrelationID finds the invocation or record as Append does.
func SetCorrelationID(ctx context.Context, id string) {
	if r := recordOf(ctx); r != nil {
		r.change(func(f, _ *contextFields) { f.correlationID = &id })
		return
	}
	eachScope(ctx, func(sc *scope) { sc.setCorrelationID(id) })
}

// Flush writes the lines that are held back in the invocation, see [Buffer]. It finds the
// invocation as Append does.
func Flush(ctx context.Context) {
	var with *contextFields
	if r := recordOf(ctx); r != nil {
		with = r.fields.Load()
	}
	eachScope(ctx, func(sc *scope) { sc.flush(with) })
}

// eachScope calls change for every scope of the invocation of ctx, also for the scopes that join
// meanwhile.
func eachScope(ctx context.Context, change func(*scope)) {
	inv := invocationOf(ctx)
	if inv == nil {
		return
	}
	first, _ := firstScope(inv)
	if first == nil {
		first = fieldKeeper.join(inv)
	}
	for done := (*scope)(nil); first != done; {
		for sc := first; sc != done; sc = sc.next {
			change(sc)
		}
		done = first
		first, _ = firstScope(inv)
	}
}

// append encodes attrs before it takes the lock, because encoding may call methods of the user's.
func (sc *scope) append(attrs []slog.Attr) {
	c := sc.common
	added := c.bind(members{}, nil, attrs, nil)
	var old members
	joining.RLock()
	sc.mu.Lock()
	if s := sc.appended.Load(); s != nil {
		old = *s
	}
	fields, left := c.merge(old, added)
	sc.appended.Store(&fields)
	sc.mu.Unlock()
	joining.RUnlock()
	c.reportTooLong(left)
}

// reportTooLong reports the field that merge left out.
func (c *common) reportTooLong(left string) {
	if left != "" {
		c.report.Once("append", fmt.Errorf("logging: Append: the fields of an invocation or record are longer than a line may be (%d bytes); %s is left out", c.maxLineBytes, left))
	}
}

// merge returns the fields of old and of added, which replace fields of the same names. If the
// fields are longer than a line may be, it leaves some out and returns the name of the last one.
func (c *common) merge(old, added members) (fields members, left string) {
	e := newEncoder(c)
	e.appendMembers(old)
	for i := 0; i < len(added.buf); {
		value, end := memberAt(added.buf, i)
		length := len(e.buf) + end - i
		if length > c.maxLineBytes {
			length -= memberLen(e.buf, added.buf[i:value])
		}
		if length > c.maxLineBytes {
			left = string(added.buf[i+1 : value-1])
		} else {
			at := len(e.buf)
			e.buf = append(e.buf, added.buf[i:end]...)
			e.commit(at, at+value-i)
		}
		i = end
	}
	fields = members{bytes.Clone(e.buf), e.mask, e.memberCount}
	e.free()
	return fields, left
}

// memberLen returns the length of the encoded member in buf that begins with name, 0 if there is none.
func memberLen(buf, name []byte) int {
	for i := 0; i < len(buf); {
		_, end := memberAt(buf, i)
		if bytes.HasPrefix(buf[i:], name) {
			return end - i
		}
		i = end
	}
	return 0
}

func (sc *scope) remove(keys []string) {
	joining.RLock()
	defer joining.RUnlock()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	old := sc.appended.Load()
	if old == nil {
		return
	}
	e := newEncoder(sc.common)
	for i := 0; i < len(old.buf); {
		value, end := memberAt(old.buf, i)
		if !isAny(old.buf[i+1:value-1], keys, sc.common.addSource) {
			at := len(e.buf)
			e.buf = append(e.buf, old.buf[i:end]...)
			e.commit(at, at+value-i)
		}
		i = end
	}
	sc.appended.Store(&members{bytes.Clone(e.buf), e.mask, e.memberCount})
	e.free()
}

// isAny reports whether name, which is encoded, is one of keys.
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
	joining.RLock()
	defer joining.RUnlock()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.correlationID = id
	sc.givenID.Store(&id)
	sc.rendered.Store(sc.render(new(rendered))) // lines that are being encoded still read the old fields
}
