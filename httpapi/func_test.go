package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	_ "github.com/lambdakit/lambdakit/httpapi/form"
	_ "github.com/lambdakit/lambdakit/httpapi/pattern"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type line struct {
	SKU      string `json:"sku" minLength:"2"`
	Quantity int    `json:"quantity" minimum:"1" required:"true"`
}

type putOrder struct {
	ID     string        `path:"id" pattern:"^o-[0-9]+$"`
	Limit  int           `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Tags   []string      `query:"tag,optional" maxItems:"2"`
	Since  *time.Time    `query:"since"`
	Wait   time.Duration `query:"wait,optional"`
	Dry    bool          `query:"dry,optional"`
	Tenant string        `header:"X-Tenant" maxLength:"4"`
	Accept []string      `header:"Accept,optional"`
	Sess   string        `cookie:"session,optional"`
	Body   struct {
		Note  string `json:"note" enum:"gift,none"`
		Lines []line `json:"lines" minItems:"1" required:"true"`
	}
}

func (p *putOrder) Validate() error {
	if p.Dry && p.Wait > 0 {
		return errors.New("a dry run does not wait")
	}
	return nil
}

var errNoStock = errors.New("out of stock")

func api() *httpapi.API {
	a := new(httpapi.API)
	a.Handle("PUT /orders/{id}", httpapi.Func(func(ctx context.Context, in putOrder) (any, error) {
		if in.Body.Note == "gift" {
			return nil, fmt.Errorf("order %s: %w", in.ID, errNoStock)
		}
		since := ""
		if in.Since != nil {
			since = in.Since.Format(time.RFC3339)
		}
		return fmt.Sprint(in.ID, in.Limit, in.Tags, since, in.Wait, in.Dry, in.Tenant, in.Accept, in.Sess, in.Body.Lines), nil
	}, httpapi.OnError(errNoStock, http.StatusConflict)))
	return a
}

func do(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const order = `{"note":"none","lines":[{"sku":"mug","quantity":2}]}`

func TestFunc_BindsEachPartOfTheRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		target string
		header []string
		want   string
	}{
		{"/orders/o-1", []string{"X-Tenant", "t"}, "o-120[] 0sfalset[] [{mug 2}]"},
		{"/orders/o-1?limit=5&tag=a&tag=b%20c&since=2026-01-02T03:04:05Z&wait=1m&unknown=%zz", []string{"X-Tenant", "t", "Accept", "a, b", "Accept", "c", "Cookie", "session=s"},
			"o-15[a b c]2026-01-02T03:04:05Z1m0sfalset[a b c]s[{mug 2}]"},
		{"/orders/o-1?dry=1", []string{"X-Tenant", "t", "Content-Type", "application/vnd.x+json; charset=utf-8"}, "o-120[] 0struet[] [{mug 2}]"},
	} {
		w := do(api(), "PUT", c.target, order, c.header...)
		if got := strings.Trim(w.Body.String(), `"`); w.Code != 200 || strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(c.want, " ", "") {
			t.Errorf("%s: got %d %s, want %s", c.target, w.Code, got, c.want)
		}
	}
}

