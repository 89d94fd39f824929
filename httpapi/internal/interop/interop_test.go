package interop_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"github.com/lambdakit/lambdakit/httpapi/internal/interop/shop"
)

const itemPath = "/shops/berlin/items/mug%20blue"

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func chiRouter() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.StripSlashes, middleware.Heartbeat("/health"))
	r.Route("/shops/{shop}", func(r chi.Router) {
		r.Put("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %s %s", chi.URLParam(r, "shop"), r.PathValue("id"), r.URL.Query()["tag"], body, chi.RouteContext(r.Context()).RoutePattern())
		})
		r.Get("/files/*", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, chi.URLParam(r, "*")) })
		r.Get("/broken", func(http.ResponseWriter, *http.Request) { panic("broken") })
	})
	return r
}

func TestChi(t *testing.T) {
	t.Parallel()
	h := chiRouter()
	for _, c := range []struct {
		name   string
		r      request
		status int
		body   string
	}{
		{"path values, query and body", request{method: "PUT", target: itemPath + "?tag=a%2Cb&tag=c", body: "hello"}, 200, "berlin mug blue [a,b c] hello /shops/{shop}/items/{id}"},
		{"a trailing slash", request{method: "PUT", target: itemPath + "/", body: "x"}, 200, "berlin mug blue [] x /shops/{shop}/items/{id}"},
		{"the rest of a path", request{method: "GET", target: "/shops/berlin/files/a/b.txt"}, 200, "a/b.txt"},
		{"an answer of a middleware", request{method: "GET", target: "/health"}, 200, "."},
		{"another path", request{method: "GET", target: "/nothing"}, 404, "404 page not found"},
		{"another method", request{method: "DELETE", target: itemPath}, 405, ""},
		{"a panic", request{method: "GET", target: "/shops/berlin/broken"}, 500, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachFrontEnd(t, h, c.r, func(t *testing.T, got response) { got.want(t, c.status, nil, c.body) })
		})
	}
}

type humaInput struct {
	Shop  string `path:"shop"`
	ID    string `path:"id"`
	Limit int    `query:"limit" minimum:"1" maximum:"100"`
	Body  struct {
		Name string `json:"name" minLength:"2"`
	}
}

type humaOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		ID    string `json:"id"`
		Shop  string `json:"shop"`
		Name  string `json:"name"`
		Limit int    `json:"limit"`
	}
}

func humaAPI() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Shop", "1.0.0")
	config.CreateHooks = nil // no $schema member
	huma.Put(humago.New(mux, config), "/shops/{shop}/items/{id}", func(_ context.Context, in *humaInput) (*humaOutput, error) {
		if in.Body.Name == "sold" {
			return nil, huma.Error409Conflict("sold")
		}
		out := &humaOutput{SetCookie: http.Cookie{Name: "seen", Value: "1"}}
		out.Body.ID, out.Body.Shop, out.Body.Name, out.Body.Limit = in.ID, in.Shop, in.Body.Name, in.Limit
		return out, nil
	})
	return mux
}

func TestHuma(t *testing.T) {
	t.Parallel()
	h := humaAPI()
	put := func(query, body string) request {
		return request{"PUT", itemPath + query, jsonHeader(), body}
	}
	t.Run("an operation", func(t *testing.T) {
		eachFrontEnd(t, h, put("?limit=20", `{"name":"Mug"}`), func(t *testing.T, got response) {
			got.want(t, 200, map[string]string{"Content-Type": "application/json", "Set-Cookie": "seen=1"}, `{"id":"mug blue","shop":"berlin","name":"Mug","limit":20}`)
		})
	})
	t.Run("an error", func(t *testing.T) {
		eachFrontEnd(t, h, put("?limit=20", `{"name":"sold"}`), func(t *testing.T, got response) {
			got.want(t, 409, map[string]string{"Content-Type": "application/problem+json"}, `{"title":"Conflict","status":409,"detail":"sold"}`)
		})
	})
	t.Run("a wrong request", func(t *testing.T) {
		eachFrontEnd(t, h, put("?limit=900", `{"name":"M"}`), func(t *testing.T, got response) {
			if got.status != 422 || got.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(got.body, "query.limit") || !strings.Contains(got.body, "body.name") {
				t.Errorf("got %+v, want 422 with two problems", got)
			}
		})
	})
}

