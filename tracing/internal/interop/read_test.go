package interop

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlptracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/lambdakit/lambdakit/internal/otlpspan"
)

// wantRead compares the document of a span in a request with the message of the protobuf library.
func wantRead(t *testing.T, request []byte, want *otlptracepb.Span) {
	t.Helper()
	all, err := otlpspan.Read(request)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d spans and the error %v, want one span", len(all), err)
	}
	got := all[0]
	id := hex.EncodeToString(want.TraceId)
	if got.TraceID != "1-"+id[:8]+"-"+id[8:] || got.ID != hex.EncodeToString(want.SpanId) || got.ParentID != hex.EncodeToString(want.ParentSpanId) || got.Name != want.Name {
		t.Fatalf("got the span %s %s below %s %q, want %v", got.TraceID, got.ID, got.ParentID, got.Name, want)
	}
	if start, end := float64(want.StartTimeUnixNano)/1e9, float64(want.EndTimeUnixNano)/1e9; got.StartTime != start || got.EndTime != end || got.InProgress {
		t.Fatalf("got the times %v to %v, want %v to %v", got.StartTime, got.EndTime, start, end)
	}
	if failed := want.Status.GetCode() == otlptracepb.Status_STATUS_CODE_ERROR; got.Fault != failed {
		t.Fatalf("got fault %t for the status %v", got.Fault, want.Status)
	}
	if attributes := plain(want.Attributes); !reflect.DeepEqual(got.Annotations, attributes) {
		t.Fatalf("got the attributes %v, want %v", got.Annotations, attributes)
	}
	var metadata map[string]struct {
		Events []struct {
			Name    string
			AfterMS float64 `json:"after_ms"`
		}
		Links []string
	}
	if got.RawMetadata != nil {
		if err := json.Unmarshal(got.RawMetadata, &metadata); err != nil {
			t.Fatal(err)
		}
	}
	events, links := metadata["OpenTelemetry"].Events, metadata["OpenTelemetry"].Links
	if len(events) != len(want.Events) || len(links) != len(want.Links) {
		t.Fatalf("got %d events and %d links, want %d and %d", len(events), len(links), len(want.Events), len(want.Links))
	}
	for i, e := range want.Events {
		if after := float64(int64(e.TimeUnixNano-want.StartTimeUnixNano)) / 1e6; events[i].Name != e.Name || math.Abs(events[i].AfterMS-after) > math.Abs(after)*1e-9 {
			t.Fatalf("got the event %+v, want %s after %v ms", events[i], e.Name, after)
		}
	}
}

// plain returns attributes as values that JSON has.
func plain(list []*common.KeyValue) map[string]any {
	m := make(map[string]any)
	for _, a := range list {
		m[a.Key] = plainValue(a.Value)
	}
	return m
}

func plainValue(v *common.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_BoolValue:
		return v.BoolValue
	case *common.AnyValue_IntValue:
		return v.IntValue
	case *common.AnyValue_DoubleValue:
		if f := v.DoubleValue; math.IsNaN(f) || math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return v.DoubleValue
	case *common.AnyValue_ArrayValue:
		all := []any{}
		for _, e := range v.ArrayValue.GetValues() {
			all = append(all, plainValue(e))
		}
		return all
	case *common.AnyValue_KvlistValue:
		return plain(v.KvlistValue.GetValues())
	case *common.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	}
	return nil
}

// lambdakit run shows the spans of a function that uses the OpenTelemetry SDK with its exporter, and of
// one that uses package otlp.
func TestRunner_ShowsSpansOverOTLP(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "lambdakit")
	if out, err := exec.Command("go", "build", "-o", tool, "github.com/lambdakit/lambdakit/cmd/lambdakit").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"sdk", "otlp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(tool, "run", "-timeout", "1m", "-n", "2", "-event", "-", "./testdata/"+name)
			cmd.Stdin = strings.NewReader("{}")
			// An endpoint of the shell is not used.
			cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:1/v1/traces")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("got %v, want success: %s", err, out)
			}
			results := strings.SplitAfter(string(out), "REPORT RequestId")
			if len(results) != 3 {
				t.Fatalf("got %d results, want 2: %s", len(results)-1, out)
			}
			for _, r := range results[:2] {
				for _, want := range []string{"trace  └─ shop", "trace     └─ charge card", "remote", "fault", "card declined", `"order":"o-1"`} {
					if strings.Count(r, want) != 1 {
						t.Errorf("got %s, want %q once before each result", r, want)
					}
				}
			}
		})
	}
}