func TestFunc_AllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		target, body string
		header       []string
		status       int
		want         string
	}{
		"parameters": {"/orders/x?limit=101&tag=1&tag=2&tag=3&since=hunter2&wait=%zz&dry=maybe", order, nil, 400,
			"path id must match ^o-[0-9]+$; query limit must be at most 100; query tag must have at most 2 values; query since must be a time such as 2026-01-02T15:04:05Z; query wait is malformed; query dry must be true or false; header X-Tenant is required"},
		"body":              {"/orders/o-1", `{"note":"hunter2","lines":[{"sku":"m"},{"sku":"mug","quantity":0}]}`, []string{"X-Tenant", "t"}, 422, "body note must be one of gift, none; body lines[0].sku must have at least 2 characters; body lines[0].quantity is required; body lines[1].quantity must be at least 1"},
		"null":              {"/orders/o-1", `{"note":"none","lines":null}`, []string{"X-Tenant", "t"}, 422, "body lines must not be null"},
		"a missing list":    {"/orders/o-1", `{"note":"none"}`, []string{"X-Tenant", "t"}, 422, "body lines is required"},
		"both":              {"/orders/o-1?limit=0", `{"note":"x"}`, []string{"X-Tenant", "t"}, 400, "query limit must be at least 1; body note must be one of gift, none; body lines is required"},
		"no JSON":           {"/orders/o-1", `hunter2`, []string{"X-Tenant", "t"}, 400, "body  is not valid JSON"},
		"another type":      {"/orders/o-1", `<a/>`, []string{"X-Tenant", "t", "Content-Type", "text/xml"}, 415, "body  must be JSON"},
		"a wrong value":     {"/orders/o-1", `{"lines":[{"quantity":"hunter2"}]}`, []string{"X-Tenant", "t"}, 422, "body lines.quantity must be an integer of 64 bits"},
		"no body":           {"/orders/o-1", ``, []string{"X-Tenant", "t"}, 400, "body  is required"},
		"an invalid method": {"/orders/o-1?dry=true&wait=1s", order, []string{"X-Tenant", "t"}, 422, ""},
	} {
		w := do(api(), "PUT", c.target, c.body, c.header...)
		var p struct {
			Title, Detail string
			Status        int
			Problems      []httpapi.Problem
		}
		json.Unmarshal(w.Body.Bytes(), &p)
		var got []string
		for _, x := range p.Problems {
			got = append(got, x.In+" "+x.Name+" "+x.Detail)
		}
		if w.Code != c.status || p.Status != c.status || strings.Join(got, "; ") != c.want || p.Title == "" || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: got %d %s, want %d with %s", name, w.Code, w.Body, c.status, c.want)
		}
		if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: got the type %s, want a problem", name, kind)
		}
	}
}

func TestFunc_Errors(t *testing.T) {
	t.Parallel()
	w := do(api(), "PUT", "/orders/o-1", `{"note":"gift","lines":[{"sku":"mug","quantity":1}]}`, "X-Tenant", "t")
	if got, want := w.Body.String(), `{"title":"Conflict","status":409,"detail":"out of stock"}`; w.Code != 409 || got != want {
		t.Errorf("got %d %s, want %s", w.Code, got, want)
	}
	for name, c := range map[string]struct {
		err    error
		status int
		body   string
	}{
		"unknown": {errors.New("password=hunter2"), 500, `{"title":"Internal Server Error","status":500}`},
		"own":     {fmt.Errorf("x: %w", &httpapi.Error{Status: 404, Detail: "no such order", Err: errors.New("hunter2")}), 404, `{"title":"Not Found","status":404,"detail":"no such order"}`},
		"typed":   {&httpapi.Error{Status: 429, Type: "https://h/busy", Title: "Busy"}, 429, `{"type":"https://h/busy","title":"Busy","status":429}`},
		"odd":     {&httpapi.Error{Status: 200}, 500, `{"title":"Internal Server Error","status":500}`},
	} {
		w := do(httpapi.Func(func(context.Context, struct{}) (any, error) { return nil, c.err }), "GET", "/", "")
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: got %d %s, want %s", name, w.Code, w.Body, c.body)
		}
	}
}

func TestFunc_Outputs(t *testing.T) {
	t.Parallel()
	type result struct {
		ID string `json:"id"`
	}
	get := func(out any) *httptest.ResponseRecorder {
		return do(httpapi.Func(func(context.Context, struct{}) (any, error) { return out, nil }), "GET", "/", "")
	}
	for name, c := range map[string]struct {
		out    any
		status int
		kind   string
		body   string
	}{
		"JSON":       {result{"a"}, 200, "application/json", `{"id":"a"}`},
		"nothing":    {struct{}{}, 204, "", ""},
		"bytes":      {[]byte{0, 1}, 200, "application/octet-stream", "\x00\x01"},
		"text":       {"hello", 200, "text/plain; charset=utf-8", "hello"},
		"reader":     {strings.NewReader("hello"), 200, "application/octet-stream", "hello"},
		"response":   {httpapi.Response[result]{Status: 201, Header: http.Header{"location": {"/a"}}, Body: result{"a"}}, 201, "application/json", `{"id":"a"}`},
		"no content": {httpapi.Response[struct{}]{Status: 202}, 202, "", ""},
		"type":       {httpapi.Response[string]{Header: http.Header{"Content-Type": {"text/csv"}}, Body: "a,b"}, 200, "text/csv", "a,b"},
		"impossible": {func() {}, 500, "application/problem+json", `{"title":"Internal Server Error","status":500}`},
	} {
		w := get(c.out)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || w.Body.String() != c.body {
			t.Errorf("%s: got %d %s %q, want %d %s %q", name, w.Code, w.Header().Get("Content-Type"), w.Body, c.status, c.kind, c.body)
		}
	}
	w := get(httpapi.Response[struct{}]{Cookies: []*http.Cookie{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}, Header: http.Header{"location": {"/a"}}})
	if len(w.Header()["Set-Cookie"]) != 2 || w.Header().Get("Location") != "/a" {
		t.Errorf("got the headers %v, want two cookies and a location", w.Header())
	}
}

