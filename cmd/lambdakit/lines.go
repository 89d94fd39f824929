package main

import (
	"bytes"

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
	record func(line []byte) // gets each line as well; nil: nobody
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
	if w.record != nil {
		w.record(line)
	}
	switch doc := logline.Parse(line); {
	case doc == nil && isEcho(string(line)) || doc != nil && isEcho(doc.Message()):
	case doc == nil:
		t := s.text()
		if w.name != "" {
			t.paint(grey, w.name+": ")
		}
		t.add(string(line) + "\n")
		s.show(t)
	case doc.Raw(emf.Member) != nil:
		s.metrics(line)
	default:
		s.logLine(doc)
	}
}
