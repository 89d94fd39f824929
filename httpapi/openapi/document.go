package openapi

import "github.com/lambdakit/lambdakit/internal/jsonschema"

// The types of this file are the objects of an OpenAPI document, in the order in which they are
// written.

type document struct {
	OpenAPI    string               `json:"openapi"`
	Info       documentInfo         `json:"info"`
	Servers    []server             `json:"servers,omitempty"`
	Binary     []string             `json:"x-amazon-apigateway-binary-media-types,omitempty"`
	Paths      map[string]*pathItem `json:"paths"`
	Components components           `json:"components"`
}

type documentInfo struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Version     string `json:"version"`
}

type server struct {
	URL string `json:"url"`
}

type components struct {
	Schemas  map[string]*jsonschema.Schema `json:"schemas,omitempty"`
	Security map[string]map[string]any     `json:"securitySchemes,omitempty"`
}

type pathItem struct {
	Parameters []*parameter `json:"parameters,omitempty"`
	Get        *operation   `json:"get,omitempty"`
	Put        *operation   `json:"put,omitempty"`
	Post       *operation   `json:"post,omitempty"`
	Delete     *operation   `json:"delete,omitempty"`
	Options    *operation   `json:"options,omitempty"`
	Head       *operation   `json:"head,omitempty"`
	Patch      *operation   `json:"patch,omitempty"`
	Trace      *operation   `json:"trace,omitempty"`
	Any        *operation   `json:"x-amazon-apigateway-any-method,omitempty"`
}

// method returns the place of the operation of a method; nil if OpenAPI does not know the method.
func (p *pathItem) method(name string) **operation {
	switch name {
	case "GET":
		return &p.Get
	case "PUT":
		return &p.Put
	case "POST":
		return &p.Post
	case "DELETE":
		return &p.Delete
	case "OPTIONS":
		return &p.Options
	case "HEAD":
		return &p.Head
	case "PATCH":
		return &p.Patch
	case "TRACE":
		return &p.Trace
	}
	return nil
}

type operation struct {
	Tags        []string              `json:"tags,omitempty"`
	Summary     string                `json:"summary,omitempty"`
	Description string                `json:"description,omitempty"`
	ID          string                `json:"operationId,omitempty"`
	Servers     []server              `json:"servers,omitempty"`
	Deprecated  bool                  `json:"deprecated,omitempty"`
	Security    []map[string][]string `json:"security,omitempty"`
	Parameters  []*parameter          `json:"parameters,omitempty"`
	Body        *body                 `json:"requestBody,omitempty"`
	Responses   map[string]*response  `json:"responses"`
	Integration *awsIntegration       `json:"x-amazon-apigateway-integration,omitempty"`
}

type parameter struct {
	Name        string             `json:"name"`
	In          string             `json:"in"`
	Description string             `json:"description,omitempty"`
	Required    bool               `json:"required,omitempty"`
	Schema      *jsonschema.Schema `json:"schema"`
}

type body struct {
	Required bool             `json:"required,omitempty"`
	Content  map[string]media `json:"content"`
}

type response struct {
	Description string           `json:"description"`
	Content     map[string]media `json:"content,omitempty"`
}

type media struct {
	Schema *jsonschema.Schema `json:"schema"`
}

type awsIntegration struct {
	Type     string `json:"type"`
	Method   string `json:"httpMethod"`
	URI      any    `json:"uri"`
	Payload  string `json:"payloadFormatVersion,omitempty"`
	Passing  string `json:"passthroughBehavior,omitempty"`
	Transfer string `json:"responseTransferMode,omitempty"`
}
