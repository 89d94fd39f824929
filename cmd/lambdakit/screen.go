package main

import (
	"io"
	"sync"
)

// screen shows lines and results to a person, one at a time.
type screen struct {
	w       io.Writer
	broken  func() // called when w takes nothing more
	colours bool
	width   int  // columns of the terminal when the run began, 0 if unknown
	tagged  bool // lines say which invocation they belong to

	mu      sync.Mutex
	results int
	summary summary
	stacks  map[string]bool // ids of requests whose stack a log line has shown
}

// newScreen returns a screen that writes to w. It calls broken if that fails.
func newScreen(w io.Writer, tagged bool, broken func()) *screen {
	return &screen{w: w, broken: broken, colours: hasColours(w), width: widthOf(w), tagged: tagged, stacks: make(map[string]bool)}
}

// text returns an empty text for show.
func (s *screen) text() *text { return &text{colours: s.colours, width: s.width} }

// show is the only way to the terminal. Its callers hold s.mu.
func (s *screen) show(t *text) {
	if _, err := io.WriteString(s.w, t.String()); err != nil {
		s.broken()
	}
}

// print shows a message of this program.
func (s *screen) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.text()
	t.addf(format, args...)
	s.show(t)
}

// sum shows the sums of the metrics of several invocations.
func (s *screen) sum() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results < 2 || len(s.summary.order) == 0 {
		return
	}
	t := s.text()
	t.addf("metrics of %d invocations\n%s", s.results, s.summary.table())
	s.show(t)
}
