package httpevent

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/httpapi"
)

// Front is an HTTP front end of Lambda.
type Front struct {
	Kind       httpapi.Kind
	MultiValue bool   // a load balancer whose target group has lambda.multi_value_headers.enabled
	Stage      string // of API Gateway; default prod of a REST API, $default of an HTTP API

	// Claims are those of the token that an authorizer of API Gateway accepted: of Cognito behind a REST
	// API, of a JWT behind an HTTP API. They are texts, as API Gateway passes them.
	Claims map[string]string
}

// kinds are the front ends with the names that users know them by.
var kinds = []struct {
	name  string
	front Front
}{
	{"url", Front{Kind: httpapi.FunctionURL}},
	{"rest", Front{Kind: httpapi.RestAPI}},
	{"httpapi", Front{Kind: httpapi.HTTPAPI}},
	{"httpapi1", Front{Kind: httpapi.HTTPAPI1}},
	{"alb", Front{Kind: httpapi.LoadBalancer}},
	{"alb-multi", Front{Kind: httpapi.LoadBalancer, MultiValue: true}},
	{"lattice", Front{Kind: httpapi.Lattice}},
	{"lattice1", Front{Kind: httpapi.Lattice1}},
}

// Names returns the names that Parse knows.
func Names() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Parse returns the front end with a name, such as url or alb-multi.
func Parse(name string) (Front, error) {
	i := slices.Index(Names(), name)
	if i < 0 {
		return Front{}, fmt.Errorf("%q is not one of %s", name, strings.Join(Names(), ", "))
	}
	return kinds[i].front, nil
}

// Streams reports whether the front end can stream a response.
func (f Front) Streams() bool {
	return f.Kind == httpapi.FunctionURL || f.Kind == httpapi.RestAPI
}

// HasClaims reports whether the front end can pass the claims of a token.
func (f Front) HasClaims() bool {
	return f.Kind == httpapi.RestAPI || f.Kind == httpapi.HTTPAPI || f.Kind == httpapi.HTTPAPI1
}

// ErrTooLarge is the error of a request that the front end answers with 413.
var ErrTooLarge = errors.New("httpevent: the body of the request is too large for the front end")

// maxLoadBalancer is the limit of a load balancer for the body of a request, and for an answer, in
// bytes (Elastic Load Balancing, "Lambda functions as targets").
const maxLoadBalancer = 1 << 20

// maxBody is the limit of a body for the other front ends, because it is the limit of an event.
const maxBody = 6 << 20

// lower reports whether names of headers are in lower case.
func (f Front) lower() bool { return f.Kind != httpapi.RestAPI && f.Kind != httpapi.HTTPAPI1 }

// stage returns the stage of an API.
func (f Front) stage() string {
	switch {
	case f.Stage != "":
		return f.Stage
	case f.Kind == httpapi.RestAPI:
		return "prod"
	}
	return "$default"
}
