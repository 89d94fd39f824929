// Command catalog is a Lambda function with a router and middleware that know nothing of Lambda: chi, its
// compression, and CORS. It runs behind any HTTP front end. Run it from the root of the repository with
//
//	go run ./cmd/lambdakit run ./examples/catalog
//	go run ./cmd/lambdakit run -http 127.0.0.1:8080 ./examples/catalog
package main

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/cors"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
)

func main() {
	logs := logging.New(&logging.Options{Service: "catalog", LogRequest: true})
	slog.SetDefault(slog.New(logs))
	lambda.Start(httpapi.Wrap(routes(), logs.Middleware))
}

// routes is the handler that a server would have, too.
func routes() http.Handler {
	r := chi.NewRouter()
	r.Use(cors.New(cors.Options{AllowedOrigins: []string{"https://shop.example"}}).Handler, middleware.Compress(5), httpapi.Recover)
	r.Get("/products", list)
	r.Get("/products/{sku}", get)
	return r
}

type product struct {
	SKU   string  `json:"sku"`
	Name  string  `json:"name"`
	Price float64 `json:"price"`
}

var products = []product{{"mug", "Mug", 8.5}, {"tea", "Green tea", 12.95}}

func list(w http.ResponseWriter, r *http.Request) { reply(w, products) }

func get(w http.ResponseWriter, r *http.Request) {
	sku := chi.URLParam(r, "sku")
	for _, p := range products {
		if p.SKU == sku {
			reply(w, p)
			return
		}
	}
	slog.WarnContext(r.Context(), "no such product", "sku", sku)
	http.Error(w, "no such product", http.StatusNotFound)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}
