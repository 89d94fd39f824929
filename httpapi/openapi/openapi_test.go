package openapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	_ "github.com/lambdakit/lambdakit/httpapi/form"
	"github.com/lambdakit/lambdakit/httpapi/openapi"
	_ "github.com/lambdakit/lambdakit/httpapi/pattern"
)

var info = openapi.Info{Title: "T", Version: "1"}

func noop[In, Out any](context.Context, In) (out Out, err error) { return out, nil }

// operation returns an API of one operation.
func operation[In, Out any](pattern string, opts ...httpapi.Option) *httpapi.API {
	api := new(httpapi.API)
	api.Handle(pattern, httpapi.Func(noop[In, Out], opts...))
	return api
}

// document returns the document of an API.
func document(t *testing.T, api *httpapi.API) []byte {
	t.Helper()
	text, err := openapi.Document(api, info)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func gateway(t *testing.T, api *httpapi.API, i openapi.Info, in openapi.Integration) []byte {
	t.Helper()
	text, err := openapi.Gateway(api, i, in)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantAt checks the JSON at a place in a document. The names of the place are separated by spaces.
func wantAt(t *testing.T, document []byte, place, want string) {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(place) {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			v = x[name[0]-'0']
		default:
			v = nil
		}
	}
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	got, _ := json.Marshal(v)
	if sorted, _ := json.Marshal(wanted); string(got) != string(sorted) {
		t.Errorf("%s: got %s, want %s", place, got, sorted)
	}
}

func TestDocument_Parameters(t *testing.T) {
	t.Parallel()
	text := document(t, operation[struct {
		Shop   string        `path:"shop" pattern:"^s" doc:"The shop."`
		Limit  int           `query:"limit" default:"20" minimum:"1" maximum:"100"`
		Page   uint8         `query:"page,optional" maximum:"300"`
		Price  *float32      `query:"price" exclusiveMinimum:"0" exclusiveMaximum:"9"`
		Dry    bool          `query:"dry" default:"false"`
		Tags   []string      `query:"tag,optional" minItems:"1" maxItems:"2" enum:"a,b"`
		Since  time.Time     `query:"since"`
		Wait   time.Duration `query:"wait" default:"1m"`
		IP     netip.Addr    `query:"ip"`
		Tenant string        `header:"x-tenant" minLength:"1" maxLength:"4"`
		Accept string        `header:"Accept"`
		Sess   string        `cookie:"session,optional"`
	}, struct{}]("GET /{shop}"))
	for i, want := range []string{
		`{"name":"shop","in":"path","required":true,"description":"The shop.","schema":{"type":"string","pattern":"^s"}}`,
		`{"name":"limit","in":"query","schema":{"type":"integer","format":"int64","minimum":1,"maximum":100,"default":20}}`,
		`{"name":"page","in":"query","schema":{"type":"integer","minimum":0,"maximum":255}}`,
		`{"name":"price","in":"query","schema":{"type":"number","format":"float","exclusiveMinimum":0,"exclusiveMaximum":9}}`,
		`{"name":"dry","in":"query","schema":{"type":"boolean","default":false}}`,
		`{"name":"tag","in":"query","schema":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","enum":["a","b"]}}}`,
		`{"name":"since","in":"query","required":true,"schema":{"type":"string","format":"date-time"}}`,
		`{"name":"wait","in":"query","schema":{"type":"string","pattern":"^-?([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+$","default":"1m"}}`,
		`{"name":"ip","in":"query","required":true,"schema":{"type":"string"}}`,
		`{"name":"X-Tenant","in":"header","required":true,"schema":{"type":"string","minLength":1,"maxLength":4}}`,
	} {
		wantAt(t, text, "paths /{shop} get parameters "+string(rune('0'+i)), want)
	}
	if strings.Contains(string(text), "Accept") || !strings.Contains(string(text), `"cookie"`) {
		t.Errorf("got %s, want a cookie and no Accept header", text)
	}
}

type (
	every struct {
		embedded
		*pointed
		Text   string            `json:"text" required:"true" minLength:"1" doc:"A text."`
		Kind   *string           `json:"kind" enum:"a,b"`
		List   []every           `json:"list"`
		Listed []int             `json:"listed,omitempty" maxItems:"2" minimum:"1"`
		Map    map[string]*every `json:"map"`
		Next   *every            `json:"next" doc:"The next."`
		Bytes  []byte            `json:"bytes,omitempty"`
		Time   time.Time         `json:"time"`
		Wait   time.Duration     `json:"wait"`
		Raw    json.RawMessage   `json:"raw"`
		IP     netip.Addr        `json:"ip"`
		Any    any               `json:"any"`
		Quoted int               `json:"quoted,string"`
		Number json.Number       `json:"number"`
		Pair   [2]bool           `json:"pair"`
		Tree   tree              `json:"tree,omitempty" maxItems:"3"`
		Inner  struct{ A int }   `json:"inner"`
		Above  int               `json:"above" minimum:"1" exclusiveMinimum:"1"`
		Hidden string            `json:"-"`
		Plain  page[embedded]    `json:"plain"`
		secret string
	}
	embedded struct {
		ID   string `json:"id"`
		Text int    `json:"text"` // hidden by the outer one
	}
	pointed struct {
		Note string
	}
	tree        []tree
	page[T any] struct{ Items []T }
	Problem     struct{ Mine bool }
	body[T any] struct{ Body T }
	strictness  struct{ A int }
	validated   struct{}
	outputOnly  struct {
		A int
		B int `json:",omitempty"`
	}
	both struct{ A int }
)

func (*validated) Validate() error { return nil }

func TestDocument_Members(t *testing.T) {
	t.Parallel()
	_ = every{}.secret
	text := document(t, operation[body[every], any]("POST /"))
	const ref = `{"$ref":"#/components/schemas/every"}`
	for name, want := range map[string]string{
		"text":   `{"type":"string","minLength":1,"description":"A text."}`,
		"kind":   `{"type":["string","null"],"enum":["a","b",null]}`,
		"list":   `{"type":["array","null"],"items":` + ref + `}`,
		"listed": `{"type":"array","maxItems":2,"items":{"type":"integer","format":"int64","minimum":1}}`,
		"map":    `{"type":["object","null"],"additionalProperties":{"anyOf":[` + ref + `,{"type":"null"}]}}`,
		"next":   `{"anyOf":[` + ref + `,{"type":"null"}],"description":"The next."}`,
		"bytes":  `{"type":"string","contentEncoding":"base64"}`,
		"time":   `{"type":"string","format":"date-time"}`,
		"wait":   `{"type":"integer","format":"int64"}`,
		"raw":    `{}`,
		"ip":     `{"type":"string"}`,
		"any":    `{}`,
		"quoted": `{"type":"string"}`,
		"number": `{"type":"number"}`,
		"pair":   `{"type":"array","minItems":2,"maxItems":2,"items":{"type":"boolean"}}`,
		"tree":   `{"$ref":"#/components/schemas/tree","maxItems":3}`,
		"inner":  `{"type":"object","properties":{"A":{"type":"integer","format":"int64"}}}`,
		"above":  `{"type":"integer","format":"int64","minimum":1,"exclusiveMinimum":1}`,
		"id":     `{"type":"string"}`,
		"Note":   `{"type":"string"}`,
		"plain":  `{"$ref":"#/components/schemas/pageEmbedded"}`,
		"Hidden": `null`,
		"secret": `null`,
	} {
		wantAt(t, text, "components schemas every properties "+name, want)
	}
	wantAt(t, text, "components schemas every required", `["text"]`)
	wantAt(t, text, "components schemas tree", `{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/tree"},{"type":"null"}]}}`)

	old := gateway(t, operation[body[every], any]("POST /x"), info, openapi.Integration{URI: "u"})
	for name, want := range map[string]string{
		"kind":  `{"type":"string","nullable":true,"enum":["a","b",null]}`,
		"next":  `{"allOf":[` + ref + `],"nullable":true,"description":"The next."}`,
		"bytes": `{"type":"string","format":"byte"}`,
		"tree":  `{"allOf":[{"$ref":"#/components/schemas/tree"}],"maxItems":3}`,
		"above": `{"type":"integer","format":"int64","minimum":1,"exclusiveMinimum":true}`,
	} {
		wantAt(t, old, "components schemas every properties "+name, want)
	}
}

func TestDocument_ComponentNames(t *testing.T) {
	t.Parallel()
	type page[T any] struct{ Local T }
	api := operation[body[Problem], page[embedded]]("POST /a")
	api.Handle("POST /b", httpapi.Func(noop[struct{}, page[int]]))
	api.Handle("POST /c", httpapi.Func(noop[body[tree], httpapi.Problem]))
	text := document(t, api)
	var d struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Problem", "OpenapitestProblem", "HttpapiProblem", "pageEmbedded", "pageInt", "tree", "embedded"} {
		if d.Components.Schemas[name] == nil {
			t.Errorf("got the components %v, want %s, too", d.Components.Schemas, name)
		}
	}
}

