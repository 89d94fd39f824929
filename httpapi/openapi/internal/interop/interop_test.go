package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/httpapi/openapi"
)

var info = openapi.Info{Title: "Interop", Version: "1.0", Description: "All kinds.", Servers: []string{"https://example.com"}}

// documents returns the documents of an API by name.
func documents(t testing.TB, api *httpapi.API) map[string][]byte {
	t.Helper()
	made := make(map[string][]byte)
	add := func(name string, text []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made[name] = text
	}
	text, err := openapi.Document(api, info)
	add("3.1", text, err)
	secured := info
	secured.Auth = map[string]any{"type": "oauth2", "flows": map[string]any{}, "x-amazon-apigateway-authorizer": map[string]any{"type": "jwt"}}
	text, err = openapi.Gateway(api, secured, openapi.Integration{URI: "arn:aws:lambda:eu-west-1:123456789012:function:f"})
	add("HTTP API", text, err)
	text, err = openapi.Gateway(api, info, openapi.Integration{Kind: httpapi.RestAPI, URI: map[string]string{"Fn::Sub": "arn"}, Stream: true})
	add("REST API", text, err)
	return made
}

func newValidator(t testing.TB, text []byte) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions(), config.WithoutSecurityValidation())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

func TestDocuments_AreValidForLibopenapi(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t, newAPI()) {
		if ok, errs := newValidator(t, text).ValidateDocument(); !ok {
			for _, e := range errs {
				t.Errorf("%s: got %s: %s %v, want a valid document", name, e.Message, e.Reason, e.SchemaValidationErrors)
			}
		}
	}
}

func TestDocuments_AreValidForKin(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t, newAPI()) {
		var options []openapi3.ValidationOption
		if name == "3.1" {
			options = append(options, openapi3.IsOpenAPI31OrLater())
		}
		// {proxy+} is a form of API Gateway.
		document, err := openapi3.NewLoader().LoadFromData(bytes.ReplaceAll(text, []byte("+}"), []byte("}")))
		if err == nil {
			err = document.Validate(t.Context(), options...)
		}
		if err != nil {
			t.Errorf("%s: got %v, want a valid document", name, err)
		}
	}
}

func TestResponses_MatchTheDocument(t *testing.T) {
	t.Parallel()
	api := newAPI()
	v := newValidator(t, documents(t, api)["3.1"])
	for _, r := range []struct {
		method, target, body string
		want                 int
	}{
		{"GET", "/shops/a/items", "", 200},
		{"GET", "/shops/a/items?limit=0", "", 400},
		{"GET", "/empty/1", "", 200},
		{"PUT", "/items/1", `{"sku":"a","quantity":1}`, 201},
		{"PUT", "/items/1", `{"sku":"a","quantity":0,"part":{}}`, 422},
		{"PUT", "/items/1", `{`, 400},
		{"DELETE", "/items/1", "", 204},
		{"POST", "/list", "[]", 200},
		{"GET", "/me", "", 401},
	} {
		request := newRequest(r.method, r.target, r.body)
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, request)
		response := recorder.Result()
		if response.StatusCode != r.want {
			t.Errorf("%s %s: got %d, want %d", r.method, r.target, response.StatusCode, r.want)
		}
		if ok, errs := v.ValidateHttpResponse(request, response); !ok {
			t.Errorf("%s %s: got %s, which the document refuses: %v", r.method, r.target, recorder.Body, text(errs))
		}
	}
}

func newRequest(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, "https://example.com"+target, strings.NewReader(body))
	r.Header.Set("X-Tenant", "shop")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func text[E any](errs []E) string {
	var b strings.Builder
	for _, e := range errs {
		fmt.Fprintf(&b, "%+v; ", e)
	}
	return b.String()
}

// kin validates requests with kin-openapi, which checks the elements of lists in parameters, as
// libopenapi-validator does not.
type kin struct{ document *openapi3.T }

func newKin(t testing.TB, text []byte) kin {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return kin{document}
}

func (k kin) validate(r *http.Request) error {
	path, name, value := "/items/{id}", "id", strings.Split(r.URL.Path, "/")[2]
	if r.Method == http.MethodGet {
		path, name = "/shops/{shop}/items", "shop"
	}
	item := k.document.Paths.Value(path)
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: map[string]string{name: value},
		Route:      &routers.Route{Spec: k.document, Path: path, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)},
		Options:    &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
}

