package params

import (
	"errors"
	"sync/atomic"
)

// form is the result of a decoder for one content.
type form[T any] struct {
	decoder *Decoder[T] // nil for JSON
	begun   atomic.Bool
	ready   atomic.Bool
	done    chan struct{} // closed when ready; unlike a sync.Once it works in a testing/synctest bubble
	value   T
	err     error
}

// get returns the result. The first call decodes; the others wait for it.
func (f *form[T]) get(ct *content, name string) (T, error) {
	if !f.ready.Load() {
		if f.begun.CompareAndSwap(false, true) {
			f.decode(ct, name)
		} else {
			<-f.done
		}
	}
	return f.value, f.err
}

func (f *form[T]) decode(ct *content, name string) {
	defer func() {
		f.ready.Store(true)
		close(f.done)
	}()
	f.err = errors.New("params: the decoder called runtime.Goexit") // unless decode returns
	f.value, f.err = decode(ct, name, f.decoder)
}

// formNode is a node of the list of the forms of a content.
type formNode struct {
	key    any // a *Decoder[T], or a nil *jsonKey[T] or *textKey[T]
	form   any // a *form[T]
	next   *formNode
	length int // of the list from here
}

// jsonKey and textKey are the types of keys of the forms that JSON and UnmarshalText decode.
type (
	jsonKey[T any] struct{ _ T }
	textKey[T any] struct{ _ T }
)

// maxForms bounds the forms that a content keeps, for programs that make a Decoder for each
// call.
const maxForms = 64

// findForm returns the form with that key, or nil.
func findForm[T any](ct *content, key any) *form[T] {
	return findFormIn[T](ct.forms.Load(), key)
}

func findFormIn[T any](n *formNode, key any) *form[T] {
	for ; n != nil; n = n.next {
		if n.key == key {
			return n.form.(*form[T])
		}
	}
	return nil
}

// decodeNew decodes a content that has no form with that key. It keeps the form if callers can
// share the value.
func decodeNew[T any](ct *content, key any, name string, d *Decoder[T]) (T, error) {
	if !isFlat[T]() {
		return decode(ct, name, d)
	}
	return addForm(ct, key, &form[T]{decoder: d, done: make(chan struct{})}).get(ct, name)
}

// addForm adds f to the forms of a content and returns it. If another goroutine added a form
// with that key first, addForm returns that form.
func addForm[T any](ct *content, key any, f *form[T]) *form[T] {
	for {
		first := ct.forms.Load()
		if f := findFormIn[T](first, key); f != nil {
			return f
		}
		n := &formNode{key: key, form: f, next: first, length: 1}
		if first != nil {
			n.length += first.length
		}
		if n.length > maxForms || ct.forms.CompareAndSwap(first, n) {
			return f
		}
	}
}
