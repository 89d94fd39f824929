package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// ErrUnauthorized makes the gateway answer 401. API Gateway compares its text, capital letter included.
var ErrUnauthorized = errors.New("Unauthorized")

// ErrNotAuthorizer is the error of an event that is not for a Lambda authorizer.
var ErrNotAuthorizer = errors.New("httpapi: not an event for an authorizer")

// AuthRequest is the request of a client that waits for a [Decision].
type AuthRequest struct {
	// Kind is the kind of the API: RestAPI, HTTPAPI1 or HTTPAPI, by the payload format of the
	// authorizer. It is 0 for a WebSocket API.
	Kind Kind

	// Token is the token of a TOKEN authorizer, or the Authorization header. It is printed redacted.
	Token lambdakit.Secret

	// ARN is the ARN of the method or route.
	ARN string

	// Request has no body. With a TOKEN authorizer it has the method and the path of the ARN, and the
	// token as its Authorization header. Its method is GET for a WebSocket API.
	Request *http.Request
}

// LogValue returns the kind and the ARN, which are not secret.
func (r AuthRequest) LogValue() slog.Value {
	kind := "WebSocket API"
	if r.Kind != 0 {
		kind = r.Kind.String()
	}
	return slog.GroupValue(slog.String("kind", kind), slog.String("arn", r.ARN))
}

// Decision is the answer of an authorizer. The zero value denies.
type Decision struct {
	Allow bool

	// Principal identifies the caller. Default: "anonymous".
	Principal string

	// Context is for the function behind the API. Its handler finds it in the Values of [Auth].
	Context map[string]string

	// AllMethods makes the decision valid for all methods and paths of the stage. See [Authorizer].
	AllMethods bool

	// UsageKey is the API key of a usage plan, for REST APIs whose key source is AUTHORIZER.
	UsageKey string
}

// Authorizer returns a lambda.Handler for lambda.Start that decides with fn who may call an API. It
// wraps the handler in mw, outermost first. It handles these events of API Gateway:
//
//   - TOKEN and REQUEST of REST APIs, answered with a policy
//   - REQUEST of WebSocket APIs, answered with a policy
//   - payload format 1.0 of HTTP APIs, answered with a policy
//   - payload format 2.0 of HTTP APIs, answered with the simple response, which the authorizer must enable
//
// Example:
//
//	func authorize(ctx context.Context, r httpapi.AuthRequest) (httpapi.Decision, error) {
//		user, err := verify(ctx, r.Token.Reveal())
//		if errors.Is(err, errExpired) {
//			return httpapi.Decision{}, httpapi.ErrUnauthorized // 401
//		}
//		if err != nil {
//			return httpapi.Decision{}, err // 500
//		}
//		return httpapi.Decision{Allow: user.Active, Principal: user.ID, AllMethods: true}, nil // or 403
//	}
//
//	lambda.Start(httpapi.Authorizer(authorize, logs.Middleware))
//
// # Caching
//
// API Gateway caches policies of REST APIs for 300 seconds by default, and finds them by the token or the
// identity sources alone. A policy for one method therefore denies the next method that the same client
// calls. There are three ways out:
//
//   - Set AllMethods, if the decision depends on the caller only.
//   - Add the method and the path to the identity sources (REQUEST only).
//   - Set the TTL of the cache to 0.
//
// # Errors
//
// An error for which errors.Is(err, ErrUnauthorized) is true fails the invocation with
// [ErrUnauthorized] alone, because the gateway compares the text: the client of a REST or WebSocket API
// gets 401. Any other error fails the invocation with its text, and the client gets 500 without it. An
// event of another kind fails with [ErrNotAuthorizer].
//
// A client chooses the path, and "*", "?" and "${" have a meaning in a policy. Such a path is denied unless
// AllMethods is set.
//
// Authorizer panics if fn or a middleware is nil.
func Authorizer(fn func(ctx context.Context, r AuthRequest) (Decision, error), mw ...lambdakit.Middleware) lambda.Handler {
	if fn == nil {
		panic("httpapi: Authorizer: the function is nil")
	}
	return lambdakit.WrapHandler(authorizer(fn), mw...)
}

// authorizer is the lambda.Handler of an Authorizer.
type authorizer func(ctx context.Context, r AuthRequest) (Decision, error)

