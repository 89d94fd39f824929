package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// screen shows lines and results to a person, one at a time.
type screen struct {
	mu      sync.Mutex
	w       io.Writer
	colours bool
	tagged  bool // lines say which invocation they are of
	results int
	summary summary
}

func newScreen(w io.Writer, tagged bool) *screen {
	s := &screen{w: w, tagged: tagged}
	if f, ok := w.(*os.File); ok && os.Getenv("NO_COLOR") == "" {
		info, err := f.Stat()
		s.colours = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return s
}

// colour codes, as the terminal knows them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	grey   = "90"
	bold   = "1"
)

func (s *screen) paint(code, text string) string {
	if !s.colours || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *screen) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, format, args...)
}

// lines returns a writer that shows what the function writes to one of its outputs.
func (s *screen) lines(name string) *lineWriter { return &lineWriter{screen: s, name: name} }

// lineWriter cuts a stream into lines.
type lineWriter struct {
	screen *screen
	name   string // said in front of plain lines; empty: nothing is
	rest   []byte
}

const maxLine = 1 << 20 // what has no end by then is shown in parts

func (w *lineWriter) Write(p []byte) (int, error) {
	w.screen.mu.Lock()
	defer w.screen.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		i := bytes.IndexByte(w.rest, '\n')
		if i < 0 && len(w.rest) < maxLine {
			return len(p), nil
		}
		line := w.rest
		if i >= 0 {
			line, w.rest = w.rest[:i], w.rest[i+1:]
		} else {
			w.rest = nil
		}
		w.show(line)
	}
}

// flush shows a line that was not ended.
func (w *lineWriter) flush() {
	w.screen.mu.Lock()
	defer w.screen.mu.Unlock()
	if len(w.rest) > 0 {
		w.show(w.rest)
		w.rest = nil
	}
}

func (w *lineWriter) show(line []byte) {
	s := w.screen
	switch doc := parseDocument(line); {
	case doc == nil:
		text := strings.ToValidUTF8(string(line), "\uFFFD")
		if w.name != "" {
			text = s.paint(grey, w.name+": ") + text
		}
		fmt.Fprintln(s.w, text)
	case doc.isEMF():
		s.metrics(doc)
	default:
		s.logLine(doc)
	}
}

// result shows the outcome of an invocation.
func (s *screen) result(name string, r *emulator.Result, o *options, trace []segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results++
	s.trace(trace)
	code, what := green, "response to "+name
	if r.Failed() {
		code, what = red, "failed on "+name+": "+r.ErrorType
	}
	fmt.Fprintf(s.w, "%s %s\n", s.paint(code, what), s.paint(grey, r.ContentType))
	fmt.Fprintln(s.w, indent(r.Payload))
	billed := r.Duration + r.InitDuration
	report := fmt.Sprintf("REPORT RequestId: %s  Duration: %s  Billed Duration: %d ms  Memory Size: %d MB",
		r.RequestID, milliseconds(r.Duration), (billed+time.Millisecond-1)/time.Millisecond, o.memory)
	if r.MaxRSS > 0 {
		report += fmt.Sprintf("  Max Memory Used: %d MB", (r.MaxRSS+1<<20-1)>>20)
	}
	if r.InitDuration > 0 {
		report += "  Init Duration: " + milliseconds(r.InitDuration)
	}
	fmt.Fprintf(s.w, "%s\n\n", s.paint(grey, report))
}

const maxShown = 64 << 10 // bytes of a response

// sum shows what the metrics of several invocations come to.
func (s *screen) sum() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results < 2 || len(s.summary.order) == 0 {
		return
	}
	fmt.Fprintf(s.w, "metrics of %d invocations\n%s", s.results, s.summary.table())
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// indent makes a response readable: JSON is indented, also where it is the body of
// an HTTP response.
func indent(payload []byte) string {
	var b bytes.Buffer
	if len(payload) > maxShown {
		return fmt.Sprintf("  %s\n  (%d bytes more)", strings.ToValidUTF8(string(payload[:maxShown]), "\uFFFD"), len(payload)-maxShown)
	}
	if json.Indent(&b, payload, "  ", "  ") == nil {
		return "  " + b.String()
	}
	if !utf8.Valid(payload) {
		return fmt.Sprintf("  (%d bytes)", len(payload))
	}
	return "  " + strings.ReplaceAll(strings.TrimRight(string(payload), "\n"), "\n", "\n  ")
}
