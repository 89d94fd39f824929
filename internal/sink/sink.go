// Package sink writes lines to a writer, or to the test that an invocation runs in.
package sink

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/lambdakit/lambdakit/internal/report"
)

// Sink writes each line in one call of Write. It is safe for concurrent use.
type Sink struct {
	w          io.Writer
	configured bool // the user chose w
	serial     bool // calls of w.Write must not overlap
	mu         sync.Mutex
	name       string // of the package, for errors
	report     *report.Reporter
}

// New returns a Sink for w, or for os.Stdout if w is nil. Calls of w.Write do not overlap,
// unless w is io.Discard or an *os.File, which does not interleave two calls of Write.
func New(w io.Writer, name string, r *report.Reporter) *Sink {
	s := &Sink{w: w, configured: w != nil, name: name, report: r}
	if w == nil {
		s.w = os.Stdout
	}
	_, file := s.w.(*os.File)
	s.serial = !file && s.w != io.Discard
	return s
}

// Writer returns the writer of lines outside tests.
func (s *Sink) Writer() io.Writer { return s.w }

// Write writes a line to the writer. In a test capture is not nil: Write then writes to capture,
// and to the writer only if the user chose one. Errors and panics of the writer are reported.
func (s *Sink) Write(capture io.Writer, line []byte) {
	if capture == nil && !s.serial { // a file or io.Discard does not panic
		_, err := s.w.Write(line)
		s.failed(err)
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.report.Once("write", fmt.Errorf("%s: the writer panicked: %v", s.name, v))
		}
	}()
	if capture != nil {
		capture.Write(line)
		if !s.configured {
			return
		}
	}
	s.failed(s.writeLocked(line))
}

func (s *Sink) failed(err error) {
	if err != nil {
		s.report.Once("write", errors.New(s.name+": writing a line failed: "+err.Error()))
	}
}

// writeLocked writes a line. It unlocks even if the writer panics.
func (s *Sink) writeLocked(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.w.Write(line)
	return err
}
