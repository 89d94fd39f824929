package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// Events in the forms of the API Gateway developer guide.
const (
	tokenEvent = `{"type":"TOKEN","authorizationToken":"Bearer s3cret","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/orders/7"}`

	restRequest = `{
		"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/orders/7",
		"resource":"/orders/{id}","path":"/orders/7","httpMethod":"GET",
		"headers":{"X-AMZ-Date":"20170718T062915Z","Accept":"*/*","Authorization":"Bearer s3cret","Host":"abcdef123.execute-api.us-east-1.amazonaws.com"},
		"multiValueHeaders":null,
		"queryStringParameters":{"QueryString1":"queryValue1"},"pathParameters":{"id":"7"},"stageVariables":{"StageVar1":"stageValue1"},
		"requestContext":{"path":"/test/orders/7","accountId":"123456789012","resourceId":"05c7jb","stage":"test","requestId":"...","identity":{"apiKey":"...","sourceIp":"203.0.113.9"},"resourcePath":"/orders/{id}","httpMethod":"GET","apiId":"abcdef123"}}`

	httpAPI1Request = `{
		"version":"1.0","type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/orders/7",
		"identitySource":"Bearer s3cret","authorizationToken":"Bearer s3cret","resource":"/orders/{id}","path":"/orders/7","httpMethod":"GET",
		"headers":{"authorization":"Bearer s3cret","Host":"abcdef123.execute-api.us-east-1.amazonaws.com"},
		"queryStringParameters":{"QueryString1":"queryValue1"},"pathParameters":{"id":"7"},"stageVariables":{},
		"requestContext":{"path":"/orders/7","accountId":"123456789012","stage":"test","requestId":"...","identity":{"sourceIp":"203.0.113.9"},"httpMethod":"GET","apiId":"abcdef123"}}`

	httpAPI2Request = `{
		"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/orders/7",
		"identitySource":["Bearer s3cret"],"routeKey":"GET /orders/{id}","rawPath":"/test/orders/7","rawQueryString":"QueryString1=queryValue1","cookies":["cookie1","cookie2"],
		"headers":{"authorization":"Bearer s3cret"},"queryStringParameters":{"QueryString1":"queryValue1"},
		"requestContext":{"accountId":"123456789012","apiId":"abcdef123","domainName":"id.execute-api.us-east-1.amazonaws.com","domainPrefix":"id","http":{"method":"GET","path":"/orders/7","protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"agent"},"requestId":"id","routeKey":"GET /orders/{id}","stage":"test","time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1583348638390},
		"pathParameters":{"id":"7"},"stageVariables":{}}`

	webSocketRequest = `{
		"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/$connect",
		"headers":{"Authorization":"Bearer s3cret","Connection":"upgrade","Host":"abcdef123.execute-api.us-east-1.amazonaws.com","Upgrade":"websocket"},
		"multiValueHeaders":{"Authorization":["Bearer s3cret"],"Connection":["upgrade"],"Host":["abcdef123.execute-api.us-east-1.amazonaws.com"],"Upgrade":["websocket"]},
		"queryStringParameters":{"QueryString1":"queryValue1"},"multiValueQueryStringParameters":{"QueryString1":["queryValue1"]},"stageVariables":{},
		"requestContext":{"routeKey":"$connect","eventType":"CONNECT","extendedRequestId":"...","requestTime":"19/Jan/2023:21:13:26 +0000","messageDirection":"IN","stage":"test","connectedAt":1674162806344,"requestTimeEpoch":1674162806345,"identity":{"sourceIp":"203.0.113.9"},"requestId":"...","domainName":"abcdef123.execute-api.us-east-1.amazonaws.com","connectionId":"...","apiId":"abcdef123"}}`
)

func decide(d httpapi.Decision, err error) func(context.Context, httpapi.AuthRequest) (httpapi.Decision, error) {
	return func(context.Context, httpapi.AuthRequest) (httpapi.Decision, error) { return d, err }
}

