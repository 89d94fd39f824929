package logging

import (
	"bytes"
	"log/slog"
	"slices"
	"strconv"
	"unsafe"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// attr encodes one attribute by the rules of slog: empty ones are dropped, groups without a name
// are inlined, and ReplaceAttr is called.
func (e *encoder) attr(a slog.Attr) {
	if !e.common.verbatim || !e.scalar(&a) {
		e.attrInFull(a)
	}
}

func (e *encoder) attrInFull(a slog.Attr) {
	if e.attrCount++; e.attrCount > maxAttrs {
		if e.attrCount == maxAttrs+1 {
			e.member(slog.String(notice, tooMany))
		}
		return
	}
	if e.common.redact.match(a.Key) { // before it gets another name
		a.Value = slog.StringValue(redacted)
	}
	a.Value = a.Value.Resolve()
	if e.common.replaceAttr != nil && a.Value.Kind() != slog.KindGroup {
		a = e.common.replaceAttr(e.path, a)
		if e.common.redact.match(a.Key) { // after it got another name
			a.Value = slog.StringValue(redacted)
		}
		a.Value = a.Value.Resolve()
	}
	if a.Key == "" && a.Equal(slog.Attr{}) {
		return
	}
	if a.Value.Kind() == slog.KindGroup && a.Key == "" {
		e.group(a.Value.Group())
		return
	}
	if len(e.stack) == 0 && e.reserved(a.Key) {
		a.Key = "attr_" + a.Key
	}
	e.member(a)
}

// scalar encodes a if appending is enough, as for most attributes. It reports whether it did.
func (e *encoder) scalar(a *slog.Attr) bool {
	hash, plain := jsonenc.Hash(a.Key)
	bit := nameBit(hash)
	if !plain || e.mask&bit != 0 || e.indexed || e.memberCount == maxNames || e.attrCount >= maxAttrs {
		return false
	}
	if mayBeReserved(hash) && len(e.stack) == 0 && e.reserved(a.Key) {
		return false
	}
	buf := append(e.buf, `,"`...)
	buf = append(buf, a.Key...)
	buf = append(buf, `":`...)
	buf, ok := appendScalar(buf, a.Value)
	if !ok {
		return false
	}
	e.buf = buf
	e.mask |= bit
	e.memberCount++
	e.attrCount++
	return true
}

// appendScalar appends v unless it is a group or of slog.KindAny.
func appendScalar(buf []byte, v slog.Value) ([]byte, bool) {
	switch v.Kind() {
	case slog.KindString:
		return jsonenc.AppendString(buf, v.String()), true
	case slog.KindInt64:
		return jsonenc.AppendInt(buf, v.Int64()), true
	case slog.KindUint64:
		return jsonenc.AppendUint(buf, v.Uint64()), true
	case slog.KindFloat64:
		return jsonenc.AppendFloat(buf, v.Float64()), true
	case slog.KindBool:
		return strconv.AppendBool(buf, v.Bool()), true
	case slog.KindDuration:
		return jsonenc.AppendInt(buf, int64(v.Duration())), true
	case slog.KindTime:
		return jsonenc.AppendTime(buf, v.Time()), true
	}
	return buf, false
}

// group encodes the members of a group into the open object.
func (e *encoder) group(attrs []slog.Attr) {
	if e.depth == maxDepth { // probably a LogValuer that contains itself
		e.member(slog.String(notice, tooDeep))
		return
	}
	e.depth++
	for _, a := range attrs {
		e.attr(a)
	}
	e.depth--
}

// reservedNames are the names of the toolkit's fields. source is reserved only with AddSource.
var reservedNames = []string{
	"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
	"function_version", "function_request_id", "xray_trace_id", "tenant_id", "correlation_id", "sampling_rate", "source",
}

// reservedBits has one bit of 1,024 for each of reservedNames, by its hash.
var reservedBits = func() (bits [16]uint64) {
	for _, name := range reservedNames {
		hash, _ := jsonenc.Hash(name)
		bits[hash>>60] |= 1 << (hash >> 54 & 63)
	}
	return bits
}()

// mayBeReserved reports whether a name with hash must be compared with reservedNames.
func mayBeReserved(hash uint64) bool { return reservedBits[hash>>60]>>(hash>>54&63)&1 != 0 }

func reserved(name string, source bool) bool {
	return slices.Contains(reservedNames, name) && (source || name != "source")
}

// correlationKey is reserved only on lines with a correlation id. With and Append encode
// attributes before they can know that.
const correlationKey = "correlation_id"

var correlationBit = func() uint64 {
	hash, _ := jsonenc.Hash(correlationKey)
	return nameBit(hash)
}()

func (e *encoder) reserved(name string) bool {
	return reserved(name, e.common.addSource) && (name != correlationKey || e.correlated)
}

// member encodes a, redacted if its name says so. Its value is resolved.
func (e *encoder) member(a slog.Attr) {
	switch {
	case e.common.redact.match(a.Key):
		a.Value = slog.StringValue(redacted)
	case a.Value.Kind() == slog.KindString:
		a.Value = slog.StringValue(e.common.redact.text(a.Value.String()))
	}
	e.put(a)
}

// put encodes a without redaction of its name.
func (e *encoder) put(a slog.Attr) {
	if a.Value.Kind() == slog.KindGroup {
		e.openGroup(a.Key)
		e.group(a.Value.Group())
		e.closeGroup()
		return
	}
	at := len(e.buf)
	e.key(a.Key)
	value := len(e.buf)
	e.value(a.Value)
	e.commit(at, value)
}

func (e *encoder) key(name string) {
	e.buf = append(e.buf, ',')
	e.buf = jsonenc.AppendString(e.buf, name)
	e.buf = append(e.buf, ':')
}

func (e *encoder) openGroup(name string) {
	at := len(e.buf)
	e.key(name)
	e.stack = append(e.stack, e.object)
	e.object = object{start: len(e.buf), memberStart: at, valueStart: len(e.buf), first: len(e.index), secret: e.common.redact.match(name)}
	e.path = append(e.path, name)
}

// closeGroup closes the group. A group without members is removed.
func (e *encoder) closeGroup() {
	l := e.object
	e.object = e.stack[len(e.stack)-1]
	e.stack = e.stack[:len(e.stack)-1]
	e.path = e.path[:len(e.path)-1]
	e.index = e.index[:l.first]
	switch {
	case len(e.buf) == l.start:
		e.buf = e.buf[:l.memberStart]
		return
	case l.secret:
		e.buf = jsonenc.AppendString(e.buf[:l.start], redacted)
	default:
		e.buf[l.start] = '{'
		e.buf = append(e.buf, '}')
	}
	e.commit(l.memberStart, l.valueStart)
}

// commit adds the member at buf[at], with its value at buf[value], to the open object. It cuts out
// an earlier member of the same name.
func (e *encoder) commit(at, value int) {
	encoded := e.buf[at+2 : value-2]
	hash, _ := jsonenc.Hash(unsafe.String(unsafe.SliceData(encoded), len(encoded)))
	bit := nameBit(hash)
	if e.mask&bit != 0 {
		at = e.replace(at, value)
	} else {
		e.mask |= bit
	}
	if e.memberCount < maxNames {
		e.memberCount++
		if e.indexed {
			e.index = append(e.index, int32(at))
		}
		return
	}
	e.buf = e.buf[:at]
	if !e.full {
		e.full = true
		e.memberCount-- // so that the note fits
		e.member(slog.String(notice, tooMany))
	}
}

// replace cuts out an earlier member with the same name as the member at buf[at]. It returns the
// new offset of the latter.
func (e *encoder) replace(at, value int) int {
	if !e.indexed {
		e.indexed = true
		for i := e.start; i < at; {
			e.index = append(e.index, int32(i))
			_, i = memberAt(e.buf, i)
		}
	}
	key := e.buf[at+1 : value]
	index := e.index[e.first:]
	for i, begin := range index {
		begin := int(begin)
		if begin+1+len(key) > at || !bytes.Equal(e.buf[begin+1:begin+1+len(key)], key) {
			continue
		}
		end := at
		if i+1 < len(index) {
			end = int(index[i+1])
		}
		e.buf = append(e.buf[:begin], e.buf[end:]...)
		for j := i + 1; j < len(index); j++ {
			index[j-1] = index[j] - int32(end-begin)
		}
		e.index = e.index[:len(e.index)-1]
		e.memberCount--
		return at - (end - begin)
	}
	return at
}

// memberAt returns the offsets of the value of the encoded member at buf[i], and of its end.
func memberAt(buf []byte, i int) (value, end int) {
	value, _ = jsonscan.Skip(buf, i+1)
	value++ // the colon
	end, _ = jsonscan.Skip(buf, value)
	return value, end
}

// nameBit maps the hash of a name to one of 64 bits. If two names have different bits, they need
// no comparison.
func nameBit(hash uint64) uint64 { return 1 << (hash >> 58) }

// value encodes v. It is resolved and not a group.
func (e *encoder) value(v slog.Value) {
	buf, ok := appendScalar(e.buf, v)
	if !ok {
		e.any(v.Any())
		return
	}
	e.buf = buf
}
