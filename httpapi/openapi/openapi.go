package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/lambdakit/lambdakit/httpapi"
)

// Info describes an API.
type Info struct {
	Title       string // required
	Version     string // of the API, required
	Description string
	Servers     []string // URLs

	// Auth is the security scheme of operations that have auth tags, a Security Scheme Object of OpenAPI.
	// The default of Document is the bearer scheme of HTTP. Gateway has no default: API Gateway needs an
	// x-amazon-apigateway-authorizer or x-amazon-apigateway-authtype here.
	Auth map[string]any
}

// Document returns an OpenAPI 3.1 document of all routes of an API. Paths and the members of objects are
// sorted, so that the same API gives the same text.
//
// It fails if Info has no title or version, if a type has no form in JSON, if two operations have the
// same id, and if OpenAPI cannot tell two routes apart: routes that differ in the host only, or
// /a/{x} and /a/{x...} with one method.
func Document(api *httpapi.API, info Info) ([]byte, error) {
	if info.Auth == nil {
		info.Auth = map[string]any{"type": "http", "scheme": "bearer"}
	}
	return newBuilder(info, nil).build(api, "3.1.0")
}

// Integration is how API Gateway calls the function.
type Integration struct {
	// Kind is HTTPAPI, HTTPAPI1 or RestAPI of package httpapi. The default is HTTPAPI.
	Kind httpapi.Kind

	// URI is required. It is a string, or a value that is a CloudFormation function in JSON:
	//
	//	map[string]string{"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations"}
	//
	// An HTTP API takes the ARN of the function, too. The URI of a stream has the version 2021-11-15 and
	// ends in /response-streaming-invocations.
	URI any

	// Stream sets the response transfer mode STREAM, which REST APIs have.
	Stream bool
}

// Gateway returns an OpenAPI 3.0 document for the import of API Gateway, which refuses 3.1. Each
// operation has the integration. HTTP APIs ignore the schemas; REST APIs make models of them.
//
// Wildcards such as {path...} become {path+}, and a pattern that ends in a slash gets {proxy+}. A pattern
// without a method becomes ANY.
//
// It fails as [Document] does, and if the integration has no URI or another kind.
func Gateway(api *httpapi.API, info Info, in Integration) ([]byte, error) {
	a := &awsIntegration{Type: "aws_proxy", Method: "POST", URI: in.URI}
	switch in.Kind {
	case 0, httpapi.HTTPAPI:
		a.Payload = "2.0"
	case httpapi.HTTPAPI1:
		a.Payload = "1.0"
	case httpapi.RestAPI:
		a.Passing = "when_no_match"
	default:
		return nil, fmt.Errorf("openapi: API Gateway has no integration of the kind %v", in.Kind)
	}
	if in.URI == nil || in.URI == "" {
		return nil, errors.New("openapi: the integration has no URI")
	}
	if in.Stream {
		if in.Kind != httpapi.RestAPI {
			return nil, errors.New("openapi: only REST APIs stream")
		}
		a.Transfer = "STREAM"
	}
	return newBuilder(info, a).build(api, "3.0.3")
}

func (b *builder) build(api *httpapi.API, version string) ([]byte, error) {
	if b.info.Title == "" || b.info.Version == "" {
		return nil, errors.New("openapi: Info needs a title and a version")
	}
	for _, withMethod := range []bool{true, false} { // routes with a method are more specific
		for _, r := range api.Routes() {
			if (parsePattern(r.Pattern).method != "") != withMethod {
				continue
			}
			if err := b.add(r); err != nil {
				return nil, err
			}
		}
	}
	b.addOutputs()
	if b.schemas.Err != nil {
		return nil, fmt.Errorf("openapi: %w", b.schemas.Err)
	}
	d := document{
		OpenAPI:    version,
		Info:       documentInfo{b.info.Title, b.info.Description, b.info.Version},
		Paths:      b.paths,
		Components: components{Schemas: b.schemas.Components},
	}
	for _, url := range b.info.Servers {
		d.Servers = append(d.Servers, server{url})
	}
	if b.secured {
		d.Components.Security = map[string]map[string]any{schemeName: b.info.Auth}
	}
	if b.aws != nil && b.aws.Passing != "" { // of a REST API
		for kind := range b.binary {
			d.Binary = append(d.Binary, kind)
		}
		slices.Sort(d.Binary)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return text.Bytes(), nil
}
