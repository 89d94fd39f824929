package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/httpapi/internal/describe"
	"github.com/lambdakit/lambdakit/internal/jsonschema"
)

// schemeName is the security scheme of auth tags.
const schemeName = "auth"

// builder makes a document.
type builder struct {
	info    Info
	aws     *awsIntegration // nil: a document of OpenAPI 3.1
	schemas *jsonschema.Generator
	paths   map[string]*pathItem
	names   map[string][]string // of the wildcards of a path, by the path without names
	ids     map[string]bool
	any     map[string]bool // paths of routes without a method
	outputs []func()        // add the responses of an operation
	binary  map[string]bool
	secured bool
}

func newBuilder(info Info, aws *awsIntegration) *builder {
	dialect := jsonschema.Draft2020
	if aws != nil {
		dialect = jsonschema.OpenAPI30
	}
	schemas := jsonschema.New(dialect, "#/components/schemas/")
	schemas.Components[problemName] = problemSchema()
	return &builder{
		info:    info,
		aws:     aws,
		schemas: schemas,
		paths:   make(map[string]*pathItem),
		names:   make(map[string][]string),
		ids:     make(map[string]bool),
		any:     make(map[string]bool),
		binary:  make(map[string]bool),
	}
}

// anyMethod are the methods that a typed operation without a method is documented with.
var anyMethod = []string{"GET", "PUT", "POST", "DELETE", "PATCH"}

// add adds a route without the contents of its responses.
func (b *builder) add(route httpapi.Route) error {
	r := parsePattern(route.Pattern)
	if b.aws != nil && subtree(route.Pattern) {
		if len(r.segments) == 1 {
			if err := b.addPath(r, route); err != nil { // {proxy+} does not match the root
				return err
			}
		}
		r.segments[len(r.segments)-1] = segment{text: "proxy", wildcard: true, rest: true}
	}
	return b.addPath(r, route)
}

func (b *builder) addPath(r route, route httpapi.Route) error {
	own := r.wildcards()
	shape := r.path(make([]string, len(own)), b.aws != nil)
	names, ok := b.names[shape]
	if !ok {
		names = own
		b.names[shape] = names
	}
	path := r.path(names, b.aws != nil)
	item := b.paths[path]
	if item == nil {
		item = new(pathItem)
		b.paths[path] = item
	}
	if r.method == "" {
		if b.any[path] {
			return fmt.Errorf("openapi: the pattern %q and another one are both %s", route.Pattern, path)
		}
		b.any[path] = true
	}
	if r.method == "" && route.Operation == nil && b.aws == nil {
		if item.Parameters == nil { // of the path alone
			item.Parameters = pathParameters(names)
		}
		return nil
	}
	methods := []string{r.method}
	if r.method == "" && b.aws == nil {
		methods = anyMethod
	}
	for _, method := range methods {
		place := item.method(method)
		if r.method == "" && b.aws != nil {
			place = &item.Any
		}
		switch {
		case place == nil:
			return fmt.Errorf("openapi: the pattern %q has a method that OpenAPI does not know", route.Pattern)
		case *place != nil && r.method == "":
			continue // the route with a method is the more specific one
		case *place != nil:
			return fmt.Errorf("openapi: the pattern %q and another one are both %s %s", route.Pattern, method, path)
		}
		o := b.operation(route.Operation, own, names)
		switch {
		case r.method == "" && b.aws == nil, path == "/{proxy+}" && subtree(route.Pattern):
			o.ID = "" // the operation is documented more than once
		case b.ids[o.ID]:
			return fmt.Errorf("openapi: two operations have the id %q", o.ID)
		case o.ID != "":
			b.ids[o.ID] = true
		}
		if r.host != "" {
			o.Servers = []server{{"https://" + r.host}}
		}
		*place = o
	}
	return nil
}

// operation describes a route. own are the names of its wildcards, names those in the path.
func (b *builder) operation(op *httpapi.Operation, own, names []string) *operation {
	o := &operation{Integration: b.aws, Responses: make(map[string]*response)}
	if op == nil {
		o.Parameters = pathParameters(names)
		o.Responses["default"] = &response{Description: "any response"}
		return o
	}
	d := httpapi.Describe(op)
	o.ID, o.Summary, o.Description, o.Tags, o.Deprecated = d.ID, d.Summary, d.Description, d.Tags, d.Deprecated
	b.addParameters(o, d.Parameters, own, names)
	if d.Body != nil {
		o.Body = &body{Required: d.Body.Required, Content: map[string]media{d.Body.Media: {b.body(d.Body)}}}
	}
	addErrors(o, &d)
	b.outputs = append(b.outputs, func() { b.addOutput(o, d.Output) })
	return o
}