func TestDocument_Bodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		api  *httpapi.API
		want string
	}{
		{"json", operation[body[int], any]("POST /"), `{"required":true,"content":{"application/json":{"schema":{"type":"integer","format":"int64"}}}}`},
		{"pointer", operation[body[*bool], any]("POST /"), `{"content":{"application/json":{"schema":{"type":"boolean"}}}}`},
		{"bytes", operation[body[[]byte], any]("POST /"), `{"content":{"application/octet-stream":{"schema":{}}}}`},
		{"reader", operation[body[io.Reader], any]("POST /"), `{"content":{"application/octet-stream":{"schema":{}}}}`},
		{"text", operation[body[string], any]("POST /"), `{"content":{"text/plain":{"schema":{"type":"string"}}}}`},
		{"form", operation[body[*multipart.Form], any]("POST /"), `{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object"}}}}`},
		{"strict", operation[body[strictness], any]("POST /", httpapi.Strict()), `{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/strictness","unevaluatedProperties":false}}}}`},
		{"none", operation[struct{}, any]("POST /"), `null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantAt(t, document(t, c.api), "paths / post requestBody", c.want)
		})
	}
}

func TestDocument_Responses(t *testing.T) {
	t.Parallel()
	gone, busy := errors.New("it is gone"), errors.New("it is busy")
	for _, c := range []struct {
		name         string
		api          *httpapi.API
		statuses     string
		status, want string
	}{
		{"empty", operation[struct{}, struct{}]("POST /"), "204 default", "204", `{"description":"No Content"}`},
		{"any", operation[struct{}, any]("POST /"), "200 default", "200", `{"description":"OK","content":{"application/json":{"schema":{}}}}`},
		{"list", operation[struct{}, []int8]("POST /"), "200 default", "200", `{"description":"OK","content":{"application/json":{"schema":{"type":["array","null"],"items":{"type":"integer","format":"int32","minimum":-128,"maximum":127}}}}}`},
		{"text", operation[struct{}, string]("POST /"), "200 default", "200", `{"description":"OK","content":{"text/plain":{"schema":{"type":"string"}}}}`},
		{"bytes", operation[struct{}, []byte]("POST /"), "200 default", "200", `{"description":"OK","content":{"application/octet-stream":{"schema":{}}}}`},
		{"reader", operation[struct{}, *strings.Reader]("POST /"), "200 default", "200", `{"description":"OK","content":{"application/octet-stream":{"schema":{}}}}`},
		{"response", operation[struct{}, httpapi.Response[string]]("POST /", httpapi.About(httpapi.Doc{Status: 202})), "202 default", "202", `{"description":"Accepted","content":{"text/plain":{"schema":{"type":"string"}}}}`},
		{"empty response", operation[struct{}, *httpapi.Response[struct{}]]("POST /"), "204 default", "204", `{"description":"No Content"}`},
		{"parameter", operation[struct {
			A int `query:"a"`
		}, struct{}]("POST /"), "204 400 default", "204", `{"description":"No Content"}`},
		{"body", operation[body[int], struct{}]("POST /"), "204 400 415 422 default", "204", `{"description":"No Content"}`},
		{"validated", operation[validated, struct{}]("POST /"), "204 422 default", "204", `{"description":"No Content"}`},
		{"auth", operation[struct {
			A string `auth:"sub"`
		}, struct{}]("POST /"), "204 401 default", "204", `{"description":"No Content"}`},
		{"errors", operation[struct{}, struct{}]("POST /", httpapi.OnError(gone, 409), httpapi.OnError(busy, 409)), "204 409 default", "409",
			`{"description":"it is gone, or it is busy","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := document(t, c.api)
			var d struct {
				Paths map[string]map[string]struct{ Responses map[string]any }
			}
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			found := d.Paths["/"]["post"].Responses
			for status := range strings.FieldsSeq(c.statuses) {
				if found[status] == nil {
					t.Errorf("got the responses %v, want %s", found, c.statuses)
				}
			}
			if len(found) != len(strings.Fields(c.statuses)) {
				t.Errorf("got the responses %v, want %s", found, c.statuses)
			}
			wantAt(t, text, "paths / post responses "+c.status, c.want)
		})
	}
}

