package xraysdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/xraysdk"
)

const (
	traceID = "1-5759e988-bd862e3fe1be46a994272793"
	parent  = "557abcec3ee5a047"
	sampled = "Root=" + traceID + ";Parent=" + parent + ";Sampled=1"
)

type document map[string]any

// daemon starts a daemon for the toolkit and the SDK. The SDK's daemon address is global, so tests
// with a daemon do not run in parallel.
type daemon struct {
	t    *testing.T
	conn net.PacketConn
}

func listen(t *testing.T) *daemon {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", conn.LocalAddr().String())
	xray.SetLogger(xraylog.NullLogger)
	if err := xray.Configure(xray.Config{DaemonAddr: conn.LocalAddr().String()}); err != nil {
		t.Fatal(err)
	}
	return &daemon{t, conn}
}

// take reads documents until the subsegment last arrives. It returns all subsegments by name,
// including nested ones.
func (d *daemon) take(last string) map[string]document {
	d.t.Helper()
	all := map[string]document{}
	d.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 1<<16)
	for all[last] == nil {
		n, _, err := d.conn.ReadFrom(buf)
		if err != nil {
			d.t.Fatalf("got %v and the error %v, want a document named %q", all, err, last)
		}
		_, text, _ := bytes.Cut(buf[:n], []byte("\n"))
		var doc document
		if err := json.Unmarshal(text, &doc); err != nil {
			d.t.Fatalf("got %s (%v), want a document", text, err)
		}
		flatten(all, doc, "", "")
	}
	return all
}

func flatten(all map[string]document, doc document, trace, parent string) {
	if trace != "" { // nested documents have the trace id of the outermost one
		doc["trace_id"], doc["parent_id"] = trace, parent
	}
	all[doc["name"].(string)] = doc
	children, _ := doc["subsegments"].([]any)
	for _, c := range children {
		flatten(all, c.(map[string]any), doc["trace_id"].(string), doc["id"].(string))
	}
}

func lambdaContext(header string) context.Context {
	return traceheader.NewContext(context.Background(), header)
}

// chain checks that each named subsegment is a child of the one before it, and that the first is a
// child of Lambda's segment.
func chain(t *testing.T, all map[string]document, names ...string) {
	t.Helper()
	above := parent
	for _, name := range names {
		doc := all[name]
		if doc == nil {
			t.Fatalf("got %v, want a subsegment %q", all, name)
		}
		if doc["parent_id"] != above || doc["trace_id"] != traceID {
			t.Errorf("%s: got trace %v and parent %v, want %s and %s", name, doc["trace_id"], doc["parent_id"], traceID, above)
		}
		above = doc["id"].(string)
	}
}

func TestMiddlewareNestsTheSDKBelowTheHandlerSpan(t *testing.T) {
	d := listen(t)
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		return nil, xray.Capture(ctx, "old", func(ctx context.Context) error {
			return xray.Capture(ctx, "older", func(ctx context.Context) error {
				return tracing.Run(ctx, "new", func(context.Context) error { return nil })
			})
		})
	}, tracing.New(&tracing.Options{Name: "handler"}).Middleware, xraysdk.Middleware)
	if _, err := h.Invoke(lambdaContext(sampled), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	all := d.take("handler")
	chain(t, all, "handler", "old", "older")
	chain(t, all, "handler", "new")
}

func TestProviderNestsBothWays(t *testing.T) {
	d := listen(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: xraysdk.NewProvider(), Name: "handler", Service: "orders"})
	failure := errors.New("boom")
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		tracing.Annotate(ctx, "order", "o-1")
		tracing.AddMetadata(ctx, "m", map[string]int64{"n": 9007199254740993})
		if err := xray.AddAnnotation(ctx, "by_sdk", 1); err != nil {
			t.Error(err)
		}
		return nil, tracing.Run(ctx, "new", func(ctx context.Context) error {
			return xray.Capture(ctx, "old", func(ctx context.Context) error {
				// The context of a library that knows only OpenTelemetry.
				bare := trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx))
				tracing.Run(bare, "beside old", func(context.Context) error { return nil })
				return tracing.Run(ctx, "newest", func(context.Context) error { return failure })
			})
		})
	}, tracer.Middleware)
	if _, err := h.Invoke(lambdaContext(sampled), []byte(`{}`)); err != failure {
		t.Fatal(err)
	}
	all := d.take("handler")
	chain(t, all, "handler", "new", "old", "newest")
	chain(t, all, "handler", "new", "beside old")
	handler := all["handler"]
	if got := fmt.Sprint(handler["annotations"]); !strings.HasSuffix(got, " Service:orders by_sdk:1 order:o-1]") {
		t.Errorf("got annotations %s, want annotations of the SDK and of package tracing", got)
	}
	if text, _ := json.Marshal(handler["metadata"]); handler["fault"] != true || !strings.Contains(string(text), `"orders":{"m":`) {
		t.Errorf("got %v, want a fault with the metadata", handler)
	}
	if got := fmt.Sprint(all["newest"]["cause"]); !strings.Contains(got, "message:boom") || !strings.Contains(got, "TestProviderNestsBothWays") {
		t.Errorf("got cause %s, want the error and its stack", got)
	}
}