func (b *builder) addParameters(o *operation, list []describe.Parameter, own, names []string) {
	found := pathParameters(names)
	for _, p := range list {
		name := p.Name
		switch p.In {
		case "auth":
			b.secure(o, p.Required)
			continue
		case "header":
			if name == "Accept" || name == "Content-Type" || name == "Authorization" {
				continue // OpenAPI describes these elsewhere
			}
		case "path":
			name = names[slices.Index(own, name)]
		}
		x := &parameter{
			Name:        name,
			In:          p.In,
			Description: p.Tag.Get("doc"),
			Required:    p.Required || p.In == "path",
			Schema:      b.parameter(p),
		}
		same := func(y *parameter) bool { return y.In == p.In && y.Name == name }
		if i := slices.IndexFunc(found, same); i < 0 {
			found = append(found, x)
		} else if p.In == "path" {
			found[i] = x
		}
	}
	o.Parameters = found
}

// secure adds the security scheme to an operation.
func (b *builder) secure(o *operation, required bool) {
	if b.info.Auth == nil {
		return
	}
	b.secured = true
	switch {
	case required:
		o.Security = []map[string][]string{{schemeName: {}}}
	case o.Security == nil:
		o.Security = []map[string][]string{{schemeName: {}}, {}}
	}
}

// pathParameters returns the parameters of wildcards that no field describes.
func pathParameters(names []string) (list []*parameter) {
	for _, name := range names {
		list = append(list, &parameter{Name: name, In: "path", Required: true, Schema: &jsonschema.Schema{Type: "string"}})
	}
	return list
}

// body returns the schema of the body of a request.
func (b *builder) body(d *describe.Body) *jsonschema.Schema {
	switch d.Media {
	case "application/octet-stream":
		b.binary[d.Media] = true
		return b.binarySchema()
	case "multipart/form-data":
		b.binary[d.Media] = true
		return &jsonschema.Schema{Type: "object"}
	case "text/plain":
		return &jsonschema.Schema{Type: "string"}
	}
	x := b.schemas.Value(d.Type)
	if d.Strict && b.aws == nil {
		x.UnevaluatedProperties = new(false)
	}
	return x
}

// addErrors adds the responses of errors: of the request, of OnError, and any other.
func addErrors(o *operation, d *describe.Operation) {
	add := func(status int, text string) {
		r := o.Responses[strconv.Itoa(status)]
		if r == nil {
			r = problemResponse(text)
			o.Responses[strconv.Itoa(status)] = r
		} else if !strings.Contains(r.Description, text) {
			r.Description += ", or " + text
		}
	}
	for _, p := range d.Parameters {
		if p.In == "auth" {
			add(http.StatusUnauthorized, "the caller is not known")
		} else {
			add(http.StatusBadRequest, "a part of the request is missing or malformed")
		}
	}
	if d.Body != nil {
		switch d.Body.Media {
		case "application/json":
			add(http.StatusBadRequest, "a part of the request is missing or malformed")
			add(http.StatusUnsupportedMediaType, "the body is not JSON")
			add(http.StatusUnprocessableEntity, "the body does not fit")
		case "multipart/form-data":
			add(http.StatusBadRequest, "a part of the request is missing or malformed")
		}
	}
	if d.Validates {
		add(http.StatusUnprocessableEntity, "the request is not valid")
	}
	for _, e := range d.Errors {
		add(e.Status, e.Text)
	}
	o.Responses["default"] = problemResponse("another error")
}

func problemResponse(text string) *response {
	return &response{Description: text, Content: map[string]media{
		"application/problem+json": {&jsonschema.Schema{Ref: "#/components/schemas/" + problemName}},
	}}
}

// addOutputs adds the responses of functions. Types that no request has are described as they are
// written: with all members required that are always there.
func (b *builder) addOutputs() {
	b.schemas.Output = true
	for _, add := range b.outputs {
		add()
	}
}

func (b *builder) addOutput(o *operation, d describe.Output) {
	r := &response{Description: http.StatusText(d.Status)}
	if r.Description == "" {
		r.Description = "the status " + strconv.Itoa(d.Status)
	}
	o.Responses[strconv.Itoa(d.Status)] = r
	switch d.Media {
	case "":
	case "application/json":
		r.Content = map[string]media{d.Media: {b.schemas.Of(d.Type)}}
	case "text/plain":
		r.Content = map[string]media{d.Media: {&jsonschema.Schema{Type: "string"}}}
	default:
		b.binary[d.Media] = true
		r.Content = map[string]media{d.Media: {b.binarySchema()}}
	}
}