// A type of responses only has all members that are always written as required ones.
func TestDocument_RequiredMembersOfResponses(t *testing.T) {
	t.Parallel()
	api := operation[struct{}, both]("POST /a")
	api.Handle("POST /b", httpapi.Func(noop[body[both], outputOnly]))
	text := document(t, api)
	wantAt(t, text, "components schemas outputOnly required", `["A"]`)
	wantAt(t, text, "components schemas both required", `null`)
}

func TestDocument_Security(t *testing.T) {
	t.Parallel()
	type required struct {
		User string `auth:"sub"`
		Mail string `auth:"mail,optional"`
	}
	type optional struct {
		User string `auth:"sub,optional"`
	}
	api := operation[required, struct{}]("GET /r")
	api.Handle("GET /o", httpapi.Func(noop[optional, struct{}]))
	text := document(t, api)
	wantAt(t, text, "paths /r get security", `[{"auth":[]}]`)
	wantAt(t, text, "paths /o get security", `[{"auth":[]},{}]`)
	wantAt(t, text, "components securitySchemes", `{"auth":{"type":"http","scheme":"bearer"}}`)

	i := info
	wantAt(t, gateway(t, api, i, openapi.Integration{URI: "u"}), "paths /r get security", `null`)
	i.Auth = map[string]any{"type": "apiKey"}
	wantAt(t, gateway(t, api, i, openapi.Integration{URI: "u"}), "components securitySchemes auth type", `"apiKey"`)
}

