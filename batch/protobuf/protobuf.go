package protobuf

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Options configures a Decoder. A nil *Options, and every zero field, means the default.
type Options struct {
	// Index says that the data begin with the index of the message in this form, and have no id of a
	// schema. Default: the data begin with a registry's full prefix, or with the message.
	Index Index

	// IgnoreIndex decodes data although their message index differs from the Go type. Set it if your .proto
	// file has other messages than the registered one, or another order.
	IgnoreIndex bool

	// JSON says that the data are JSON. They have no prefix.
	JSON bool
}

// Decoder decodes messages. It is safe for concurrent use.
type Decoder struct{ options Options }

// New returns a Decoder.
func New(o *Options) *Decoder {
	d := &Decoder{}
	if o != nil {
		d.options = *o
	}
	return d
}

// Decode decodes the data of a record into v, which is a message (*pb.Order), or a pointer to one
// (**pb.Order), which may be nil. Errors contain nothing of the data.
func (d *Decoder) Decode(data []byte, v any) error {
	m, err := target(v)
	if err != nil {
		return err
	}
	name := m.ProtoReflect().Descriptor().FullName()
	if d.options.JSON {
		err := protojson.UnmarshalOptions{AllowPartial: true, DiscardUnknown: true}.Unmarshal(data, m)
		if err != nil {
			return fmt.Errorf("protobuf: the data are not the JSON of a %s%s", name, place(err))
		}
	} else {
		message, err := d.options.cut(data, m.ProtoReflect().Descriptor())
		if err != nil {
			return fmt.Errorf("protobuf: %s: %w", name, err)
		}
		if (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(message, m) != nil {
			return fmt.Errorf("protobuf: the data are not a %s", name)
		}
	}
	if err := proto.CheckInitialized(m); err != nil { // names a field
		return fmt.Errorf("protobuf: %w", err)
	}
	return nil
}

// target returns the message that v is or points to.
func target(v any) (proto.Message, error) {
	p := reflect.ValueOf(v)
	if _, ok := v.(proto.Message); !ok && p.Kind() == reflect.Pointer && !p.IsNil() {
		if p = p.Elem(); p.Kind() == reflect.Pointer && p.IsNil() {
			p.Set(reflect.New(p.Type().Elem()))
		}
	}
	if p.Kind() == reflect.Pointer && !p.IsNil() {
		if m, ok := p.Interface().(proto.Message); ok && m.ProtoReflect().Descriptor() != nil {
			return m, nil
		}
	}
	return nil, fmt.Errorf("protobuf: cannot decode into %T, which is not a message or a pointer to one", v)
}

// place returns the place in the data that err names. The rest of err may quote the data.
func place(err error) string {
	_, text, _ := strings.Cut(err.Error(), "(line ")
	at, _, ok := strings.Cut(text, ")")
	if !ok || strings.Trim(at, "0123456789:") != "" {
		return ""
	}
	return ", at " + at
}

var (
	errIndex = errors.New("the data do not begin with the index of a message")
	errOther = errors.New("the data have the index of another message; see Options.IgnoreIndex")
)
