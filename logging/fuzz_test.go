package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/logging"
)

// FuzzLine compares lines with what encoding/json makes of the same values.
func FuzzLine(f *testing.F) {
	f.Add("message", "key", "value", int64(1), 1.5, true, uint8(0), 2000)
	f.Add("", "", "\xff\u2028\"\\", int64(-1), math.Inf(1), false, uint8(255), 64000)
	f.Add("m", "level", strings.Repeat("\x00", 300), int64(0), 1e-9, true, uint8(7), 1000)
	f.Fuzz(func(t *testing.T, message, key, text string, i int64, fl float64, b bool, shape uint8, limit int) {
		var out bytes.Buffer
		limit = 1000 + max(limit, 0)%100_000
		l := slog.New(logging.New(&logging.Options{Writer: &out, MaxLineBytes: limit, OnError: func(err error) { t.Error(err) }}))
		value := map[string]any{"text": text, key: i, "list": []any{b, nil, text}}
		args := []slog.Attr{
			slog.String(key, text), slog.Int64("i", i), slog.Float64("f", fl), slog.Bool("b", b), slog.Any("any", value),
			slog.Time("t", time.Unix(i%1e10, 0)), slog.Duration(text, time.Duration(i)),
		}
		want := map[string]any{}
		set := func(m map[string]any, k string, v any) {
			k = reference(k)
			delete(m, k)
			m[k] = v
		}
		float := any(fl)
		switch {
		case math.IsNaN(fl):
			float = "NaN"
		case math.IsInf(fl, 1):
			float = "+Inf"
		case math.IsInf(fl, -1):
			float = "-Inf"
		}
		into := want
		if shape&1 != 0 {
			l = l.WithGroup("g\x00")
			into = map[string]any{}
		}
		top := shape&1 == 0
		name := func(k string) string {
			if top && strings.HasPrefix(k, "level") && k == "level" || top && isBase(k) {
				return "attr_" + k
			}
			return k
		}
		set(into, name(key), text)
		set(into, "i", i)
		set(into, "f", float)
		set(into, "b", b)
		set(into, "any", value)
		set(into, "t", time.Unix(i%1e10, 0).Format(time.RFC3339Nano))
		set(into, name(text), i)
		if shape&2 != 0 {
			l = l.With(key, "earlier", "also", text)
			if _, ok := into["also"]; !ok {
				set(into, "also", text)
			}
		}
		if shape&1 != 0 {
			want["g\x00"] = into
		}
		l.LogAttrs(t.Context(), slog.LevelWarn, message, args...)

		line := out.Bytes()
		if len(line) > limit || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%d bytes of %d: %.200q", len(line), limit, line)
		}
		noDuplicates(t, line)
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if got["level"] != "WARN" {
			t.Errorf("level: %q", line)
		}
		if _, cut := got["log_bytes"]; cut {
			return
		}
		if message != "" && got["message"] != reference(message) {
			t.Errorf("message %q: %q", got["message"], line)
		}
		for _, own := range []string{"level", "message", "timestamp"} {
			delete(got, own)
		}
		// Through JSON, so that numbers and invalid UTF-8 compare.
		encoded, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var wanted map[string]any
		json.Unmarshal(encoded, &wanted)
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("line %q\ngot  %v\nwant %v", line, got, wanted)
		}
	})
}

func isBase(k string) bool {
	switch k {
	case "level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size", "function_name",
		"function_version", "function_request_id", "xray_trace_id", "tenant_id", "sampling_rate":
		return true
	}
	return false
}

// reference returns s as it comes back from encoding/json.
func reference(s string) string {
	b, _ := json.Marshal(s)
	json.Unmarshal(b, &s)
	return s
}
