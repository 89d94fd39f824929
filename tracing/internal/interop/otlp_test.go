package interop

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"

// receiver is an OTLP/HTTP collector.
type receiver struct {
	mu    sync.Mutex
	spans []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var message collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &message); err != nil || req.URL.Path != "/v1/traces" {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[string]string{}
	for _, rs := range message.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				names[hex.EncodeToString(s.SpanId)] = s.Name
			}
			for _, s := range ss.Spans {
				parent := hex.EncodeToString(s.ParentSpanId)
				if name, ok := names[parent]; ok {
					parent = name
				}
				r.spans = append(r.spans, describe(hex.EncodeToString(s.TraceId), parent, s.Name, s.Status.GetCode() == 2))
			}
		}
	}
}

func describe(trace, parent, name string, failed bool) string {
	return fmt.Sprintf("%s %s > %s failed=%v", trace, parent, name, failed)
}

func handle(ctx context.Context, _ json.RawMessage) (string, error) {
	tracing.Annotate(ctx, "order", "o-1")
	err := tracing.Run(ctx, "load", func(ctx context.Context) error {
		_, sp := tracing.Start(ctx, "parse")
		sp.End()
		return errors.New("not there")
	})
	return err.Error(), nil
}

// TestOTLPGetsTheSameSpans sends the spans of one handler to X-Ray and over OTLP.
func TestOTLPGetsTheSameSpans(t *testing.T) {
	r := new(receiver)
	server := httptest.NewServer(r)
	defer server.Close()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(server.URL+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	// Nothing is sent before the flush at the end of the invocation.
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Hour)))
	defer provider.Shutdown(context.Background())

	run := func(o *tracing.Options) *lambdatest.Result {
		res := lambdatest.New(t, lambdakit.Wrap(handle, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: header}).Invoke(`{}`)
		if string(res.Response) != `"not there"` {
			t.Fatalf("got response %s and error %v, want \"not there\"", res.Response, res.Err)
		}
		return res
	}
	run(&tracing.Options{TracerProvider: provider, Parent: tracing.ParentLambda})
	own := run(nil)
	names := map[string]string{}
	for _, s := range own.Segments {
		xraytest.Validate(t, s.JSON)
		names[s.ID] = s.Name
	}
	var want []string
	for _, s := range own.Segments {
		parent := s.ParentID
		if name, ok := names[parent]; ok {
			parent = name
		}
		want = append(want, describe(strings.ReplaceAll(s.TraceID[2:], "-", ""), parent, s.Name, s.Fault))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(want)
	slices.Sort(r.spans)
	if len(want) != 3 || !slices.Equal(want, r.spans) {
		t.Errorf("got over OTLP\n%s\nwant the three spans of X-Ray\n%s", strings.Join(r.spans, "\n"), strings.Join(want, "\n"))
	}
}
