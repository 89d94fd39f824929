package httpapi

import (
	"bytes"
	"fmt"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// event holds the values of an event that a request needs, undecoded. A value that is null is absent.
type event struct {
	text []byte

	version, httpMethod, method, path, rawPath, latticePath, rawQuery []byte
	headers, multiHeaders, query, multiQuery, latticeQuery, cookies   []byte
	pathParameters, body, isBase64, latticeIsBase64, resource         []byte
	methodARN, routeARN, context                                      []byte

	// of requestContext
	stage, domain, elb, network, connectionID, authorizer, http, identity, authentication []byte
}

// read finds the values of an event.
func (e *event) read(text []byte) error {
	e.text = text
	read := func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(text, start)
		if !ok {
			return 0, false
		}
		if to := e.member(key); to != nil && string(text[start:end]) != "null" {
			*to = text[start:end]
		}
		return end, true
	}
	_, err := jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		if string(key) == `"requestContext"` && start < len(text) && text[start] == '{' {
			e.context = text[start:start]
			end, err := jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
				end, ok := jsonscan.Skip(text, start)
				if !ok {
					return 0, false
				}
				if to := e.contextMember(key); to != nil && string(text[start:end]) != "null" {
					*to = text[start:end]
				}
				return end, true
			})
			return end, err == nil
		}
		return read(key, start)
	})
	if err != nil {
		return fmt.Errorf("%w: the payload is not a JSON object", ErrNotHTTP)
	}
	return nil
}

func (e *event) member(key []byte) *[]byte {
	switch string(key) {
	case `"version"`:
		return &e.version
	case `"httpMethod"`:
		return &e.httpMethod
	case `"method"`:
		return &e.method
	case `"path"`:
		return &e.path
	case `"rawPath"`:
		return &e.rawPath
	case `"raw_path"`:
		return &e.latticePath
	case `"rawQueryString"`:
		return &e.rawQuery
	case `"headers"`:
		return &e.headers
	case `"multiValueHeaders"`:
		return &e.multiHeaders
	case `"queryStringParameters"`:
		return &e.query
	case `"multiValueQueryStringParameters"`:
		return &e.multiQuery
	case `"query_string_parameters"`:
		return &e.latticeQuery
	case `"cookies"`:
		return &e.cookies
	case `"pathParameters"`:
		return &e.pathParameters
	case `"body"`:
		return &e.body
	case `"isBase64Encoded"`:
		return &e.isBase64
	case `"is_base64_encoded"`:
		return &e.latticeIsBase64
	case `"resource"`:
		return &e.resource
	case `"methodArn"`:
		return &e.methodARN
	case `"routeArn"`:
		return &e.routeARN
	}
	return nil
}

func (e *event) contextMember(key []byte) *[]byte {
	switch string(key) {
	case `"stage"`:
		return &e.stage
	case `"domainName"`:
		return &e.domain
	case `"elb"`:
		return &e.elb
	case `"serviceNetworkArn"`:
		return &e.network
	case `"connectionId"`:
		return &e.connectionID
	case `"authorizer"`:
		return &e.authorizer
	case `"http"`:
		return &e.http
	case `"identity"`:
		return &e.identity
	case `"authentication"`:
		return &e.authentication
	}
	return nil
}

// kind detects the front end.
func (e *event) kind() (Kind, error) {
	switch {
	case e.methodARN != nil || e.routeARN != nil:
		return 0, fmt.Errorf("%w: it is for an authorizer of API Gateway", ErrNotHTTP)
	case e.connectionID != nil:
		return 0, fmt.Errorf("%w: it is of a websocket API", ErrNotHTTP)
	case e.latticePath != nil && e.method != nil:
		return Lattice1, nil
	case e.network != nil && e.method != nil && e.path != nil:
		return Lattice, nil
	case e.elb != nil && e.httpMethod != nil:
		return LoadBalancer, nil
	case e.http != nil && string(e.version) == `"2.0"`:
		if bytes.Contains(e.domain, []byte(".lambda-url.")) {
			return FunctionURL, nil
		}
		return HTTPAPI, nil
	case e.httpMethod != nil && e.context != nil && string(e.version) == `"1.0"`:
		return HTTPAPI1, nil
	case e.httpMethod != nil && e.context != nil && e.version == nil:
		return RestAPI, nil
	}
	return 0, ErrNotHTTP
}

// lookup returns a member of an object, which may be nested; nil if it is absent or null.
func lookup(object []byte, names ...string) []byte {
	for _, name := range names {
		value, ok := jsonscan.Find(object, []jsonscan.Step{{Name: name}})
		if !ok || string(value) == "null" {
			return nil
		}
		object = value
	}
	return object
}

// find returns the text of a member of an object, which may be nested; empty if it is absent.
func find(object []byte, names ...string) string {
	text, _ := jsonscan.String(lookup(object, names...))
	return text
}