func TestFunc_Bodies(t *testing.T) {
	t.Parallel()
	post := func(h http.Handler, body string, header ...string) string {
		w := do(h, "POST", "/", body, header...)
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	if got := post(httpapi.Func(func(_ context.Context, in struct{ Body []byte }) (string, error) { return string(in.Body), nil }), "abc"); got != "200 abc" {
		t.Errorf("bytes: got %s", got)
	}
	if got := post(httpapi.Func(func(_ context.Context, in struct{ Body string }) (string, error) { return in.Body, nil }), "abc"); got != "200 abc" {
		t.Errorf("text: got %s", got)
	}
	if got := post(httpapi.Func(func(_ context.Context, in struct{ Body io.Reader }) (io.Reader, error) { return in.Body, nil }), "abc"); got != "200 abc" {
		t.Errorf("reader: got %s", got)
	}
	if got := post(httpapi.Func(func(_ context.Context, in struct{ Body *line }) (any, error) { return in.Body == nil, nil }), ""); got != "200 true" {
		t.Errorf("no body: got %s, want a nil pointer", got)
	}
	form := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"
	multi := httpapi.Func(func(_ context.Context, in struct{ Body *multipart.Form }) (string, error) {
		return in.Body.Value["a"][0], nil
	})
	if got := post(multi, form, "Content-Type", "multipart/form-data; boundary=x"); got != "200 1" {
		t.Errorf("form: got %s", got)
	}
	if got := post(multi, "x", "Content-Type", "text/plain"); !strings.HasPrefix(got, "400 ") {
		t.Errorf("no form: got %s, want 400", got)
	}
	strict := httpapi.Func(func(_ context.Context, in struct{ Body line }) (any, error) { return nil, nil }, httpapi.Strict())
	if got := post(strict, `{"quantity":1,"sku":"ab","hunter2":1}`); !strings.HasPrefix(got, "422 ") || strings.Contains(got, "hunter2") {
		t.Errorf("strict: got %s, want 422 without the name", got)
	}
	if got := post(strict, strings.Repeat("x", 11<<20)); !strings.HasPrefix(got, "413 ") {
		t.Errorf("large: got %.100s, want 413", got)
	}
}

func TestFunc_Claims(t *testing.T) {
	t.Parallel()
	type in struct {
		User   string   `auth:"sub"`
		Level  int      `auth:"level,optional"`
		Groups []string `auth:"groups,optional"`
	}
	h := httpapi.Wrap(httpapi.Func(func(_ context.Context, in in) (string, error) { return fmt.Sprint(in), nil }))
	event := func(authorizer string) string {
		return `{"version":"2.0","rawPath":"/","headers":{},"requestContext":{"stage":"$default","http":{"method":"GET","path":"/","sourceIp":"203.0.113.9"}` + authorizer + `}}`
	}
	for authorizer, want := range map[string]string{
		`,"authorizer":{"jwt":{"claims":{"sub":"u-1","groups":["a","b"],"level":"3"}}}`: `"body":"{u-1 3 [a b]}"`,
		`,"authorizer":{"lambda":{"sub":"u-1","level":3}}`:                              `"body":"{u-1 3 []}"`,
		``: `"statusCode":401`,
	} {
		out, err := h.Invoke(t.Context(), []byte(event(authorizer)))
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: got %s and %v, want %s", authorizer, out, err, want)
		}
	}
}

