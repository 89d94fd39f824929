package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lambdakit/lambdakit/httpapi"
)

type item struct {
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
	Stock struct {
		Count int `json:"count"`
	} `json:"stock"`
}

type stored struct {
	ID     string  `json:"id"`
	Tenant string  `json:"tenant"`
	Limit  int     `json:"limit"`
	Dry    bool    `json:"dry"`
	Price  float64 `json:"price"`
	Tags   int     `json:"tags"`
}

func byHand(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit := 20
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			http.Error(w, "limit", http.StatusBadRequest)
			return
		}
		limit = n
	}
	dry := false
	if text := query.Get("dry"); text != "" {
		b, err := strconv.ParseBool(text)
		if err != nil {
			http.Error(w, "dry", http.StatusBadRequest)
			return
		}
		dry = b
	}
	tenant := r.Header.Get("X-Tenant")
	if tenant == "" || len(tenant) > 40 {
		http.Error(w, "X-Tenant", http.StatusBadRequest)
		return
	}
	var body item
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	out, err := json.Marshal(stored{r.PathValue("id"), tenant, limit, dry, body.Price, len(body.Tags)})
	if err != nil {
		http.Error(w, "response", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(out)
}

type putItem struct {
	Shop   string `path:"shop"`
	ID     string `path:"id"`
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Dry    bool   `query:"dry,optional"`
	Tenant string `header:"X-Tenant" maxLength:"40"`
	Body   item
}

func put(_ context.Context, in putItem) (stored, error) {
	return stored{in.ID, in.Tenant, in.Limit, in.Dry, in.Body.Price, len(in.Body.Tags)}, nil
}

type humaPut struct {
	Shop   string `path:"shop"`
	ID     string `path:"id"`
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Dry    bool   `query:"dry"`
	Tenant string `header:"X-Tenant" required:"true" maxLength:"40"`
	Body   item
}

type humaStored struct{ Body stored }

func withHumaOperation() http.Handler {
	mux := http.NewServeMux()
	huma.Put(humago.New(mux, huma.DefaultConfig("Shop", "1.0.0")), "/shops/{shop}/items/{id}", func(_ context.Context, in *humaPut) (*humaStored, error) {
		return &humaStored{stored{in.ID, in.Tenant, in.Limit, in.Dry, in.Body.Price, len(in.Body.Tags)}}, nil
	})
	return mux
}

// writer is the smallest http.ResponseWriter that keeps the response.
type writer struct {
	header http.Header
	status int
	body   []byte
}

func (w *writer) Header() http.Header    { return w.header }
func (w *writer) WriteHeader(status int) { w.status = status }
func (w *writer) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)
	return len(p), nil
}

func BenchmarkOperation(b *testing.B) {
	const body = `{"name":"Mug, blue","price":8.5,"tags":["kitchen","new"],"stock":{"count":12}}`
	own := http.NewServeMux()
	own.Handle(pattern, httpapi.Func(put))
	for _, v := range []struct {
		name string
		h    http.Handler
	}{{"by-hand", muxOf(byHand)}, {"lambdakit", own}, {"huma", withHumaOperation()}} {
		b.Run(v.name, func(b *testing.B) {
			text := bytes.NewReader([]byte(body))
			r, err := http.NewRequest("PUT", "https://shop.example.com/shops/berlin/items/mug-77?limit=20&dry=true", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Tenant", "acme")
			r.Body, r.ContentLength = io.NopCloser(text), int64(len(body))
			w := &writer{header: make(http.Header)}
			call := func() {
				text.Reset([]byte(body))
				w.status, w.body = 0, w.body[:0]
				clear(w.header)
				v.h.ServeHTTP(w, r)
			}
			call()
			if w.status >= 300 || !strings.Contains(string(w.body), `"id":"mug-77","tenant":"acme","limit":20,"dry":true,"price":8.5,"tags":2`) {
				b.Fatalf("got %d %s, want the item", w.status, w.body)
			}
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
