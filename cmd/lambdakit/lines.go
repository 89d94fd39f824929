package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/logline"
)

// lines returns a writer for one output of the function. It shows its lines.
func (s *screen) lines(name string) *lineWriter { return &lineWriter{screen: s, name: name} }

// lineWriter cuts a stream into lines.
type lineWriter struct {
	screen *screen
	name   string // stands in front of plain lines, unless empty
	rest   []byte
}

const maxLine = 1 << 20 // bytes; a longer line is shown in parts

func (w *lineWriter) Write(p []byte) (int, error) {
	w.screen.mu.Lock()
	defer w.screen.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		w.line(append(w.rest, p[:i]...))
		w.rest, p = nil, p[i+1:]
	}
	for len(w.rest)+len(p) >= maxLine {
		part := maxLine - len(w.rest)
		w.line(append(w.rest, p[:part]...))
		w.rest, p = nil, p[part:]
	}
	w.rest = append(w.rest, p...)
	return n, nil
}

// flush shows a line that has no end yet.
func (w *lineWriter) flush() {
	w.screen.mu.Lock()
	defer w.screen.mu.Unlock()
	if len(w.rest) > 0 {
		w.line(w.rest)
		w.rest = nil
	}
}

func (w *lineWriter) line(line []byte) {
	for len(line) > maxLine {
		w.part(line[:maxLine])
		line = line[maxLine:]
	}
	w.part(bytes.TrimSuffix(line, []byte("\r")))
}

func (w *lineWriter) part(line []byte) {
	s := w.screen
	switch doc := logline.Parse(line); {
	case doc == nil:
		t := s.text()
		if w.name != "" {
			t.paint(grey, w.name+": ")
		}
		t.add(withoutStack(string(line)) + "\n")
		s.show(t)
	case doc.Raw(emf.Member) != nil:
		s.metrics(line)
	default:
		s.logLine(doc)
	}
}

// withoutStack shortens the error that aws-lambda-go prints before it reports it: the result of
// the invocation shows the stack. The error may stand behind the prefix of the log package.
func withoutStack(line string) string {
	const start = `{"errorMessage":`
	i := strings.Index(line[:min(len(line), 256)], start)
	if i < 0 {
		return line
	}
	doc := logline.Parse([]byte(line[i:]))
	frames := elements(doc.Raw("stackTrace"))
	if doc.Raw("errorType") == nil || len(frames) == 0 {
		return line
	}
	return line[:i] + fmt.Sprintf(`%s%s,"errorType":%s,"stackTrace":[%d frames, see the result]}`,
		start, doc.Raw("errorMessage"), doc.Raw("errorType"), len(frames))
}
