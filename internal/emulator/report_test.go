package emulator

import (
	"testing"
	"time"
)

func TestResult_Report(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, c := range []struct {
		r      Result
		billed time.Duration
		want   string
	}{
		{Result{RequestID: "id", Duration: 12*ms + 345_000}, 13 * ms,
			"REPORT RequestId: id  Duration: 12.35 ms  Billed Duration: 13 ms  Memory Size: 128 MB"},
		{Result{RequestID: "id", Duration: 12 * ms, MaxRSS: 1 << 20}, 12 * ms,
			"REPORT RequestId: id  Duration: 12.00 ms  Billed Duration: 12 ms  Memory Size: 128 MB  Max Memory Used: 1 MB"},
		{Result{RequestID: "id", Duration: 12 * ms, MaxRSS: 1<<20 + 1, InitDuration: 100 * ms, After: 5*ms + 1}, 118 * ms,
			"REPORT RequestId: id  Duration: 12.00 ms  Billed Duration: 118 ms  Memory Size: 128 MB  Max Memory Used: 2 MB  Init Duration: 100.00 ms  Post Runtime Extensions Duration: 5.00 ms"},
	} {
		if got := c.r.Report(128); got != c.want || c.r.Billed() != c.billed {
			t.Errorf("got %v billed and %s, want %v and %s", c.r.Billed(), got, c.billed, c.want)
		}
	}
}

func TestResult_TellingType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, payload, want string }{
		{"application/json", "{}", ""},
		{"application/octet-stream", "{}", ""},
		{"application/octet-stream", "\xff", "application/octet-stream"},
		{"text/html", "{}", "text/html"},
		{"", "", ""},
	} {
		if got := (&Result{ContentType: c.kind, Payload: []byte(c.payload)}).TellingType(); got != c.want {
			t.Errorf("%q with %q: got %q, want %q", c.kind, c.payload, got, c.want)
		}
	}
}

func TestInitError_Text(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]InitError{
		"emulator: it exited":                      {Reason: "it exited"},
		"emulator: it exited; it wrote:\nno\nport": {Reason: "it exited", Stderr: "no\nport\n\n"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
