package httpapi

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Kind is a kind of HTTP front end.
type Kind int

const (
	RestAPI      Kind = iota + 1 // API Gateway REST API, also with response streaming
	HTTPAPI1                     // API Gateway HTTP API, payload format 1.0
	HTTPAPI                      // API Gateway HTTP API, payload format 2.0
	FunctionURL                  // Lambda function URL
	LoadBalancer                 // Application Load Balancer
	Lattice1                     // VPC Lattice, event version 1.0
	Lattice                      // VPC Lattice, event version 2.0
)

var kindNames = [...]string{"unknown", "REST API", "HTTP API 1.0", "HTTP API", "function URL", "load balancer", "VPC Lattice 1.0", "VPC Lattice"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		k = 0
	}
	return kindNames[k]
}

// ErrNotHTTP is the error of an event that is not an HTTP request.
var ErrNotHTTP = errors.New("httpapi: not an HTTP event")

// front describes the front end of a request.
type front struct {
	context.Context        // of the invocation; see Value
	payload         []byte // the event
	authorizer      []byte // of requestContext
	identity        []byte // of requestContext
	kind            Kind
	basePath        string
	multiValue      bool  // the front end takes lists of values
	cause           error // of the end of a response that was aborted

	// Parts of the request.
	url  url.URL
	tls  tls.ConnectionState
	body body
}

// frontKey is the context key of the front.
var frontKey = new(ctxKey)

type ctxKey struct{ _ byte }

// Value makes the front the context of its request. httputil.ReverseProxy aborts a response that it cannot
// complete only if there is a server.
func (f *front) Value(key any) any {
	if key == frontKey || key == http.ServerContextKey {
		return f
	}
	return f.Context.Value(key)
}

func frontOf(ctx context.Context) *front {
	f, _ := ctx.Value(frontKey).(*front)
	return f
}

// KindOf returns the kind of the front end of a request, by its context; 0 for a request that no
// front end of Lambda made.
func KindOf(ctx context.Context) Kind {
	if f := frontOf(ctx); f != nil {
		return f.kind
	}
	return 0
}

// BasePath returns the part that was cut from the path of a request: the stage, such as /prod, or the
// base path of a custom domain, such as /shop. It is empty if nothing was cut. The default endpoint of a REST
// API passes a path without its stage, so nothing is cut there, and a Location should be relative.
func BasePath(ctx context.Context) string {
	if f := frontOf(ctx); f != nil {
		return f.basePath
	}
	return ""
}

// Event decodes the event of a request into T, for example events.APIGatewayV2HTTPRequest of
// aws-lambda-go. It returns an error outside a request. Call it before the handler returns.
func Event[T any](ctx context.Context) (*T, error) {
	f := frontOf(ctx)
	if f == nil {
		return nil, errors.New("httpapi: the context is not of a request of Wrap")
	}
	v := new(T)
	if err := json.Unmarshal(f.payload, v); err != nil {
		return nil, fmt.Errorf("httpapi: the event does not fit %T: %w", *v, err)
	}
	return v, nil
}
