package emulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// Billed returns the time that Lambda bills.
func (r *Result) Billed() time.Duration {
	total := r.Duration + r.After + r.InitDuration
	return (total + time.Millisecond - 1) / time.Millisecond * time.Millisecond
}

// TellingType returns the content type of the response, empty if it tells nothing: a function that returns
// bytes has application/octet-stream, and JSON shows what it is.
func (r *Result) TellingType() string {
	if r.ContentType == "application/json" || r.ContentType == "application/octet-stream" && json.Valid(r.Payload) {
		return ""
	}
	return r.ContentType
}

// Report returns the line that Lambda logs after an invocation of a function with memory MB.
func (r *Result) Report(memory int) string {
	line := fmt.Sprintf("REPORT RequestId: %s  Duration: %s  Billed Duration: %d ms  Memory Size: %d MB",
		r.RequestID, milliseconds(r.Duration), r.Billed()/time.Millisecond, memory)
	if r.MaxRSS > 0 {
		line += fmt.Sprintf("  Max Memory Used: %d MB", (r.MaxRSS+1<<20-1)>>20)
	}
	if r.InitDuration > 0 {
		line += "  Init Duration: " + milliseconds(r.InitDuration)
	}
	if r.After > 0 {
		line += "  Post Runtime Extensions Duration: " + milliseconds(r.After)
	}
	return line
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
