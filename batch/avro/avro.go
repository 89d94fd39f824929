package avro

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/twmb/avro"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/batch/internal/prefix"
)

// Options configures a Decoder. A nil *Options, and every zero field, means the default.
type Options struct {
	// Raw says that the data have no prefix of a schema registry.
	Raw bool

	// Writer returns the schema with this id, with which data were written. The id is a number such as
	// 17 of Confluent's registry, or a UUID of the Glue Schema Registry. Writer is called until it has
	// returned a schema that can be resolved, possibly by several goroutines at the same time. A Decoder
	// keeps 1,000 schemas.
	// Default: data were written with the schema of New. Raw data have no id, so Writer is not called.
	Writer func(id string) (schema string, err error)

	// SkipUnknown skips fields of the schema that a struct does not have. Default: they are an error.
	SkipUnknown bool
}

// Decoder decodes data of one schema. It is safe for concurrent use.
type Decoder struct {
	schema  *avro.Schema
	options Options
	opts    []avro.Opt

	mu      sync.Mutex
	writers map[string]*avro.Schema // by id; they decode the writer's data by the schema of New
}

// maxWriters is the limit for schemas that are kept, as an id comes from the data.
const maxWriters = 1000

// New returns a Decoder for a schema in JSON.
func New(schema string, o *Options) (*Decoder, error) {
	s, err := avro.Parse(schema)
	if err != nil {
		return nil, fmt.Errorf("avro: schema: %w", err)
	}
	d := &Decoder{schema: s, writers: map[string]*avro.Schema{}}
	if o != nil {
		d.options = *o
	}
	if d.options.SkipUnknown {
		d.opts = append(d.opts, avro.SkipUnknown())
	}
	return d, nil
}

// Decode decodes the data of a record into the value that v points to. Errors name fields and types,
// and contain nothing of the data. They wrap the error of Options.Writer, which is transient: the
// record comes again.
func (d *Decoder) Decode(data []byte, v any) error {
	schema := d.schema
	if !d.options.Raw {
		var id string
		var err error
		if data, _, id, err = prefix.Cut(data); err != nil {
			return fmt.Errorf("avro: %w", err)
		}
		if schema, err = d.schemaOf(id); err != nil {
			return fmt.Errorf("avro: schema %s: %w", id, err)
		}
	}
	rest, err := schema.Decode(data, v, d.opts...)
	if err != nil {
		return clean(err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("avro: %d bytes follow the value", len(rest))
	}
	return nil
}

// schemaOf returns the schema that decodes data with this id.
func (d *Decoder) schemaOf(id string) (*avro.Schema, error) {
	if d.options.Writer == nil {
		return d.schema, nil
	}
	d.mu.Lock()
	s, ok := d.writers[id]
	d.mu.Unlock()
	if ok {
		return s, nil
	}
	text, err := d.options.Writer(id)
	if err != nil {
		return nil, batch.Transient(err)
	}
	writer, err := avro.Parse(text)
	if err != nil {
		return nil, err
	}
	if s, err = avro.Resolve(writer, d.schema); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.writers) < maxWriters {
		d.writers[id] = s
	}
	return s, nil
}

// clean returns err without the values that it quotes from the data.
func clean(err error) error {
	if _, ok := errors.AsType[*avro.ShortBufferError](err); ok {
		return errors.New("avro: the data end too early")
	}
	e, ok := errors.AsType[*avro.SemanticError](err)
	if !ok {
		return errors.New("avro: the data do not match the schema")
	}
	text := fmt.Sprintf("cannot decode Avro type %s into %v", e.AvroType, e.GoType)
	if e.Field != "" {
		text = "field " + e.Field + ": " + text
	}
	if e.Err != nil && strings.HasPrefix(e.Err.Error(), "missing field ") { // names the schema's field
		text += ": " + e.Err.Error()
	}
	return errors.New("avro: " + text)
}
