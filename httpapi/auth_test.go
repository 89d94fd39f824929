package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// TestAuth_ClaimsOfEachAuthorizer has the authorizers of each front end.
func TestAuth_ClaimsOfEachAuthorizer(t *testing.T) {
	t.Parallel()
	http2 := func(domain, authorizer string) string {
		return `{"version":"2.0","rawPath":"/","requestContext":{"domainName":"` + domain + `","http":{"method":"GET"},"authorizer":` + authorizer + `}}`
	}
	rest := func(version, context string) string {
		return `{` + version + `"httpMethod":"GET","path":"/","requestContext":{"stage":"prod",` + context + `}}`
	}
	const url = "x.lambda-url.eu-west-1.on.aws"
	for event, want := range map[string]string{
		http2("d", `{"jwt":{"claims":{"sub":"u","n":5},"scopes":["a","b"]}}`): `jwt u map[n:5 sub:u] [a b] map[] `,
		http2("d", `{"lambda":{"principalId":"u","n":5}}`):                    `lambda u map[] [] map[n:5 principalId:u] `,
		http2("d", `{"lambda":{"n":5}}`):                                      `lambda  map[] [] map[n:5] `,
		http2(url, `{"iam":{"userArn":"arn"}}`):                               `iam arn map[] [] map[] arn`,
		http2("d", `{}`):                                                      `none`,
		http2("d", `null`):                                                    `none`,
		http2("d", `5`):                                                       `none`,
		http2("d", `{"jwt":{}}`):                                              `jwt  map[] [] map[] `,
		rest(``, `"authorizer":{"claims":{"sub":"u"}}`):                       `cognito u map[sub:u] [] map[] `,
		rest(``, `"authorizer":{"claims":{"sub":5}}`):                         `cognito  map[sub:5] [] map[] `,
		rest(`"version":"1.0",`, `"authorizer":{"claims":{"sub":"u"},"scopes":["a",5]}`):     `jwt u map[sub:u] [a ] map[] `,
		rest(`"version":"1.0",`, `"authorizer":{"claims":{"sub":"u"},"scopes":null}`):        `cognito u map[sub:u] [] map[] `,
		rest(``, `"authorizer":{"principalId":"u","integrationLatency":7,"n":"5"}`):          `lambda u map[] [] map[n:5] `,
		rest(``, `"authorizer":{"claims":"text"}`):                                           `lambda  map[] [] map[claims:text] `,
		rest(``, `"identity":{"userArn":"arn"}`):                                             `iam arn map[] [] map[] arn`,
		rest(``, `"authorizer":{},"identity":{"userArn":"arn"}`):                             `iam arn map[] [] map[] arn`,
		rest(``, `"authorizer":{"principalId":"u"},"identity":{"userArn":"arn"}`):            `lambda u map[] [] map[] `,
		rest(``, `"authorizer":5`):                                                           `none`,
		rest(``, `"identity":{"userArn":null}`):                                              `none`,
		`{"httpMethod":"GET","path":"/","requestContext":{"elb":{},"authorizer":{"a":"b"}}}`: `none`,
	} {
		got := ""
		h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = "none"
			if c := httpapi.Auth(r.Context()); c != nil {
				got = fmt.Sprintf("%s %s %v %v %v %s", c.Kind, c.Principal, c.Claims, c.Scopes, c.Values, c.ARN)
			}
		}))
		if _, err := h.Invoke(t.Context(), []byte(event)); err != nil || got != want {
			t.Errorf("%s: got %s and %v, want %s", event, got, err, want)
		}
	}
	if c := httpapi.Auth(t.Context()); c != nil {
		t.Errorf("outside a request: got %v, want nil", c)
	}
}

// A field with the tag auth gets a claim, or a value of a Lambda authorizer.
func TestFunc_TextsOfClaims(t *testing.T) {
	t.Parallel()
	type in struct {
		V []string `auth:"v,optional"`
		P string   `auth:"principal,optional"`
	}
	h := httpapi.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpapi.Func(func(_ context.Context, in in) (string, error) { return fmt.Sprintf("%q %s", in.V, in.P), nil }).ServeHTTP(w, r)
	}))
	for authorizer, want := range map[string]string{
		`{"jwt":{"claims":{"sub":"u","v":"a"}}}`:                  `["a"] u`,
		`{"jwt":{"claims":{"sub":"u","v":["a",1,1.0,1e3,true]}}}`: `["a" "1" "1" "1000" "true"] u`,
		`{"jwt":{"claims":{"sub":"u","v":12345678901234567890}}}`: `["12345678901234567890"] u`,
		`{"jwt":{"claims":{"sub":"u","v":{"a":[1]}}}}`:            `["{\"a\":[1]}"] u`,
		`{"jwt":{"claims":{"sub":"u","v":null}}}`:                 `[] u`,
		`{"jwt":{"claims":{"sub":"u","principal":"p"}}}`:          `[] p`,
		`{"lambda":{"principalId":"u","v":false}}`:                `["false"] u`,
		`{"lambda":{"v":[]}}`:                                     `[] `,
	} {
		event := `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},"authorizer":` + authorizer + `}}`
		got := ""
		out, err := h.Invoke(t.Context(), []byte(event))
		if err == nil {
			got = bodyOf(t, out)
		}
		if got != want {
			t.Errorf("%s: got %s and %v, want %s", authorizer, got, err, want)
		}
	}
}

// A caller without a principal has no claim of that name.
func TestFunc_PrincipalThatIsRequired(t *testing.T) {
	t.Parallel()
	h := httpapi.Wrap(httpapi.Func(func(_ context.Context, in struct {
		P string `auth:"principal"`
	}) (string, error) {
		return in.P, nil
	}))
	for authorizer, want := range map[string]string{`{"lambda":{"principalId":"u"}}`: `{"statusCode":200,`, `{"lambda":{"n":1}}`: `{"statusCode":401,`, `null`: `{"statusCode":401,`} {
		out, err := h.Invoke(t.Context(), []byte(`{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},"authorizer":`+authorizer+`}}`))
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%s: got %s and %v, want %s", authorizer, out, err, want)
		}
	}
}

// bodyOf returns the body of a response event.
func bodyOf(t *testing.T, event []byte) string {
	t.Helper()
	var e struct{ Body string }
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatalf("got the event %s: %v", event, err)
	}
	return e.Body
}
