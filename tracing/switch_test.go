package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/tracing"
)

// recorded reports whether an invocation is traced in the current environment.
func recorded(t *testing.T, o *tracing.Options) bool {
	t.Helper()
	yes := false
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
		yes = trace.SpanFromContext(ctx).IsRecording()
		return nil, nil
	}, tracing.New(o).Middleware)
	if _, err := h.Invoke(lambdaContext(sampled), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	return yes
}

func TestSwitches(t *testing.T) {
	yes, no := true, false
	if recorded(t, nil) {
		t.Error("got a recorded invocation outside Lambda, want none")
	}
	inLambda(t)
	for _, c := range []struct {
		name, value string
		o           *tracing.Options
		want        bool
	}{
		{"AWS_EXECUTION_ENV", "", nil, true},
		{"POWERTOOLS_TRACE_DISABLED", "true", nil, false},
		{"POWERTOOLS_TRACE_DISABLED", "false", nil, true},
		{"POWERTOOLS_TRACE_DISABLED", "true", &tracing.Options{Disabled: &no}, true},
		{"POWERTOOLS_TRACE_ENABLED", "false", nil, false},
		{"POWERTOOLS_TRACE_ENABLED", "true", &tracing.Options{Disabled: &yes}, false},
		{"POWERTOOLS_TRACE_ENABLED", "1", nil, true},
		{"AWS_SAM_LOCAL", "true", nil, false},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			t.Setenv(c.name, c.value)
			if got := recorded(t, c.o); got != c.want {
				t.Errorf("got recorded %v, want %v", got, c.want)
			}
		})
	}
}

func TestHandlerName(t *testing.T) {
	inLambda(t)
	for name, c := range map[string]struct {
		handler, function string // _HANDLER, and the name that Lambda gives
		o                 tracing.Options
		want              string
	}{
		"handler":                {"app.handle", "orders", tracing.Options{}, "## app.handle"},
		"handler with space":     {" app.handle ", "orders", tracing.Options{}, "## app.handle"},
		"bootstrap":              {"bootstrap", "orders", tracing.Options{}, "## orders"},
		"no handler":             {"", "orders", tracing.Options{}, "## orders"},
		"nothing":                {"", "", tracing.Options{}, "## handler"},
		"option":                 {"app.handle", "orders", tracing.Options{Name: "own", PassThrough: true}, "own"},
		"segment":                {"app.handle", "orders", tracing.Options{PassThrough: true}, "orders"},
		"segment without a name": {"app.handle", "", tracing.Options{PassThrough: true}, "handler"},
	} {
		t.Setenv("_HANDLER", c.handler)
		var documents bytes.Buffer
		ctx := execenv.NewContext(lambdaContext(sampled), &execenv.Environment{FunctionName: c.function, Traces: &documents})
		lambdakit.WrapFunc(func() {}, tracing.New(&c.o).Middleware).Invoke(ctx, nil)
		if got := xraytest.Decode(t, bytes.TrimSpace(documents.Bytes())).In("name"); got != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

func TestBadConfigurationIsReportedOnce(t *testing.T) {
	inLambda(t)
	t.Setenv("POWERTOOLS_TRACE_ENABLED", "perhaps")
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "nowhere")
	var reports []string
	tracing.New(&tracing.Options{MaxResponseBytes: -1, OnError: func(err error) { reports = append(reports, err.Error()) }})
	text := strings.Join(reports, "\n")
	if len(reports) != 3 || !strings.Contains(text, "POWERTOOLS_TRACE_ENABLED") || !strings.Contains(text, "127.0.0.1:2000") || !strings.Contains(text, "-1 is negative; using 8192") {
		t.Errorf("got reports %s, want one of each wrong value with the value used instead", text)
	}
}

// A missing daemon does not change the result of the function.
func TestAbsentDaemon(t *testing.T) {
	inLambda(t)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", conn.LocalAddr().String())
	conn.Close()
	var reports []string
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		for range 50 {
			tracing.Run(ctx, "x", func(context.Context) error { return nil })
		}
		return "ok", nil
	}, tracing.New(&tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }}).Middleware)
	for range 3 {
		response, err := h.Invoke(lambdaContext(sampled), []byte(`{}`))
		if err != nil || string(response) != `"ok"` {
			t.Errorf("got %s and the error %v, want \"ok\"", response, err)
		}
	}
	if len(reports) != 1 || !strings.Contains(reports[0], "spans are lost") || !strings.Contains(reports[0], "refused") {
		t.Errorf("got reports %q, want one: spans are lost", reports)
	}
}

// The name of the daemon cannot be resolved.
func TestUnknownDaemon(t *testing.T) {
	inLambda(t)
	const address = "daemon.invalid:2000"
	var reports []string
	h := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return "ok", nil },
		tracing.New(&tracing.Options{DaemonAddress: address, OnError: func(err error) { reports = append(reports, err.Error()) }}).Middleware)
	for range 3 {
		if _, err := h.Invoke(lambdaContext(sampled), []byte(`{}`)); err != nil {
			t.Error(err)
		}
	}
	if len(reports) != 1 {
		t.Errorf("%s: got reports %q, want one", address, reports)
	}
}

// TestDatagrams checks the datagrams that the daemon gets.
func TestDatagrams(t *testing.T) {
	inLambda(t)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "tcp:127.0.0.1:1 udp:"+conn.LocalAddr().String())
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		return nil, tracing.Run(ctx, "x", func(context.Context) error { return nil })
	}, tracing.New(nil).Middleware)
	h.Invoke(lambdaContext(sampled), []byte(`{}`))
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 1<<16)
	for _, name := range []string{"x", "## function"} {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		header, document, _ := strings.Cut(string(buf[:n]), "\n")
		var doc map[string]any
		if err := json.Unmarshal([]byte(document), &doc); err != nil || header != `{"format":"json","version":1}` {
			t.Errorf("got %s (%v), want the header line and a document", buf[:n], err)
		}
		if name != "x" {
			name = doc["name"].(string) // depends on the function name of this process
		}
		if doc["name"] != name || doc["trace_id"] != traceID {
			t.Errorf("got %s, want the name %v in the trace %s", document, name, traceID)
		}
	}
}