func TestAuthorizer_Requests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, event, want string }{
		{"token", tokenEvent, `REST API GET /orders/7 "" Bearer s3cret`},
		{"rest", restRequest, `REST API GET /orders/7 "QueryString1=queryValue1" Bearer s3cret`},
		{"http 1.0", httpAPI1Request, `HTTP API 1.0 GET /orders/7 "QueryString1=queryValue1" Bearer s3cret`},
		{"http 2.0", httpAPI2Request, `HTTP API GET /orders/7 "QueryString1=queryValue1" Bearer s3cret`},
		{"websocket", webSocketRequest, `unknown GET / "QueryString1=queryValue1" Bearer s3cret`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			lambdatest.Run(t, httpapi.Authorizer(func(_ context.Context, r httpapi.AuthRequest) (httpapi.Decision, error) {
				got = fmt.Sprintf("%v %s %s %q %s", r.Kind, r.Request.Method, r.Request.URL.Path, r.Request.URL.RawQuery, r.Token.Reveal())
				if !strings.HasPrefix(r.ARN, "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/") {
					t.Errorf("got the ARN %q, want the one of the event", r.ARN)
				}
				return httpapi.Decision{}, nil
			}), json.RawMessage(c.event))
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAuthorizer_Answers(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/"
	policy := func(principal, effect, resource, rest string) string {
		return fmt.Sprintf(`{"principalId":%q,"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":%q,"Resource":%q}]}%s}`, principal, effect, arn+resource, rest)
	}
	allowed := httpapi.Decision{Allow: true, Principal: "u7", Context: map[string]string{"tenant": "acme"}}
	stage := httpapi.Decision{Allow: true, Principal: "u7", AllMethods: true, UsageKey: "k1"}
	star := strings.Replace(tokenEvent, "/orders/7", "/orders/*", 1)
	for _, c := range []struct {
		name, event string
		d           httpapi.Decision
		want        string
	}{
		{"the zero value denies", tokenEvent, httpapi.Decision{}, policy("anonymous", "Deny", "GET/orders/7", "")},
		{"the zero value denies, simple", httpAPI2Request, httpapi.Decision{}, `{"isAuthorized":false}`},
		{"token", tokenEvent, allowed, policy("u7", "Allow", "GET/orders/7", `,"context":{"tenant":"acme"}`)},
		{"rest", restRequest, allowed, policy("u7", "Allow", "GET/orders/7", `,"context":{"tenant":"acme"}`)},
		{"http 1.0", httpAPI1Request, allowed, policy("u7", "Allow", "GET/orders/7", `,"context":{"tenant":"acme"}`)},
		{"http 2.0", httpAPI2Request, allowed, `{"isAuthorized":true,"context":{"principalId":"u7","tenant":"acme"}}`},
		{"websocket", webSocketRequest, allowed, policy("u7", "Allow", "$connect", `,"context":{"tenant":"acme"}`)},
		{"the whole stage", restRequest, stage, policy("u7", "Allow", "*", `,"usageIdentifierKey":"k1"`)},
		{"a path with a wildcard", star, allowed, policy("u7", "Deny", "GET/orders/*", `,"context":{"tenant":"acme"}`)},
		{"a path with a wildcard, the whole stage", star, stage, policy("u7", "Allow", "*", `,"usageIdentifierKey":"k1"`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, err := httpapi.Authorizer(decide(c.d, nil)).Invoke(t.Context(), []byte(c.event))
			if err != nil || string(out) != c.want {
				t.Errorf("got %s, %v\nwant %s", out, err, c.want)
			}
		})
	}
}

func TestAuthorizer_UnauthorizedIsTheWholeText(t *testing.T) {
	t.Parallel()
	fails := decide(httpapi.Decision{Allow: true}, fmt.Errorf("token s3cret is expired: %w", httpapi.ErrUnauthorized))
	logs := logging.New(nil)
	res := lambdatest.Run(t, httpapi.Authorizer(fails, logs.Middleware), json.RawMessage(tokenEvent))
	if res.Err == nil || res.Err.Error() != "Unauthorized" || !errors.Is(res.Err, httpapi.ErrUnauthorized) {
		t.Errorf("got %v, want Unauthorized", res.Err)
	}
	if bytes.Contains(res.Output, []byte("s3cret")) {
		t.Errorf("got %s, want no token", res.Output)
	}
}

func TestAuthorizer_AnErrorIsNoAnswer(t *testing.T) {
	t.Parallel()
	want := errors.New("the key server is down")
	out, err := httpapi.Authorizer(decide(httpapi.Decision{Allow: true}, want)).Invoke(t.Context(), []byte(tokenEvent))
	if out != nil || !errors.Is(err, want) {
		t.Errorf("got %s, %v, want the error alone", out, err)
	}
}

func TestAuthorizer_OtherEvents(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		`null`, `[]`, `{}`, `{"Records":[]}`, getEvent,
		`{"type":"TOKEN","authorizationToken":"s3cret"}`,
		`{"type":"TOKEN","authorizationToken":"s3cret","methodArn":"s3cret"}`,
		`{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/test/GET/","httpMethod":"s3 cret","requestContext":{}}`,
	} {
		out, err := httpapi.Authorizer(decide(httpapi.Decision{Allow: true}, nil)).Invoke(t.Context(), []byte(event))
		if !errors.Is(err, httpapi.ErrNotAuthorizer) || out != nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: got %s, %v, want ErrNotAuthorizer without values", event, out, err)
		}
	}
}