// Invoke decides about an event.
func (a authorizer) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r, err := newAuthRequest(ctx, payload)
	if err != nil {
		return nil, err
	}
	d, err := a(ctx, r)
	switch {
	case errors.Is(err, ErrUnauthorized):
		return nil, ErrUnauthorized
	case err != nil:
		return nil, err
	case r.Kind == HTTPAPI:
		return d.simple()
	}
	return d.policy(r.ARN)
}

// newAuthRequest reads the event of an authorizer.
func newAuthRequest(ctx context.Context, payload []byte) (r AuthRequest, err error) {
	f := new(front)
	d := requestDecoder{front: f}
	e := &d.event
	if e.read(payload) != nil {
		return r, ErrNotAuthorizer
	}
	r.ARN = find(payload, "methodArn")
	f.kind = RestAPI
	switch {
	case e.routeARN != nil && string(e.version) == `"2.0"`:
		f.kind, r.ARN = HTTPAPI, find(payload, "routeArn")
		r.Kind = f.kind
	case e.methodARN == nil:
		return r, ErrNotAuthorizer
	case find(payload, "type") == "TOKEN":
		r.Kind = f.kind
		token := find(payload, "authorizationToken")
		method, path := methodOf(r.ARN)
		e.httpMethod, e.path = jsonenc.AppendString(nil, method), jsonenc.AppendString(nil, path)
		e.headers = jsonenc.AppendString([]byte(`{"Authorization":`), token)
		e.headers = append(e.headers, '}')
	case e.connectionID != nil:
		e.httpMethod = []byte(`"GET"`)
	case string(e.version) == `"1.0"`:
		f.kind = HTTPAPI1
		r.Kind = f.kind
	default:
		r.Kind = f.kind
	}
	e.body = nil
	if r.Request, err = d.newRequest(ctx, false); err != nil {
		return r, ErrNotAuthorizer
	}
	r.Token = lambdakit.NewSecret(r.Request.Header.Get("Authorization"))
	return r, nil
}

// methodOf returns the method and the path of arn:aws:execute-api:region:account:api/stage/GET/path.
func methodOf(arn string) (method, path string) {
	parts := strings.SplitN(arn, "/", 4)
	if len(parts) < 3 {
		return "", ""
	}
	if len(parts) == 4 {
		path = parts[3]
	}
	return parts[2], "/" + path
}

const anonymous = "anonymous"

// simple returns the simple response of an HTTP API.
func (d *Decision) simple() ([]byte, error) {
	values := map[string]string{}
	maps.Copy(values, d.Context)
	if d.Allow || d.Principal != "" {
		values["principalId"] = cmp.Or(d.Principal, anonymous) // as in the context of the other APIs
	}
	return json.Marshal(struct {
		IsAuthorized bool              `json:"isAuthorized"`
		Context      map[string]string `json:"context,omitempty"`
	}{d.Allow, values})
}

type statement struct {
	Action   string
	Effect   string
	Resource string
}

type policyDocument struct {
	Version   string
	Statement []statement
}

// policy returns the policy for the method, or for its stage.
func (d *Decision) policy(arn string) ([]byte, error) {
	effect := "Deny"
	resource := arn
	api, rest, ok := strings.Cut(arn, "/")
	stage, _, _ := strings.Cut(rest, "/")
	if !ok || stage == "" {
		return nil, fmt.Errorf("%w: its ARN has no stage", ErrNotAuthorizer)
	}
	switch {
	case d.AllMethods:
		resource = api + "/" + stage + "/*"
	case strings.ContainsAny(arn, "*?") || strings.Contains(arn, "${"):
		d.Allow = false
	}
	if d.Allow {
		effect = "Allow"
	}
	return json.Marshal(struct {
		PrincipalID    string            `json:"principalId"`
		PolicyDocument policyDocument    `json:"policyDocument"`
		Context        map[string]string `json:"context,omitempty"`
		UsageKey       string            `json:"usageIdentifierKey,omitempty"`
	}{cmp.Or(d.Principal, anonymous), policyDocument{"2012-10-17", []statement{{"execute-api:Invoke", effect, resource}}}, d.Context, d.UsageKey})
}
