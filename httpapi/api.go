package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// API is an http.ServeMux that knows its operations. The zero value is an empty API.
//
//	var api httpapi.API
//	api.Handle("PUT /orders/{id}", httpapi.Func(putOrder))
//	lambda.Start(httpapi.Wrap(&api))
//
// Handlers must be added before the first request.
type API struct {
	mux    http.ServeMux
	root   *API // nil: this one
	prefix string
	mw     []func(http.Handler) http.Handler
	routes []Route
}

// Route is a pattern of an API with its handler.
type Route struct {
	Pattern   string
	Operation *Operation // nil for any other handler
}

// Handle adds a handler for a pattern of http.ServeMux. It panics as ServeMux does, and if h is an
// [Operation] whose path tags and the wildcards of the pattern differ.
func (a *API) Handle(pattern string, h http.Handler) {
	if h == nil {
		panic("httpapi: Handle: the handler is nil")
	}
	root := a
	if a.root != nil {
		root = a.root
	}
	pattern = withPrefix(pattern, a.prefix)
	o, _ := h.(*Operation)
	if o != nil {
		o.checkWildcards(pattern)
	}
	for _, mw := range slices.Backward(a.mw) {
		h = mw(h)
	}
	root.mux.Handle(pattern, h)
	root.routes = append(root.routes, Route{pattern, o})
}

// Group returns an API whose patterns begin with the prefix, such as /v1, and whose handlers are wrapped
// in mw, outermost first. Requests go to the outer API.
func (a *API) Group(prefix string, mw ...func(http.Handler) http.Handler) *API {
	if prefix != "" && (prefix[0] != '/' || strings.HasSuffix(prefix, "/")) {
		panic(fmt.Sprintf("httpapi: Group: the prefix %q must begin with a slash and end without one", prefix))
	}
	root := a
	if a.root != nil {
		root = a.root
	}
	return &API{root: root, prefix: a.prefix + prefix, mw: append(slices.Clone(a.mw), mw...)}
}

// ServeHTTP serves a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.root != nil {
		a = a.root
	}
	a.mux.ServeHTTP(w, r)
}

// Routes returns the patterns and handlers in the order in which they were added.
func (a *API) Routes() []Route {
	if a.root != nil {
		a = a.root
	}
	return slices.Clone(a.routes)
}

// withPrefix puts a prefix in front of the path of a pattern.
func withPrefix(pattern, prefix string) string {
	slash := strings.IndexByte(pattern, '/')
	if slash < 0 || prefix == "" {
		return pattern
	}
	return pattern[:slash] + prefix + pattern[slash:]
}

// checkWildcards panics unless the wildcards of the pattern are the path tags of the input.
func (o *Operation) checkWildcards(pattern string) {
	wildcards := wildcardsOf(pattern)
	for i := range o.plan.fields {
		x := &o.plan.fields[i]
		if x.in == "path" && !slices.Contains(wildcards, x.name) {
			panic(fmt.Sprintf("httpapi: Handle: the input %v has the tag path:%q, and the pattern %q has no such wildcard", o.plan.typ, x.name, pattern))
		}
	}
	for _, name := range wildcards {
		if !slices.ContainsFunc(o.plan.fields, func(x field) bool { return x.in == "path" && x.name == name }) {
			panic(fmt.Sprintf("httpapi: Handle: the pattern %q has the wildcard {%s}, and the input %v has no such path tag", pattern, name, o.plan.typ))
		}
	}
}

// wildcardsOf returns the names of the wildcards of a pattern.
func wildcardsOf(pattern string) []string {
	var names []string
	for rest := pattern; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return names
		}
		name, next, ok := strings.Cut(after, "}")
		if !ok {
			return names // ServeMux refuses it
		}
		if name = strings.TrimSuffix(name, "..."); name != "$" {
			names = append(names, name)
		}
		rest = next
	}
}
