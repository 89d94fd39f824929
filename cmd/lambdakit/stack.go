package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit/internal/logline"
)

// plumbing are the beginnings of the names and paths of functions that stand between Lambda and a
// handler. A reader looks for his own functions.
var plumbing = []string{"runtime.", "runtime/", "reflect.", "reflect/", "github.com/aws/aws-lambda-go", "github.com/lambdakit/lambdakit.", "github.com/lambdakit/lambdakit@",
	"github.com/lambdakit/lambdakit/logging.", "github.com/lambdakit/lambdakit/metrics.", "github.com/lambdakit/lambdakit/tracing.",
	"github.com/lambdakit/lambdakit/httpapi.", "github.com/lambdakit/lambdakit/batch.", "github.com/lambdakit/lambdakit/events.", "github.com/lambdakit/lambdakit/idempotency."}

func isPlumbing(frame string) bool {
	for _, p := range plumbing {
		if strings.HasPrefix(frame, p) {
			return true
		}
	}
	return false
}

// ownFrames returns the frames that are not plumbing, and how many are. If all are, all stay.
func ownFrames[T any](frames []T, name func(T) string) (own []T, left int) {
	for _, f := range frames {
		if !isPlumbing(name(f)) {
			own = append(own, f)
		}
	}
	if len(own) == 0 {
		return frames, 0
	}
	return own, len(frames) - len(own)
}

// leftOut tells how many frames are missing.
func leftOut(n int) string {
	return fmt.Sprintf("(%d frames of Go, aws-lambda-go and lambdakit; -raw shows them)", n)
}

// shortStack returns a stack in Go's format with a frame a line, without plumbing.
func shortStack(stack string) string {
	frames := strings.Split(strings.TrimRight(strings.ReplaceAll(stack, "\n\t", "  "), "\n"), "\n")
	own, left := ownFrames(frames, func(f string) string { return f })
	if left > 0 {
		own = append(own, leftOut(left))
	}
	return strings.Join(own, "\n")
}

// pathOf returns the path of a frame of aws-lambda-go.
func pathOf(frame json.RawMessage) string {
	var f struct{ Path string }
	json.Unmarshal(frame, &f)
	return f.Path
}

// isEcho reports whether a line repeats a failure that the result of the invocation shows: aws-lambda-go
// prints the error with its frames, and says that the process should exit. A prefix of the log package
// may stand before it.
func isEcho(line string) bool {
	if strings.HasSuffix(line, "calling the handler function resulted in a panic, the process should exit") {
		return true
	}
	i := strings.Index(line[:min(len(line), 256)], `{"errorMessage":`)
	if i < 0 {
		return false
	}
	doc := logline.Parse([]byte(line[i:]))
	return doc.Raw("errorType") != nil && len(elements(doc.Raw("stackTrace"))) > 0
}
