package events

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"
)

// Definition is a type of events with data of type T. Make one with [Define].
type Definition[T any] struct{ definition }

// definition is the part of a Definition that does not depend on T.
type definition struct {
	source, name string
	version      int
	data         reflect.Type
	upcasts      map[int]upcast // by the version that they upgrade
	checks       []func(data []byte) error
}

// upcast upgrades data by a version.
type upcast struct {
	from, to reflect.Type
	apply    func(data json.RawMessage) (any, error)
}

// Define returns the definition of the events of a type. source names the system that publishes them,
// such as "shop.orders", and name is the type, such as "OrderConfirmed". encoding/json encodes the
// data, which must become a JSON object.
//
// It panics if a text is empty or not UTF-8, if a version is below 1, if an [Upcast] is missing between
// version 1 and the [Version] or is there twice, if the types of the upcasts do not lead to T, or if a
// function is nil.
func Define[T any](source, name string, options ...Option) *Definition[T] {
	d := &Definition[T]{definition{source: source, name: name, version: 1, data: reflect.TypeFor[T](), upcasts: map[int]upcast{}}}
	for _, o := range options {
		o.apply(&d.definition)
	}
	d.check()
	register(&d.definition)
	return d
}

// check panics if the definition is not complete.
func (d *definition) check() {
	if d.source == "" || d.name == "" || !utf8.ValidString(d.source) || !utf8.ValidString(d.name) {
		panic(fmt.Sprintf("events: Define(%q, %q): the source and the type must not be empty, and must be UTF-8", d.source, d.name))
	}
	if d.version < 1 {
		panic(fmt.Sprintf("events: Define: %s has version %d; versions count from 1", d.name, d.version))
	}
	for v := 1; v < d.version; v++ {
		if _, ok := d.upcasts[v]; !ok {
			panic(fmt.Sprintf("events: Define: %s has version %d and no Upcast of version %d", d.name, d.version, v))
		}
	}
	for v, u := range d.upcasts {
		want := d.data
		if next, ok := d.upcasts[v+1]; ok {
			want = next.from
		}
		if v < 1 || v >= d.version || u.to != want {
			panic(fmt.Sprintf("events: Define: %s: the Upcast of version %d returns %v; version %d has %v", d.name, v, u.to, v+1, want))
		}
	}
}

// Option configures a [Definition]. [Version], [Upcast] and [Check] return one.
type Option struct{ apply func(*definition) }

// Version is the version of the data that T describes. Default: 1.
func Version(n int) Option { return Option{func(d *definition) { d.version = n }} }

// Upcast upgrades the data of a version to the next one. If From has members that the JSON lacks, they
// are zero, as with encoding/json.
func Upcast[From, To any](version int, f func(From) (To, error)) Option {
	if f == nil {
		panic("events: Upcast: the function is nil")
	}
	u := upcast{from: reflect.TypeFor[From](), to: reflect.TypeFor[To]()}
	u.apply = func(data json.RawMessage) (any, error) {
		var old From
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, newDataError(u.from, err)
		}
		return f(old)
	}
	return Option{func(d *definition) {
		if _, ok := d.upcasts[version]; ok {
			panic(fmt.Sprintf("events: Define: %s has two Upcasts of version %d", d.name, version))
		}
		d.upcasts[version] = u
	}}
}

// Check adds a check of the JSON data of an event in the current version. It runs before an event is
// published, and before a handler gets one. Package jsonschema, a module of its own, has such checks.
func Check(f func(data []byte) error) Option {
	if f == nil {
		panic("events: Check: the function is nil")
	}
	return Option{func(d *definition) { d.checks = append(d.checks, f) }}
}

// Source returns the first argument of [Define].
func (d *Definition[T]) Source() string { return d.source }

// Type returns the second argument of [Define].
func (d *Definition[T]) Type() string { return d.name }

// Version returns the version of the data that T describes.
func (d *Definition[T]) Version() int { return d.version }