func TestCORS(t *testing.T) {
	t.Parallel()
	h := cors.New(cors.Options{
		AllowedOrigins: []string{"https://shop.example.com"},
		AllowedMethods: []string{"PUT"},
		AllowedHeaders: []string{"Content-Type", "X-Tenant"},
		MaxAge:         600,
	}).Handler(chiRouter())
	t.Run("preflight", func(t *testing.T) {
		eachFrontEnd(t, h, request{method: "OPTIONS", target: itemPath, header: http.Header{
			"Origin":                         {"https://shop.example.com"},
			"Access-Control-Request-Method":  {"PUT"},
			"Access-Control-Request-Headers": {"content-type,x-tenant"},
		}}, func(t *testing.T, got response) {
			got.want(t, 204, map[string]string{
				"Access-Control-Allow-Origin":  "https://shop.example.com",
				"Access-Control-Allow-Methods": "PUT",
				"Access-Control-Allow-Headers": "content-type,x-tenant",
				"Access-Control-Max-Age":       "600",
			}, "")
		})
	})
	t.Run("another origin", func(t *testing.T) {
		eachFrontEnd(t, h, request{method: "OPTIONS", target: itemPath, header: http.Header{
			"Origin":                        {"https://elsewhere.example.com"},
			"Access-Control-Request-Method": {"PUT"},
		}}, func(t *testing.T, got response) {
			got.want(t, 204, map[string]string{"Access-Control-Allow-Origin": ""}, "")
		})
	})
	t.Run("the request", func(t *testing.T) {
		eachFrontEnd(t, h, request{method: "PUT", target: itemPath, header: http.Header{"Origin": {"https://shop.example.com"}}, body: "x"}, func(t *testing.T, got response) {
			got.want(t, 200, map[string]string{"Access-Control-Allow-Origin": "https://shop.example.com"}, "berlin mug blue [] x /shops/{shop}/items/{id}")
		})
	})
}

func TestGzip(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("a mug, blue; ", 500)
	h := gzhttp.GzipHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.URL.Path == "/large" {
			io.WriteString(w, large)
			return
		}
		io.WriteString(w, "small")
	}))
	accept := http.Header{"Accept-Encoding": {"gzip, br"}}
	t.Run("large", func(t *testing.T) {
		eachFrontEnd(t, h, request{method: "GET", target: "/large", header: accept}, func(t *testing.T, got response) {
			z, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Fatalf("got %q: %v", got.body, err)
			}
			text, err := io.ReadAll(z)
			if err != nil || string(text) != large || !got.base64 || got.header.Get("Content-Encoding") != "gzip" || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("got %v, base64 %v, %d bytes, %v, want the text in gzip and base64", got.header, got.base64, len(text), err)
			}
		})
	})
	for name, r := range map[string]request{
		"small":        {method: "GET", target: "/small", header: accept},
		"not accepted": {method: "GET", target: "/large"},
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string]string{"/small": "small", "/large": strings.TrimSpace(large)}[r.target]
			eachFrontEnd(t, h, r, func(t *testing.T, got response) {
				got.want(t, 200, map[string]string{"Content-Encoding": ""}, want)
				if got.base64 {
					t.Error("got base64, want text")
				}
			})
		})
	}
}

// server implements the generated interface of package shop.
type server struct{}

func (server) PutItem(_ context.Context, r shop.PutItemRequestObject) (shop.PutItemResponseObject, error) {
	if r.Body.Name == "sold" {
		return shop.PutItem409ApplicationProblemPlusJSONResponse{Status: 409, Title: "sold"}, nil
	}
	return shop.PutItem200JSONResponse{Id: r.Id, Shop: r.Shop, Name: r.Body.Name, Limit: r.Params.Limit}, nil
}

func TestGeneratedServer(t *testing.T) {
	t.Parallel()
	h := shop.Handler(shop.NewStrictHandler(server{}, nil))
	for _, c := range []struct {
		name, query, body string
		status            int
		kind, want        string
	}{
		{"an operation", "?limit=20", `{"name":"Mug"}`, 200, "application/json", `{"id":"mug blue","limit":20,"name":"Mug","shop":"berlin"}`},
		{"a problem", "?limit=20", `{"name":"sold"}`, 409, "application/problem+json", `{"status":409,"title":"sold"}`},
		{"no query", "", `{"name":"Mug"}`, 400, "text/plain; charset=utf-8", "Query argument limit is required, but not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachFrontEnd(t, h, request{"PUT", itemPath + c.query, jsonHeader(), c.body}, func(t *testing.T, got response) {
				got.want(t, c.status, map[string]string{"Content-Type": c.kind}, c.want)
			})
		})
	}
}
