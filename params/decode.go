package params

import (
	"context"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Decoder turns the text of a parameter into a T: once for each value that is fetched, for
// all callers. Each caller gets a T of its own: maps, slices and what pointers point to are
// copied, so that nobody can change another's.
type Decoder[T any] struct {
	want   string
	decode func(text []byte) (T, error)
}

// NewDecoder returns a Decoder that uses decode, which must not keep text. want says in
// errors what a value has to be, such as "rate limit".
func NewDecoder[T any](want string, decode func(text []byte) (T, error)) *Decoder[T] {
	return &Decoder[T]{want, decode}
}

// Get returns the decoded value of a parameter. A value that does not decode is a
// *DecodeError.
func (d *Decoder[T]) Get(ctx context.Context, g Getter, name string) (T, error) {
	c, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	return decoded(c, d, name, d)
}

// JSON returns the value of a parameter that holds JSON. A value that is not, or does not
// fit, is a *DecodeError.
func JSON[T any](ctx context.Context, g Getter, name string) (T, error) {
	c, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	for n := c.decoded.Load(); n != nil; n = n.next {
		if h, ok := n.value.(*jsonHolder[T]); ok {
			return h.get()
		}
	}
	return keep(c, (*jsonHolder[T])(nil), &jsonHolder[T]{newHolder[T](c, name, nil)}).get()
}

// UnmarshalText returns the value of a parameter whose text a *T decodes: a netip.Addr, a
// time.Time, a slog.Level. It gets the text without white space around it, unless T is
// Secret.
func UnmarshalText[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](ctx context.Context, g Getter, name string) (T, error) {
	c, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	for n := c.decoded.Load(); n != nil; n = n.next {
		if h, ok := n.value.(*textHolder[T]); ok {
			return h.get()
		}
	}
	d := &Decoder[T]{typeName[T](), func(text []byte) (v T, err error) {
		err = P(&v).UnmarshalText(unmarshalText(reflect.TypeFor[T](), text))
		return v, err
	}}
	return keep(c, (*textHolder[T])(nil), &textHolder[T]{newHolder(c, name, d)}).get()
}

var (
	ints      = NewDecoder("whole number", func(text []byte) (int, error) { return strconv.Atoi(string(trim(text))) })
	floats    = NewDecoder("number", func(text []byte) (float64, error) { return strconv.ParseFloat(string(trim(text)), 64) })
	bools     = NewDecoder("boolean", func(text []byte) (bool, error) { return strconv.ParseBool(string(trim(text))) })
	durations = NewDecoder("duration", func(text []byte) (time.Duration, error) { return time.ParseDuration(string(trim(text))) })
	base64s   = NewDecoder("base64", func(text []byte) ([]byte, error) { return base64.StdEncoding.AppendDecode(nil, trim(text)) })
)

func trim(text []byte) []byte { return []byte(strings.TrimSpace(string(text))) }

func typeName[T any]() string { return fmt.Sprintf("%T", *new(T)) }

// node is one of the things that a content was decoded to.
type node struct {
	key   any // the decoder
	value any // a *holder
	next  *node
	n     int
}

// holder is a decoded value, and how it is handed out.
type holder[T any] struct {
	begun atomic.Bool
	ready atomic.Bool
	done  chan struct{} // closed when it is ready
	value T
	err   error
	flat  bool              // a copy of the value shares nothing that can be changed
	again func() (T, error) // decodes it anew, where it cannot be cloned
}

// jsonHolder and textHolder are holders that need no other key than their types.
type (
	jsonHolder[T any] struct{ *holder[T] }
	textHolder[T any] struct{ *holder[T] }
)

// maxDecoded bounds what one content is decoded to.
const maxDecoded = 64

// decoded returns what d decodes c to.
func decoded[T any](c *content, key any, name string, d *Decoder[T]) (T, error) {
	for n := c.decoded.Load(); n != nil; n = n.next {
		if n.key == key {
			return n.value.(*holder[T]).get()
		}
	}
	return keep(c, key, newHolder(c, name, d)).get()
}

// keep adds a holder to what c was decoded to, unless somebody else was quicker.
func keep[H any](c *content, key any, h H) H {
	for {
		first := c.decoded.Load()
		for n := first; n != nil; n = n.next {
			if n.key == key {
				return n.value.(H)
			}
		}
		n := &node{key: key, value: h, next: first, n: 1}
		if first != nil {
			n.n += first.n
		}
		if n.n > maxDecoded || c.decoded.CompareAndSwap(first, n) {
			return h
		}
	}
}

func newHolder[T any](c *content, name string, d *Decoder[T]) *holder[T] {
	return &holder[T]{done: make(chan struct{}), again: func() (T, error) { return decode(c, name, d) }}
}

// fill decodes. It is for one caller; the others wait.
func (h *holder[T]) fill() {
	defer func() {
		h.ready.Store(true)
		close(h.done)
	}()
	h.err = errors.New("params: the decoder called runtime.Goexit") // unless it returns
	h.flat = isFlat[T]()
	h.value, h.err = h.again()
}

func (h *holder[T]) get() (T, error) {
	if !h.ready.Load() {
		if h.begun.CompareAndSwap(false, true) {
			h.fill()
		} else {
			<-h.done
		}
	}
	if h.flat || h.err != nil {
		return h.value, h.err
	}
	if v, ok := clone(h.value); ok {
		return v, nil
	}
	return h.again()
}

func decode[T any](c *content, name string, d *Decoder[T]) (v T, err error) {
	want := "JSON"
	if d != nil {
		want = d.want
	}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the decoder panicked")
		}
		if err != nil {
			var zero T
			v, err = zero, &DecodeError{Name: name, Want: want, cause: err}
		}
	}()
	if d != nil {
		return d.decode([]byte(c.value.Text))
	}
	if err := json.Unmarshal([]byte(c.value.Text), &v); err != nil {
		want = "JSON that fits " + typeName[T]()
		return v, err
	}
	return v, nil
}