func routes() *httpapi.API {
	api := new(httpapi.API)
	api.Handle("/any/{id}", httpapi.Func(noop[struct {
		ID string `path:"id"`
	}, struct{}], httpapi.About(httpapi.Doc{ID: "any"})))
	api.Handle("PUT /any/{name}", httpapi.Func(noop[struct {
		Name string `path:"name" minLength:"1"`
	}, struct{}], httpapi.About(httpapi.Doc{ID: "put", Summary: "S <", Description: "D", Tags: []string{"t"}, Deprecated: true})))
	api.Handle("GET example.com/host/{$}", http.NotFoundHandler())
	api.Handle("/handler/{rest...}", http.NotFoundHandler())
	api.Handle("GET\t /tree/", http.NotFoundHandler()) // net/http takes tabs, too
	api.Handle("/", http.NotFoundHandler())
	return api
}

func TestDocument_Routes(t *testing.T) {
	t.Parallel()
	text := document(t, routes())
	wantAt(t, text, "paths /any/{name} put parameters", `[{"name":"name","in":"path","required":true,"schema":{"type":"string","minLength":1}}]`)
	wantAt(t, text, "paths /any/{name} put operationId", `"put"`)
	wantAt(t, text, "paths /any/{name} put summary", `"S <"`)
	wantAt(t, text, "paths /any/{name} put tags", `["t"]`)
	wantAt(t, text, "paths /any/{name} put deprecated", `true`)
	wantAt(t, text, "paths /any/{name} patch parameters", `[{"name":"name","in":"path","required":true,"schema":{"type":"string"}}]`)
	wantAt(t, text, "paths /any/{name} patch operationId", `null`)
	wantAt(t, text, "paths /handler/{rest}", `{"parameters":[{"name":"rest","in":"path","required":true,"schema":{"type":"string"}}]}`)
	wantAt(t, text, "paths /host/ get", `{"servers":[{"url":"https://example.com"}],"responses":{"default":{"description":"any response"}}}`)
	wantAt(t, text, "paths /tree/ get", `{"responses":{"default":{"description":"any response"}}}`)
	wantAt(t, text, "paths /", `{}`)
	wantAt(t, text, "openapi", `"3.1.0"`)
	if !strings.Contains(string(text), `"S <"`) {
		t.Error("got an escaped summary, want it as it is")
	}
}

func TestGateway_Routes(t *testing.T) {
	t.Parallel()
	text := gateway(t, routes(), info, openapi.Integration{URI: "u"})
	const integration = `{"type":"aws_proxy","httpMethod":"POST","uri":"u","payloadFormatVersion":"2.0"}`
	const any = `{"parameters":[{"name":"proxy","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"default":{"description":"any response"}},"x-amazon-apigateway-integration":` + integration + `}`
	wantAt(t, text, "openapi", `"3.0.3"`)
	wantAt(t, text, "paths /any/{name} x-amazon-apigateway-any-method operationId", `"any"`)
	wantAt(t, text, "paths /any/{name} put x-amazon-apigateway-integration", integration)
	wantAt(t, text, "paths /any/{name} patch", `null`)
	wantAt(t, text, "paths /handler/{rest+} x-amazon-apigateway-any-method parameters 0 name", `"rest"`)
	wantAt(t, text, "paths /tree/{proxy+} get", any)
	wantAt(t, text, "paths /{proxy+} x-amazon-apigateway-any-method", any)
	wantAt(t, text, "paths / x-amazon-apigateway-any-method x-amazon-apigateway-integration", integration)
}

