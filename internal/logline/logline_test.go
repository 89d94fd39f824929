package logline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/logline"
)

func TestParse_MembersInOrder(t *testing.T) {
	t.Parallel()
	line := []byte(` {"level":"info", "a\u00e9":[1, {"b":2}] ,"a":"x","a":"y","n":null} ` + "\n")
	o := logline.Parse(line)
	clear(line) // the members are copies
	var got []string
	for _, m := range o {
		got = append(got, m.Name+"="+string(m.Value))
	}
	if got, want := strings.Join(got, "; "), `level="info"; aé=[1, {"b":2}]; a="x"; a="y"; n=null`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParse_OtherLinesAreNil(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "START RequestId: 1", `{"a":1`, `{"a":1} x`, `{"a":1}{"b":2}`, `[{"a":1}]`, `"text"`, "1", "null"} {
		if got := logline.Parse([]byte(line)); got != nil {
			t.Errorf("%s: got %v, want nil", line, got)
		}
	}
}

// The names of this toolkit count before those of log/slog and of Lambda.
func TestObject_KnownMembers(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][4]string{
		`{"level":"warn","message":"m","msg":"s","function_request_id":"f","requestId":"r","timestamp":"ts","time":"ti"}`: {"WARN", "m", "f", "ts"},
		`{"level":"INFO","msg":"s","requestId":"r","time":"ti"}`:                                                          {"INFO", "s", "r", "ti"},
		`{"level":30,"message":{"a":1},"msg":"s","time":7}`:                                                               {"30", `{"a":1}`, "", "7"},
		`{"message":"","msg":"s","timestamp":"","time":"ti","function_request_id":"","requestId":"r"}`:                    {"", "s", "r", "ti"},
		`{"other":1}`: {},
	} {
		o := logline.Parse([]byte(line))
		if got := [4]string{o.Level(), o.Message(), o.RequestID(), o.Timestamp()}; got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestObject_RawAndText(t *testing.T) {
	t.Parallel()
	o := logline.Parse([]byte(`{"text":"a\n","list":[1, 2],"text":"second"}`))
	for name, want := range map[string][2]string{"text": {`"a\n"`, "a\n"}, "list": {"[1, 2]", "[1, 2]"}, "none": {}} {
		if got := [2]string{string(o.Raw(name)), o.Text(name)}; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := o.Raw("none"); got != nil {
		t.Errorf("none: got %q, want nil", got)
	}
}

func TestObject_Time(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 9, 30, 0, 123e6, time.UTC)
	for line, want := range map[string]time.Time{
		`{"timestamp":"2026-11-29T09:30:00.123Z"}`: at,
		`{"time":"2026-11-29T10:30:00.123+01:00"}`: at,
		`{"timestamp":"29 November 2026"}`:         {},
		`{"message":"m"}`:                          {},
	} {
		if got := logline.Parse([]byte(line)).Time(); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", line, got, want)
		}
	}
}

func TestCommon(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"level": true, "msg": true, "function_request_id": true, "span_id": true, "correlation_id": false, "order_id": false, "": false, "Level": false} {
		if got := logline.Common(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}