func TestClientOfTheSDK(t *testing.T) {
	d := listen(t)
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.Header.Get("X-Amzn-Trace-Id") }))
	defer server.Close()
	client := xray.Client(&http.Client{})
	for name, h := range map[string]func(ctx context.Context, header string) error{
		"middleware": invoke(client, server.URL, tracing.New(&tracing.Options{Name: "handler"}).Middleware, xraysdk.Middleware),
		"provider":   invoke(client, server.URL, tracing.New(&tracing.Options{Name: "handler", TracerProvider: xraysdk.NewProvider()}).Middleware),
	} {
		if err := h(t.Context(), sampled+";Lineage=1:a:2"); err != nil {
			t.Fatal(err)
		}
		all := d.take("handler")
		host := strings.TrimPrefix(server.URL, "http://")
		chain(t, all, "handler", host)
		if want := "Root=" + traceID + ";Parent=" + all[host]["id"].(string) + ";Sampled=1;Lineage=1:a:2"; sent != want {
			t.Errorf("%s: got header %s, want %s", name, sent, want)
		}
		unsampled := strings.Replace(sampled, "Sampled=1", "Sampled=0", 1)
		if err := h(t.Context(), unsampled); err != nil || !strings.Contains(sent, "Root="+traceID) || !strings.Contains(sent, "Sampled=0") {
			t.Errorf("%s: got header %s and the error %v, want an unsampled trace %s", name, sent, err, traceID)
		}
	}
}

func invoke(client *http.Client, url string, mw ...lambdakit.Middleware) func(context.Context, string) error {
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return nil, err
	}, mw...)
	return func(_ context.Context, header string) error {
		_, err := h.Invoke(lambdaContext(header), []byte(`{}`))
		return err
	}
}

func TestNothingIsSentWithoutADecision(t *testing.T) {
	d := listen(t)
	for _, header := range []string{"Root=" + traceID, strings.Replace(sampled, "Sampled=1", "Sampled=0", 1), "garbage", ""} {
		for _, mw := range [][]lambdakit.Middleware{
			{tracing.New(&tracing.Options{Name: "handler"}).Middleware, xraysdk.Middleware},
			{tracing.New(&tracing.Options{Name: "handler", TracerProvider: xraysdk.NewProvider()}).Middleware},
		} {
			h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
				_, sp := tracing.Start(ctx, "x")
				defer sp.End()
				if sp.IsRecording() {
					t.Errorf("%s: got a recorded span, want none", header)
				}
				return "ok", nil
			}, mw...)
			if response, err := h.Invoke(lambdaContext(header), []byte(`{}`)); err != nil || string(response) != `"ok"` {
				t.Errorf("got %s and the error %v, want \"ok\"", response, err)
			}
		}
	}
	// The daemon has only the documents from here on.
	h := lambdakit.Wrap(func(context.Context, struct{}) (any, error) { return nil, nil }, tracing.New(&tracing.Options{Name: "last"}).Middleware)
	h.Invoke(lambdaContext(sampled), []byte(`{}`))
	if all := d.take("last"); len(all) != 1 {
		t.Errorf("got %v, want one document", all)
	}
}

func TestDisabledSDK(t *testing.T) {
	listen(t)
	t.Setenv("AWS_XRAY_SDK_DISABLED", "true")
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		return "ok", tracing.Run(ctx, "x", func(context.Context) error { return nil })
	}, tracing.New(&tracing.Options{TracerProvider: xraysdk.NewProvider()}).Middleware, xraysdk.Middleware)
	if response, err := h.Invoke(lambdaContext(sampled), []byte(`{}`)); err != nil || string(response) != `"ok"` {
		t.Errorf("got %s and the error %v, want \"ok\"", response, err)
	}
}

// A caller of Start ends the span that it gets, so it must not get the span of somebody else.
func TestDisabledSDK_LeavesTheSpanInTheContext(t *testing.T) {
	t.Setenv("AWS_XRAY_SDK_DISABLED", "true")
	users := new(record.Span)
	users.Init(trace.TraceID{1}, trace.SpanID{2}, trace.SpanContext{}, "work", trace.SpanKindInternal, time.Now())
	_, sp := xraysdk.NewProvider().Tracer("").Start(trace.ContextWithSpan(t.Context(), usersSpan{Span: users}), "step")
	if sp.End(); !users.IsRecording() || sp.SpanContext().TraceID() != users.SpanContext().TraceID() {
		t.Errorf("got the user's span recording: %v, and a span of the trace %v; want it going on, and its trace", users.IsRecording(), sp.SpanContext().TraceID())
	}
}

type usersSpan struct{ *record.Span }

func (usersSpan) TracerProvider() trace.TracerProvider { return nil }
func (s usersSpan) End(opts ...trace.SpanEndOption) {
	if s.Lock() {
		s.Finish(opts, time.Now)
		s.Unlock()
	}
}
