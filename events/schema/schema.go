package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/internal/eventfile"
	"github.com/lambdakit/lambdakit/internal/jsonschema"
)

// Draft is a version of JSON Schema.
type Draft int

const (
	Draft2020 Draft = iota // 2020-12

	// Draft4 is the draft that the schema registry of EventBridge takes.
	Draft4
)

// Of returns the schema of the data of an event. Its title is the type, and its id is
// urn:event:SOURCE:TYPE:vN.
//
// It fails if a field has a type that encoding/json does not encode, such as a channel, or a tag that
// does not fit its type.
func Of[T any](d *events.Definition[T], draft Draft) ([]byte, error) {
	return OfDefined(events.Defined{Source: d.Source(), Type: d.Type(), Version: d.Version(), Data: reflect.TypeFor[T]()}, draft)
}

// OfDefined is [Of] for an element of [events.Definitions].
func OfDefined(d events.Defined, draft Draft) ([]byte, error) {
	x, err := generate(d.Data, draft)
	if err != nil {
		return nil, fmt.Errorf("schema: %s of %s: %w", d.Type, d.Source, err)
	}
	x.Title = d.Type
	id := fmt.Sprintf("urn:event:%s:%s:v%d", escape(d.Source), escape(d.Type), d.Version)
	if draft == Draft4 {
		x.OldID = id
	} else {
		x.ID = id
	}
	return write(x)
}

// OfType returns the schema of a type as encoding/json writes it. It has no id and no title.
func OfType(t reflect.Type, draft Draft) ([]byte, error) {
	x, err := generate(t, draft)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return write(x)
}

// WriteDefinitions writes the schemas of all [events.Definitions] of this process into a directory that
// exists. The names of the files are SOURCE.TYPE.vN.json, with %XX for bytes other than letters,
// digits, hyphens, underscores and dots.
//
// It fails if two definitions have one source, type and version, and different schemas.
func WriteDefinitions(dir string, draft Draft) error {
	type file struct {
		text []byte
		data reflect.Type
	}
	written := make(map[string]file)
	for _, d := range events.Definitions() {
		text, err := OfDefined(d, draft)
		if err != nil {
			return err
		}
		name := eventfile.Name(d.Source, d.Type, d.Version)
		if before, ok := written[name]; ok && !bytes.Equal(before.text, text) {
			return fmt.Errorf("schema: two definitions of %s of %s have version %d and different data: %s and %s", d.Type, d.Source, d.Version, typeName(before.data), typeName(d.Data))
		}
		written[name] = file{text, d.Data}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
	}
	return nil
}

// typeName returns the name of a type with the path of its package.
func typeName(t reflect.Type) string {
	if t.Name() == "" || t.PkgPath() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

// Identifiers of the drafts.
const (
	uri2020 = "https://json-schema.org/draft/2020-12/schema"
	uri4    = "http://json-schema.org/draft-04/schema#"
)

func generate(t reflect.Type, draft Draft) (*jsonschema.Schema, error) {
	if t == nil {
		return nil, errors.New("there is no type")
	}
	g, uri := jsonschema.New(jsonschema.Draft2020, "#/$defs/"), uri2020
	if draft == Draft4 {
		g, uri = jsonschema.New(jsonschema.Draft4, "#/definitions/"), uri4
	}
	g.Output, g.Exact = true, true
	x := g.Document(t)
	if g.Err != nil {
		return nil, g.Err
	}
	x.Dialect = uri
	return x, nil
}

func write(x *jsonschema.Schema) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(x); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return text.Bytes(), nil
}

// escape escapes a part of a URN.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