// Mistakes in types and patterns show when the program starts.
func TestFunc_PanicsAtStart(t *testing.T) {
	t.Parallel()
	type text struct {
		ID string `path:"id"`
	}
	for name, f := range map[string]func(){
		"no function": func() { httpapi.Func[struct{}, any](nil) },
		"no struct":   func() { httpapi.Func(func(context.Context, int) (any, error) { return nil, nil }) },
		"a type": func() {
			httpapi.Func(func(context.Context, struct {
				C chan int `query:"c"`
			}) (any, error) {
				return nil, nil
			})
		},
		"no tag": func() { httpapi.Func(func(context.Context, struct{ C int }) (any, error) { return nil, nil }) },
		"an option": func() {
			httpapi.Func(func(context.Context, struct {
				C int `query:"c,omitempty"`
			}) (any, error) {
				return nil, nil
			})
		},
		"a default": func() {
			httpapi.Func(func(context.Context, struct {
				C int `query:"c" default:"x"`
			}) (any, error) {
				return nil, nil
			})
		},
		"a default beyond": func() {
			httpapi.Func(func(context.Context, struct {
				C int `query:"c" default:"5" maximum:"4"`
			}) (any, error) {
				return nil, nil
			})
		},
		"a limit": func() {
			httpapi.Func(func(context.Context, struct {
				C string `query:"c" minimum:"4"`
			}) (any, error) {
				return nil, nil
			})
		},
		"a limit of a member": func() {
			httpapi.Func(func(context.Context, struct {
				Body struct {
					C string `minimum:"4"`
				}
			}) (any, error) {
				return nil, nil
			})
		},
		"a pattern": func() {
			httpapi.Func(func(context.Context, struct {
				C string `query:"c" pattern:"("`
			}) (any, error) {
				return nil, nil
			})
		},
		"no wildcard": func() {
			new(httpapi.API).Handle("GET /orders", httpapi.Func(func(context.Context, text) (any, error) { return nil, nil }))
		},
		"no field": func() {
			new(httpapi.API).Handle("GET /{id}/{x}", httpapi.Func(func(context.Context, text) (any, error) { return nil, nil }))
		},
		"a status":              func() { httpapi.OnError(io.EOF, 200) },
		"a prefix":              func() { new(httpapi.API).Group("v1") },
		"no handler":            func() { new(httpapi.API).Handle("/", nil) },
		"no handler for Lambda": func() { httpapi.Wrap(nil) },
		"no handler to stream":  func() { httpapi.WrapStream(nil) },
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, "httpapi: ") {
					t.Errorf("%s: got %s, want a panic of this package", name, v)
				}
			}()
			f()
		}()
	}
}

func TestAPI_Groups(t *testing.T) {
	t.Parallel()
	var a httpapi.API
	mark := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Via", name)
				next.ServeHTTP(w, r)
			})
		}
	}
	text := func(s string) http.Handler {
		return httpapi.Func(func(context.Context, struct{}) (string, error) { return s, nil })
	}
	a.Handle("GET /", text("root"))
	v1 := a.Group("/v1", mark("outer"))
	v1.Group("/admin", mark("inner")).Handle("GET /users", text("users"))
	v1.Handle("GET h.example/x", text("x"))
	w := do(&a, "GET", "/v1/admin/users", "")
	if w.Body.String() != "users" || fmt.Sprint(w.Header()["Via"]) != "[outer inner]" {
		t.Errorf("got %s via %v, want users via outer and inner", w.Body, w.Header()["Via"])
	}
	if w := do(&a, "GET", "http://h.example/v1/x", ""); w.Body.String() != "x" {
		t.Errorf("got %s, want x", w.Body)
	}
	var got []string
	for _, r := range v1.Routes() {
		got = append(got, r.Pattern)
	}
	if want := "[GET / GET /v1/admin/users GET h.example/v1/x]"; fmt.Sprint(got) != want {
		t.Errorf("got the routes %v, want %s", got, want)
	}
}

const getEvent = `{"version":"2.0","rawPath":"/orders/o-1","headers":{},"requestContext":{"stage":"$default","http":{"method":"GET","path":"/orders/o-1","sourceIp":"203.0.113.9"}}}`