func TestAuthRequest_IsLoggedWithoutTheToken(t *testing.T) {
	t.Parallel()
	var line bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&line, nil))
	h := httpapi.Authorizer(func(_ context.Context, r httpapi.AuthRequest) (httpapi.Decision, error) {
		l.Info("decided", "request", r, "text", fmt.Sprintf("%v %+v", r, r))
		return httpapi.Decision{}, nil
	})
	if _, err := h.Invoke(t.Context(), []byte(webSocketRequest)); err != nil {
		t.Fatal(err)
	}
	if s := line.String(); strings.Contains(s, "s3cret") || !strings.Contains(s, `"request":{"kind":"WebSocket API","arn":"arn:`) {
		t.Errorf("got %s, want the kind and the ARN, and no token", s)
	}
}

func TestAuthorizer_NilFunction(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one")
		}
	}()
	httpapi.Authorizer(nil)
}

// TestAuthorizer_PoliciesOfARNs says what a decision covers. A path with characters of a policy is
// denied.
func TestAuthorizer_PoliciesOfARNs(t *testing.T) {
	t.Parallel()
	const api = "arn:aws:execute-api:r:1:api"
	allow, all := httpapi.Decision{Allow: true}, httpapi.Decision{Allow: true, AllMethods: true, Principal: "u", UsageKey: "k", Context: map[string]string{"a": "b"}}
	for _, c := range []struct {
		arn  string
		d    httpapi.Decision
		want string // principal, effect, resource and the rest, or the error
	}{
		{api + "/prod/GET/a", allow, "anonymous Allow " + api + "/prod/GET/a map[] "},
		{api + "/prod/GET/a", httpapi.Decision{}, "anonymous Deny " + api + "/prod/GET/a map[] "},
		{api + "/prod/GET/a", all, "u Allow " + api + "/prod/* map[a:b] k"},
		{api + "/prod/GET/a", httpapi.Decision{AllMethods: true}, "anonymous Deny " + api + "/prod/* map[] "},
		{api + "/prod/GET/a*", allow, "anonymous Deny " + api + "/prod/GET/a* map[] "},
		{api + "/prod/GET/a?", allow, "anonymous Deny " + api + "/prod/GET/a? map[] "},
		{api + "/prod/GET/${a}", allow, "anonymous Deny " + api + "/prod/GET/${a} map[] "},
		{api + "/prod/GET/$a", allow, "anonymous Allow " + api + "/prod/GET/$a map[] "},
		{api + "/prod/GET/a*", all, "u Allow " + api + "/prod/* map[a:b] k"},
		{api + "/prod/GET", allow, "anonymous Allow " + api + "/prod/GET map[] "},
		{api + "//GET/a", allow, "httpapi: not an event for an authorizer: its ARN has no stage"},
		{api + "//GET/a", all, "httpapi: not an event for an authorizer: its ARN has no stage"},
		{api + "/prod", allow, "httpapi: not an event for an authorizer"},
	} {
		event, err := json.Marshal(map[string]string{"type": "TOKEN", "authorizationToken": "t", "methodArn": c.arn})
		if err != nil {
			t.Fatal(err)
		}
		out, err := httpapi.Authorizer(decide(c.d, nil)).Invoke(t.Context(), event)
		got := fmt.Sprint(err)
		if err == nil {
			var p struct {
				PrincipalID, UsageIdentifierKey string
				PolicyDocument                  struct {
					Statement []struct{ Action, Effect, Resource string }
				}
				Context map[string]string
			}
			if err := json.Unmarshal(out, &p); err != nil || len(p.PolicyDocument.Statement) != 1 || p.PolicyDocument.Statement[0].Action != "execute-api:Invoke" {
				t.Fatalf("%s: got %s and %v, want one statement", c.arn, out, err)
			}
			s := p.PolicyDocument.Statement[0]
			got = fmt.Sprint(p.PrincipalID, " ", s.Effect, " ", s.Resource, " ", p.Context, " ", p.UsageIdentifierKey)
		}
		if got != c.want {
			t.Errorf("%s and %+v: got %s, want %s", c.arn, c.d, got, c.want)
		}
	}
}
