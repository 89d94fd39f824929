package invocation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/benchmarks/internal/environ"
	"github.com/lambdakit/lambdakit/internal/emf"
)

func TestMain(m *testing.M) {
	environ.Clear()
	os.Setenv("_X_AMZN_TRACE_ID", traceHeader)
	// Package tracing makes spans only in Lambda. otellambda takes the span's name from this
	// variable.
	os.Setenv("AWS_LAMBDA_FUNCTION_NAME", functionName)
	lambdacontext.FunctionName = functionName
	os.Exit(m.Run())
}

const (
	smallResponse   = `{"id":"ord-2048-7731","accepted":true}`
	gatewayResponse = `{"statusCode":201,` +
		`"headers":{"content-type":"application/json","location":"/shops/berlin-mitte/orders/ord-2048-7731"},` +
		`"multiValueHeaders":null,"body":"{\"id\":\"ord-2048-7731\",\"accepted\":true,\"message\":\"thank you & <goodbye>\"}",` +
		`"cookies":null}`
)

// TestSameResponses keeps the comparison fair: all variants return the same response.
func TestSameResponses(t *testing.T) {
	t.Run("small", func(t *testing.T) { sameResponses(t, all, small, smallEvent, smallResponse) })
	t.Run("gateway", func(t *testing.T) { sameResponses(t, all, gateway, gatewayEvent, gatewayResponse) })
}

func sameResponses[In, Out any](t *testing.T, vs func() []variant[In, Out], f function[In, Out], event []byte, want string) {
	for _, v := range vs() {
		response, err := v.wrap(t, io.Discard, f).Invoke(newContext(t), event)
		if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		if string(response) != want {
			t.Errorf("%s:\n got %s\nwant %s", v.name, response, want)
		}
	}
}

// TestSameInformation keeps the comparison fair: the variants that write lines and documents
// write the same values and nothing else, and the other variants write nothing.
func TestSameInformation(t *testing.T) {
	t.Run("small", func(t *testing.T) {
		sameInformation(t, instrumented, small, smallEvent,
			map[string]any{"order_id": "ord-2048-7731", "total": 12.5}, 12.5)
	})
	t.Run("gateway", func(t *testing.T) {
		sameInformation(t, instrumented, gateway, gatewayEvent,
			map[string]any{"route": "POST /shops/{shop}/orders", "body_bytes": 184.0}, 184)
	})
}

func sameInformation[In, Out any](t *testing.T, vs func() []variant[In, Out], f function[In, Out], event []byte, attributes map[string]any, size float64) {
	wantLine := map[string]any{
		"level": "INFO", "message": message, "service": service, "cold_start": false,
		"function_arn": functionARN, "function_memory_size": float64(memoryMB), "function_name": functionName,
		"function_version": functionVersion, "function_request_id": requestID, "xray_trace_id": traceID,
	}
	maps.Copy(wantLine, attributes)
	wantDocument := map[string]any{"service": service, "Accepted": 1.0, "Size": size, "function_request_id": requestID}
	const wantMetrics = `Shop [[{service "` + service + `"}]] Accepted Count Size None`

	for _, v := range vs() {
		t.Run(v.name, func(t *testing.T) {
			var out bytes.Buffer
			h, ctx := v.wrap(t, &out, f), newContext(t)
			for range 2 { // the first is a cold start
				out.Reset()
				if _, err := h.Invoke(ctx, event); err != nil {
					t.Fatal(err)
				}
			}
			if !v.says {
				if out.Len() > 0 {
					t.Errorf("wrote %s", &out)
				}
				return
			}
			lines := strings.SplitAfter(out.String(), "\n")
			if len(lines) != 3 || lines[2] != "" {
				t.Fatalf("not two lines: %q", lines)
			}
			if got := line(t, lines[0]); !maps.Equal(got, wantLine) {
				t.Errorf("line\n got %v\nwant %v", got, wantLine)
			}
			described, got := document(t, lines[1])
			if described != wantMetrics || !maps.Equal(got, wantDocument) {
				t.Errorf("document\n got %s %v\nwant %s %v", described, got, wantMetrics, wantDocument)
			}
		})
	}
}

// line decodes a log line, without its timestamp and under the toolkit's names.
func line(t *testing.T, text string) map[string]any {
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if at, ok := fields["time"]; ok {
		fields["timestamp"] = at
		delete(fields, "time")
	}
	at, err := time.Parse(time.RFC3339, fmt.Sprint(fields["timestamp"]))
	if err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("timestamp %v: not now (%v)", fields["timestamp"], err)
	}
	delete(fields, "timestamp")
	fields["level"] = strings.ToUpper(fmt.Sprint(fields["level"]))
	return fields
}

// document decodes a document into a description of its metrics, and its members.
func document(t *testing.T, text string) (described string, members map[string]any) {
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	delete(members, emf.Member)
	doc := emf.Read([]byte(text))
	if time.Since(doc.Timestamp).Abs() > time.Minute {
		t.Errorf("timestamp %v: not now", doc.Timestamp)
	}
	if len(doc.Directives) != 1 {
		t.Fatalf("not one directive: %s", text)
	}
	d := doc.Directives[0]
	described = fmt.Sprintf("%s %s", d.Namespace, d.Dimensions)
	for _, m := range d.Metrics {
		described += " " + m.Name + " " + m.Unit
	}
	return described, members
}