func TestWrap_AnAnsweredFailureIsAFailure(t *testing.T) {
	t.Parallel()
	boom := errors.New("the database is down")
	for name, c := range map[string]struct {
		h    http.Handler
		want string
	}{
		"a plain handler": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }), "httpapi: GET /orders/{id} answered 503 Service Unavailable"},
		"an operation": {httpapi.Func(func(context.Context, struct {
			ID string `path:"id"`
		}) (any, error) {
			return nil, boom
		}), "the database is down"},
		"a panic":        {httpapi.Recover(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic("boom") })), "httpapi: the handler of GET /orders/{id} panicked: boom"},
		"a large answer": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("x", 7<<20)) }), "httpapi: the response has 734"},
		"no failure":     {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }), "<nil>"},
	} {
		var a httpapi.API
		a.Handle("GET /orders/{id}", c.h)
		res := lambdatest.Run(t, httpapi.Wrap(&a), getEvent)
		if !strings.HasPrefix(fmt.Sprint(res.Err), c.want) || len(res.Response) == 0 {
			t.Errorf("%s: got %v and %.200s, want %s and an answer", name, res.Err, res.Response, c.want)
		}
	}
}

func TestWrap_AbortFailsTheInvocation(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, httpapi.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })), getEvent)
	if res.Err != http.ErrAbortHandler || res.Response != nil {
		t.Errorf("got %v and %s, want an error and no answer", res.Err, res.Response)
	}
	res = lambdatest.Run(t, httpapi.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })), getEvent)
	var p *lambdatest.PanicError
	if !errors.As(res.Err, &p) || p.Value != "boom" {
		t.Errorf("got %v, want the panic", res.Err)
	}
}

func TestAdapter_OtherEvents(t *testing.T) {
	t.Parallel()
	a := &httpapi.Adapter{Handler: http.NotFoundHandler(), Other: lambdakit.Wrap(func(context.Context, any) (string, error) { return "other", nil })}
	if out, err := a.Wrap().Invoke(t.Context(), []byte(`{"Records":[]}`)); string(out) != `"other"` || err != nil {
		t.Errorf("got %s and %v, want the other handler's answer", out, err)
	}
	for _, text := range []string{``, `null`, `[]`, `{"Records":[]}`, `{"version":"2.0"}`, `{"httpMethod":"GET"}`, `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"a b"}}}`} {
		_, err := httpapi.Wrap(http.NotFoundHandler()).Invoke(t.Context(), []byte(text))
		if !errors.Is(err, httpapi.ErrNotHTTP) {
			t.Errorf("%s: got %v, want %v", text, err, httpapi.ErrNotHTTP)
		}
	}
}

func TestFunc_ConstraintsHoldForWhatIsDecoded(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		Body struct {
			Count int `json:"count" minimum:"1"`
			Box   struct {
				Weight int `json:"weight" maximum:"9"`
			} `json:"box"`
		}
	}) (struct{}, error) {
		return struct{}{}, nil
	})
	for body, want := range map[string]int{
		`{}`:                             204,
		`{"count":1}`:                    204,
		`{"count":0}`:                    422,
		`{"COUNT":0}`:                    422,
		`{"c\u006funt":0}`:               422,
		`{"count":null,"count":-5}`:      422,
		`{"count":-5,"count":null}`:      422,
		`{"box":{"Weight":10}}`:          422,
		`{"box":{"weight":10},"box":{}}`: 422,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("PUT", "/", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d: %s", body, w.Code, want, w.Body)
		}
	}
}

type counted struct {
	Count int `json:"count" minimum:"1" required:"true"`
}

type Named struct {
	Name string `json:"name" minLength:"2"`
}

func TestFunc_ConstraintsOfEmbeddedStructs(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		Body struct {
			counted
			*Named
		}
	}) (struct{}, error) {
		return struct{}{}, nil
	})
	for body, want := range map[string]int{
		`{"count":1}`:              204,
		`{"count":1,"name":"mug"}`: 204,
		`{}`:                       422,
		`{"count":0}`:              422,
		`{"count":1,"name":"m"}`:   422,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("PUT", "/", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d: %s", body, w.Code, want, w.Body)
		}
	}
}
