package httpapi

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/chi/v5"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

//go:embed testdata/httpapi.json
var httpAPIEvent []byte

//go:embed testdata/rest.json
var restEvent []byte

const answer = `{"id":"mug-77","shop":"berlin","accepted":true}`

func httpAPIBare(_ context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusOK,
		Headers:    map[string]string{"Content-Type": "application/json", "Location": r.RawPath},
		Body:       answer,
	}, nil
}

func restBare(_ context.Context, r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return events.APIGatewayProxyResponse{
		StatusCode: http.StatusOK,
		Headers:    map[string]string{"Content-Type": "application/json", "Location": r.Path},
		Body:       answer,
	}, nil
}

func serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", r.URL.Path)
	io.WriteString(w, answer)
}

const pattern = "PUT /shops/{shop}/items/{id}"

func muxOf(f http.HandlerFunc) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc(pattern, f)
	mux.HandleFunc("GET /shops/{shop}/items", serve)
	mux.HandleFunc("GET /health", serve)
	return mux
}

// instrumented is the function with one line, two metrics and a trace that is not sampled.
func instrumented() lambda.Handler {
	logs := logging.New(&logging.Options{Service: "shop", Writer: io.Discard})
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "shop", Writer: io.Discard})
	tracer := tracing.New(nil)
	l, accepted, size := slog.New(logs), meter.Counter("Accepted"), meter.Distribution("Size", metrics.None)
	mux := muxOf(func(w http.ResponseWriter, r *http.Request) {
		l.LogAttrs(r.Context(), slog.LevelInfo, "item accepted", slog.String("shop", r.PathValue("shop")), slog.Int64("bytes", r.ContentLength))
		accepted.Add(r.Context(), 1)
		size.Record(r.Context(), float64(r.ContentLength))
		serve(w, r)
	})
	return httpapi.Wrap(mux, tracer.Middleware, logs.Middleware, meter.Middleware)
}

func withChi() http.Handler {
	r := chi.NewRouter()
	r.Put("/shops/{shop}/items/{id}", serve)
	r.Get("/shops/{shop}/items", serve)
	r.Get("/health", serve)
	return r
}

type humaAnswer struct {
	Location string `header:"Location"`
	Body     struct {
		ID       string `json:"id"`
		Shop     string `json:"shop"`
		Accepted bool   `json:"accepted"`
	}
}

func withHuma() http.Handler {
	mux := http.NewServeMux()
	huma.Put(humago.New(mux, huma.DefaultConfig("Shop", "1.0.0")), "/shops/{shop}/items/{id}", func(_ context.Context, in *struct {
		Shop string `path:"shop"`
		ID   string `path:"id"`
	}) (*humaAnswer, error) {
		a := &humaAnswer{Location: "/shops/" + in.Shop + "/items/" + in.ID}
		a.Body.ID, a.Body.Shop, a.Body.Accepted = in.ID, in.Shop, true
		return a, nil
	})
	return mux
}

func lambdaContext() context.Context {
	//lint:ignore SA1029 the key that aws-lambda-go uses
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", InvokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:shop"})
}

// measure measures invocations. The event is compact, as the gateway sends it.
func measure(b *testing.B, event []byte, h lambda.Handler) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, event); err != nil {
		b.Fatal(err)
	}
	event = compact.Bytes()
	ctx := lambdaContext()
	out, err := h.Invoke(ctx, event)
	if s := string(out); err != nil || !strings.Contains(s, `"statusCode":200`) || !strings.Contains(s, `/shops/berlin/items/mug-77`) || !strings.Contains(s, `accepted\":true`) {
		b.Fatalf("got %s, %v, want status 200, the location and the answer", out, err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(event)))
	for b.Loop() {
		if _, err := h.Invoke(ctx, event); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmark(b *testing.B, event []byte, bare, proxy any) {
	for _, v := range []struct {
		name string
		make func() lambda.Handler
	}{
		{"bare", func() lambda.Handler { return lambda.NewHandler(bare) }},
		{"lambdakit", func() lambda.Handler { return httpapi.Wrap(http.HandlerFunc(serve)) }},
		{"lambdakit-mux", func() lambda.Handler { return httpapi.Wrap(muxOf(serve)) }},
		{"lambdakit-all", instrumented},
		{"lambdakit-chi", func() lambda.Handler { return httpapi.Wrap(withChi()) }},
		{"lambdakit-huma", func() lambda.Handler { return httpapi.Wrap(withHuma()) }},
		{"api-proxy", func() lambda.Handler { return lambda.NewHandler(proxy) }},
	} {
		b.Run(v.name, func(b *testing.B) { measure(b, event, v.make()) })
	}
}

func BenchmarkHTTPAPI(b *testing.B) {
	benchmark(b, httpAPIEvent, httpAPIBare, httpadapter.NewV2(muxOf(serve)).ProxyWithContext)
}

func BenchmarkREST(b *testing.B) {
	benchmark(b, restEvent, restBare, httpadapter.New(muxOf(serve)).ProxyWithContext)
}