func TestGateway_RestAPI(t *testing.T) {
	t.Parallel()
	api := operation[body[[]byte], struct{}]("POST /a")
	uri := map[string]string{"Fn::Sub": "${F.Arn}"}
	text := gateway(t, api, info, openapi.Integration{Kind: httpapi.RestAPI, URI: uri, Stream: true})
	wantAt(t, text, "paths /a post x-amazon-apigateway-integration", `{"type":"aws_proxy","httpMethod":"POST","uri":{"Fn::Sub":"${F.Arn}"},"passthroughBehavior":"when_no_match","responseTransferMode":"STREAM"}`)
	wantAt(t, text, "x-amazon-apigateway-binary-media-types", `["application/octet-stream"]`)
	wantAt(t, text, "paths /a post requestBody content application/octet-stream schema", `{"type":"string","format":"binary"}`)
	text = gateway(t, api, info, openapi.Integration{Kind: httpapi.HTTPAPI1, URI: uri})
	wantAt(t, text, "paths /a post x-amazon-apigateway-integration payloadFormatVersion", `"1.0"`)
}

func TestDocument_Fails(t *testing.T) {
	t.Parallel()
	same := httpapi.About(httpapi.Doc{ID: "same"})
	two := operation[struct{}, struct{}]("GET /a", same)
	two.Handle("GET /b", httpapi.Func(noop[struct{}, struct{}], same))
	hosts := operation[struct{}, struct{}]("GET a.com/x")
	hosts.Handle("GET b.com/x", http.NotFoundHandler())
	anyHosts := operation[struct{}, struct{}]("a.com/x")
	anyHosts.Handle("b.com/x", http.NotFoundHandler())
	for _, c := range []struct {
		name string
		api  *httpapi.API
		info openapi.Info
		want string
	}{
		{"title", new(httpapi.API), openapi.Info{Version: "1"}, "needs a title"},
		{"ids", two, info, `the id "same"`},
		{"hosts", hosts, info, "both GET /x"},
		{"any hosts", anyHosts, info, "both /x"},
		{"method", operation[struct{}, struct{}]("PURGE /x"), info, "OpenAPI does not know"},
		{"type", operation[struct{}, struct{ C chan int }]("GET /x"), info, "chan int has no form in JSON"},
	} {
		if _, err := openapi.Document(c.api, c.info); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	for _, in := range []openapi.Integration{{}, {URI: ""}, {URI: "u", Kind: httpapi.Lattice}, {URI: "u", Stream: true}} {
		if _, err := openapi.Gateway(new(httpapi.API), info, in); err == nil {
			t.Errorf("%+v: got no error, want one", in)
		}
	}
}

// FuzzDocument makes documents of any texts.
func FuzzDocument(f *testing.F) {
	f.Add("Orders", "1", "a <b>", "/a/{id}")
	f.Add("\xff", "\"", "\u2028", "GET h.com/{x...}")
	f.Fuzz(func(t *testing.T, title, version, text, pattern string) {
		api := operation[body[every], httpapi.Response[every]]("POST /fixed",
			httpapi.About(httpapi.Doc{ID: text, Summary: text, Description: text, Tags: []string{text}}), httpapi.OnError(errors.New(text), 409))
		func() {
			defer func() { recover() }() // of a pattern that ServeMux refuses
			api.Handle(pattern, http.NotFoundHandler())
		}()
		i := openapi.Info{Title: title, Version: version, Description: text, Servers: []string{text}}
		first, err := openapi.Document(api, i)
		second, _ := openapi.Document(api, i)
		old, errOld := openapi.Gateway(api, i, openapi.Integration{URI: text + "u"})
		if err == nil && (!json.Valid(first) || string(first) != string(second)) || errOld == nil && !json.Valid(old) {
			t.Errorf("got %s\nthen %s\nand %s, want the same valid JSON", first, second, old)
		}
	})
}
