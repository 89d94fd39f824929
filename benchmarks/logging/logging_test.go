package logging_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const child = "LAMBDAKIT_BENCHMARKS_CHILD"

// TestMain runs the tests in a child process with the environment variables of Lambda that
// matter. aws-lambda-go reads the log format before main, and the parent's environment must not
// configure the toolkit.
func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		os.Exit(m.Run())
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_LAMBDA_") || strings.HasPrefix(v, "POWERTOOLS_") ||
			strings.HasPrefix(v, "LOG_LEVEL=") || strings.HasPrefix(v, "TZ=")
	})
	cmd.Env = append(cmd.Env, child+"=1", "AWS_LAMBDA_LOG_FORMAT=JSON", "TZ=:UTC")
	err := cmd.Run()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		os.Exit(max(failed.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestSameInformation keeps the comparison fair: every library writes the same
// sixteen values, and nothing else.
func TestSameInformation(t *testing.T) {
	want := map[string]any{
		"level":                "INFO",
		"message":              message,
		"service":              service,
		"cold_start":           true,
		"function_arn":         arn,
		"function_memory_size": float64(memory),
		"function_name":        function,
		"function_version":     version,
		"function_request_id":  requestID,
		"xray_trace_id":        traceID,
		"order_id":             orderID,
		"items":                float64(items),
		"total":                total,
		"gift":                 gift,
		"elapsed":              float64(elapsed),
	}
	for _, lib := range append(libraries, floor, floorShared) {
		t.Run(lib.name, func(t *testing.T) {
			for name, log := range map[string]func(logger) func(){
				"line": func(l logger) func() { return l.line },
				"with": func(l logger) func() { return l.with },
			} {
				text := render(t, lib, log)
				if text == "" && lib.name == floor.name {
					continue // floor derives no loggers
				}
				got := fields(t, lib, text)
				at, err := time.Parse(time.RFC3339, fmt.Sprint(got["timestamp"]))
				if err != nil || time.Since(at).Abs() > time.Minute {
					t.Errorf("%s: timestamp %v: not now (%v)", name, got["timestamp"], err)
				}
				delete(got, "timestamp")
				got["level"] = strings.ToUpper(fmt.Sprint(got["level"]))
				if !maps.Equal(got, want) {
					t.Errorf("%s:\n got %v\nwant %v\nline %s", name, got, want, text)
				}
			}
			if text := render(t, lib, func(l logger) func() { return l.below }); text != "" {
				t.Errorf("a disabled line was written: %s", text)
			}
		})
	}
}

// render returns the output of lib for the call that log returns, or "" if lib has no such call.
// It uses a file, because one of the libraries writes only to files.
func render(t *testing.T, lib library, log func(logger) func()) string {
	f, err := os.Create(filepath.Join(t.TempDir(), "lines"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lib.run(f, func(l logger) {
		if call := log(l); call != nil {
			call()
		}
	})
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fields decodes text, which must be one line, and returns the fields under the toolkit's names.
func fields(t *testing.T, lib library, text string) map[string]any {
	if strings.Count(text, "\n") != 1 {
		t.Fatalf("not one line: %q", text)
	}
	var decoded map[string]any
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	renamed := make(map[string]any, len(decoded))
	for name, v := range decoded {
		if ours, ok := lib.names[name]; ok {
			name = ours
		}
		renamed[name] = v
	}
	return renamed
}

// Lines in one goroutine.
func BenchmarkLine16(b *testing.B) {
	serial(b, io.Discard, append(libraries, frontEnd, floor), func(l logger) func() { return l.line })
}

// Lines in as many goroutines as there are processors.
func BenchmarkLine16Parallel(b *testing.B) {
	parallel(b, io.Discard, append(libraries, frontEnd, floorShared), func(l logger) func() { return l.line })
}

// Lines in one goroutine, each with a system call.
func BenchmarkLine16File(b *testing.B) {
	serial(b, devNull(b), []library{ours, std, aws, zero}, func(l logger) func() { return l.line })
}

// The same in parallel. It shows which library holds a lock during the system call.
func BenchmarkLine16ParallelFile(b *testing.B) {
	parallel(b, devNull(b), []library{ours, std, aws, zero}, func(l logger) func() { return l.line })
}

// Lines that are not written because of their level.
func BenchmarkBelowLevel(b *testing.B) {
	serial(b, io.Discard, append(libraries, frontEnd, floor), func(l logger) func() { return l.below })
}

// The same in parallel.
func BenchmarkBelowLevelParallel(b *testing.B) {
	parallel(b, io.Discard, append(libraries, frontEnd, floor), func(l logger) func() { return l.below })
}

// A derived logger with one more field, and one line.
func BenchmarkWithThenLine(b *testing.B) {
	serial(b, io.Discard, libraries, func(l logger) func() { return l.with })
}

func serial(b *testing.B, w io.Writer, libs []library, log func(logger) func()) {
	each(b, w, libs, func(b *testing.B, l logger) {
		call := log(l)
		for b.Loop() {
			call()
		}
	})
}

func parallel(b *testing.B, w io.Writer, libs []library, log func(logger) func()) {
	each(b, w, libs, func(b *testing.B, l logger) {
		call := log(l)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				call()
			}
		})
	})
}

func each(b *testing.B, w io.Writer, libs []library, bench func(*testing.B, logger)) {
	for _, lib := range libs {
		name := lib.name
		if _, file := w.(*os.File); lib.onlyFiles && !file {
			name += "-devnull"
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			lib.run(w, func(l logger) {
				b.ResetTimer() // the cost of the invocation is not the line's
				bench(b, l)
			})
		})
	}
}

func devNull(b *testing.B) *os.File {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f
}