// TestRequests_AcceptedByTheDocument sends random requests. If both implementations accept one by the
// document, the operation must accept it, too.
func TestRequests_AcceptedByTheDocument(t *testing.T) {
	t.Parallel()
	api := newAPI()
	text := documents(t, api)["3.1"]
	v, k := newValidator(t, text), newKin(t, text)
	random := rand.New(rand.NewPCG(1, 2))
	accepted, refused := 0, 0
	for range 4000 {
		method, target, body, header := randomRequest(random)
		make := func() *http.Request {
			r := newRequest(method, target, body)
			for name, value := range header {
				r.Header.Set(name, value)
			}
			return r
		}
		ok, _ := v.ValidateHttpRequestSync(make())
		ok = ok && k.validate(make()) == nil
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, make())
		if recorder.Code >= 400 {
			refused++
		}
		if !ok {
			continue
		}
		accepted++
		if recorder.Code >= 400 {
			t.Errorf("%s %s %v %s: got %d %s of a request that the document accepts", method, target, header, body, recorder.Code, recorder.Body)
		}
	}
	t.Logf("%d accepted by the document, %d refused by the operation", accepted, refused)
	if accepted < 500 || refused < 500 {
		t.Errorf("got %d accepted and %d refused, want at least 500 of both", accepted, refused)
	}
}

func randomRequest(random *rand.Rand) (method, target, body string, header map[string]string) {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	if random.IntN(2) == 0 {
		b, _ := json.Marshal(randomItem(random, 0))
		return "PUT", "/items/1", string(b), nil
	}
	values := map[string][]string{
		"limit": {"1", "0", "100", "101", "x", "1.5"},
		"page":  {"0", "255", "256", "-1"},
		"price": {"0", "0.5", "10", "9.99"},
		"sort":  {"name", "price", "size"},
		"dry":   {"true", "false", "maybe"},
		"tag":   {"a", "ab"},
		"size":  {"2", "1", "2147483647", "2147483648"},
		"code":  {"a1", "a", "1"},
		"since": {"2026-01-02T15:04:05Z", "2026-01-02T15:04:05.5+01:00", "2026-01-02"},
		"wait":  {"1m30s", "1.5h", "90", "-2ms", "1x"},
	}
	query := make(url.Values)
	for name, list := range values {
		for range random.IntN(6) - 3 {
			query.Add(name, pick(list[0], pick(list...)))
			if name != "tag" && name != "size" {
				break
			}
		}
	}
	header = map[string]string{}
	if random.IntN(3) == 0 {
		header["X-Tenant"] = pick("ab", "shop", "a")
	}
	if random.IntN(3) == 0 {
		header["X-Colours"] = pick("red", "red,green", "red, green", "blue")
	}
	if random.IntN(3) == 0 {
		header["Cookie"] = "session=" + pick("abcde", "abcdef", "a")
	}
	return "GET", "/shops/" + pick("a", "abcdefgh", "abcdefghi") + "/items?" + query.Encode(), "", header
}

// randomItem returns an item that often breaks a rule.
func randomItem(random *rand.Rand, depth int) map[string]any {
	values := map[string][]any{
		"sku":      {"a", "abcdef", "", "abcdefg", 1, "日本語日本語"},
		"quantity": {1, 1000, 0, 1001, "1", 1.5},
		"price":    {0.5, 1, 0, "x"},
		"kind":     {"a", "b", "c", nil},
		"small":    {1, 127, 128, -128, -129},
		"tags":     {[]string{"a"}, []string{"a", "b"}, []string{"a", "b", "c"}, []string{"1"}, nil, "a"},
		"labels":   {map[string]string{"a": "b"}, map[string]int{"a": 1}, nil},
		"at":       {"2026-01-02T15:04:05Z", "2026-01-02"},
		"data":     {"YWJj", "", 1},
		"more":     {1},
	}
	item := make(map[string]any)
	for name, list := range values {
		switch {
		case (name == "sku" || name == "quantity") && random.IntN(8) > 0, random.IntN(3) == 0:
			item[name] = list[0]
			if random.IntN(3) == 0 {
				item[name] = list[random.IntN(len(list))]
			}
		}
	}
	if depth < 3 && random.IntN(3) == 0 {
		item["part"] = randomItem(random, depth+1)
	}
	item["note"+strconv.Itoa(depth)] = depth
	return item
}
