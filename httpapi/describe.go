package httpapi

import (
	"io"
	"net/http"
	"reflect"

	"github.com/lambdakit/lambdakit/httpapi/internal/describe"
)

// Doc documents an operation. Package openapi writes it into its documents; requests do not use it.
type Doc struct {
	ID          string // the operationId, unique in the API
	Summary     string
	Description string
	Tags        []string
	Deprecated  bool
	Status      int // of a [Response]; default: 204 for struct{}, 200 for other bodies
}

// About documents the operation.
func About(d Doc) Option { return func(o *Operation) { o.doc = d } }

// Describe is for package openapi. It is a function, which a program without that package does not link.
func Describe(o *Operation) describe.Operation {
	d := describe.Operation{
		ID:          o.doc.ID,
		Summary:     o.doc.Summary,
		Description: o.doc.Description,
		Tags:        o.doc.Tags,
		Deprecated:  o.doc.Deprecated,
		Validates:   validates(o.plan.typ),
		Output:      o.describeOutput(),
	}
	for i := range o.plan.fields {
		x := &o.plan.fields[i]
		f := o.plan.typ.FieldByIndex(x.index)
		p := describe.Parameter{In: x.in, Name: x.name, Type: f.Type, Tag: f.Tag}
		if x.initial.IsValid() {
			p.Default = x.initial.Interface()
		} else {
			p.Required = !x.optional && !x.pointer
		}
		d.Parameters = append(d.Parameters, p)
	}
	if b := o.plan.body; b != nil {
		d.Body = b.document()
		d.Body.Strict = o.strict && b.kind == bodyJSON
		d.Validates = d.Validates || b.kind == bodyJSON && validates(b.typ)
	}
	for _, e := range o.errs {
		d.Errors = append(d.Errors, describe.Error{Status: e.status, Text: e.target.Error()})
	}
	return d
}

func (b *bodyPlan) document() *describe.Body {
	d := &describe.Body{Type: b.typ}
	switch b.kind {
	case bodyBytes, bodyReader:
		d.Media = "application/octet-stream"
	case bodyText:
		d.Media = "text/plain"
	case bodyForm:
		d.Media, d.Required = "multipart/form-data", true
	default:
		d.Media, d.Required = "application/json", !b.pointer
	}
	return d
}

// describeOutput describes what writeResult writes.
func (o *Operation) describeOutput() describe.Output {
	d := describe.Output{Type: o.out, Status: o.doc.Status}
	if o.out.Implements(reflect.TypeFor[responder]()) {
		if d.Type.Kind() == reflect.Pointer {
			d.Type = d.Type.Elem()
		}
		body, _ := d.Type.FieldByName("Body")
		d.Type = body.Type
	} else {
		d.Status = 0
	}
	switch {
	case d.Type == reflect.TypeFor[struct{}]():
		if d.Status == 0 {
			d.Status = http.StatusNoContent
		}
	case d.Type == reflect.TypeFor[string]():
		d.Media = "text/plain"
	case d.Type == reflect.TypeFor[[]byte](), d.Type.Implements(reflect.TypeFor[io.Reader]()):
		d.Media = "application/octet-stream"
	default:
		d.Media = "application/json"
	}
	if d.Status == 0 {
		d.Status = http.StatusOK
	}
	if d.Status == http.StatusNoContent || d.Status == http.StatusNotModified {
		d.Media = ""
	}
	return d
}

// validates reports whether values of the type have a method Validate.
func validates(t reflect.Type) bool {
	v := reflect.TypeFor[interface{ Validate() error }]()
	return t.Implements(v) || reflect.PointerTo(t).Implements(v)
}