// New returns an event. key is the business key of the fact, such as the id of the order that was
// confirmed: the same source, type and key give the same ID. If a fact of the type can happen several
// times to a thing, the key must tell the facts apart. The Group is the key; set it to the id of the
// thing if the key has more than that.
//
// It panics if key is empty.
func (d *Definition[T]) New(key string, data T) *Event[T] {
	if key == "" {
		panic("events: New of " + d.name + ": the key must not be empty")
	}
	return &Event[T]{
		Metadata:   Metadata{ID: newID(d.source, d.name, key), Source: d.source, Type: d.name, Version: d.version, Group: key},
		Data:       data,
		definition: &d.definition,
	}
}

// Decode decodes an event as a [Mux] does: it upgrades the data of older versions. payload is the
// event in an envelope of this package, without those of SNS or EventBridge. An event in the envelope
// [Bare] is malformed, because nothing says what it is.
func (d *Definition[T]) Decode(payload []byte) (*Event[T], error) {
	m, data, err := open(payload)
	if err != nil {
		return nil, err
	}
	if m.Type == "" {
		return nil, fmt.Errorf("%w: it has no metadata", ErrMalformed)
	}
	if m.Source != d.source || m.Type != d.name {
		return nil, fmt.Errorf("%w: the event is not of the type %s of %s", ErrUnknownType, d.name, d.source)
	}
	return d.decode(m, data)
}

// Decoder decodes an event into v, an *Event[T]. It is for batch.Options, if a handler of package batch
// gets the events of one type: func(ctx context.Context, m *batch.Message[events.Event[T]]) error.
func (d *Definition[T]) Decoder(payload []byte, v any) error {
	to, ok := v.(*Event[T])
	if !ok {
		return fmt.Errorf("events: the Decoder of %s decodes into a %T only", d.name, to)
	}
	e, err := d.Decode(payload)
	if err == nil {
		*to = *e
	}
	return err
}

// decode decodes and upgrades the data of an event.
func (d *Definition[T]) decode(m Metadata, data json.RawMessage) (*Event[T], error) {
	switch {
	case m.Version == 0 && d.version > 1:
		return nil, fmt.Errorf("%w: nothing says which version of %s it has", ErrMalformed, d.name)
	case m.Version == 0:
		m.Version = 1
	case m.Version > d.version:
		return nil, fmt.Errorf("%w: version %d of %s, and %d is known", ErrNewerVersion, m.Version, d.name, d.version)
	case m.Version < 0:
		return nil, fmt.Errorf("%w: its version is negative", ErrMalformed)
	}
	e := &Event[T]{Metadata: m, definition: &d.definition}
	e.Version = d.version
	for v := m.Version; v < d.version; v++ {
		value, err := d.upcasts[v].apply(data)
		if err != nil {
			return nil, fmt.Errorf("events: upgrade version %d of %s: %w", v, d.name, err)
		}
		if data, err = marshal(value); err != nil {
			return nil, fmt.Errorf("events: upgrade version %d of %s: %w", v, d.name, err)
		}
	}
	if err := d.checkData(data); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &e.Data); err != nil {
		return nil, newDataError(d.data, err)
	}
	return e, nil
}

func (d *definition) checkData(data []byte) error {
	for _, check := range d.checks {
		if err := check(data); err != nil {
			return fmt.Errorf("events: the data of %s: %w", d.name, err)
		}
	}
	return nil
}

// Defined describes a [Definition].
type Defined struct {
	Source, Type string
	Version      int
	Data         reflect.Type
}

var (
	definedMu sync.Mutex
	defined   []Defined
)

func register(d *definition) {
	definedMu.Lock()
	defer definedMu.Unlock()
	defined = append(defined, Defined{d.source, d.name, d.version, d.data})
}

// Definitions returns what [Define] has defined in this process, in its order. "lambdakit events
// schema" writes their schemas.
func Definitions() []Defined {
	definedMu.Lock()
	defer definedMu.Unlock()
	return append([]Defined(nil), defined...)
}
