// Package jsonschema makes JSON Schemas of Go types as encoding/json sees them. Packages httpapi/openapi
// and events/schema use it.
package jsonschema

// Schema is a JSON Schema. The zero value accepts any value. The fields are in the order in which they
// are written.
type Schema struct {
	Dialect               string             `json:"$schema,omitempty"`
	ID                    string             `json:"$id,omitempty"`
	OldID                 string             `json:"id,omitempty"` // in Draft 4
	Ref                   string             `json:"$ref,omitempty"`
	Title                 string             `json:"title,omitempty"`
	AllOf                 []*Schema          `json:"allOf,omitempty"`
	AnyOf                 []*Schema          `json:"anyOf,omitempty"`
	Type                  any                `json:"type,omitempty"` // a name, or a list of names
	Nullable              bool               `json:"nullable,omitempty"`
	Description           string             `json:"description,omitempty"`
	Format                string             `json:"format,omitempty"`
	ContentEncoding       string             `json:"contentEncoding,omitempty"`
	Enum                  []any              `json:"enum,omitempty"`
	Default               any                `json:"default,omitempty"`
	Minimum               *float64           `json:"minimum,omitempty"`
	Maximum               *float64           `json:"maximum,omitempty"`
	ExclusiveMinimum      any                `json:"exclusiveMinimum,omitempty"` // a number; true in OpenAPI 3.0 and Draft 4
	ExclusiveMaximum      any                `json:"exclusiveMaximum,omitempty"`
	MinLength             *int               `json:"minLength,omitempty"`
	MaxLength             *int               `json:"maxLength,omitempty"`
	Pattern               string             `json:"pattern,omitempty"`
	MinItems              *int               `json:"minItems,omitempty"`
	MaxItems              *int               `json:"maxItems,omitempty"`
	Items                 *Schema            `json:"items,omitempty"`
	Required              []string           `json:"required,omitempty"`
	Properties            map[string]*Schema `json:"properties,omitzero"`
	AdditionalProperties  *Schema            `json:"additionalProperties,omitempty"`
	UnevaluatedProperties *bool              `json:"unevaluatedProperties,omitempty"`
	Defs                  map[string]*Schema `json:"$defs,omitempty"`
	Definitions           map[string]*Schema `json:"definitions,omitempty"` // in Draft 4
}

// Dialect is the form of schemas.
type Dialect int

const (
	Draft2020 Dialect = iota // JSON Schema 2020-12, and OpenAPI 3.1
	OpenAPI30
	Draft4
)

// old reports whether a limit is exclusive by a bool, and a reference has no other members.
func (d Dialect) old() bool { return d != Draft2020 }
