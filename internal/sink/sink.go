// Package sink writes whole lines to a writer, or to the test harness that an invocation
// runs in.
package sink

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/lambdakit/lambdakit/internal/report"
)

// Sink passes each line on in one call of Write.
type Sink struct {
	w      io.Writer
	own    bool // w was asked for
	lock   bool // calls of w must not overlap
	mu     sync.Mutex
	name   string // in front of errors
	report *report.Reporter
}

// New returns a Sink for w, os.Stdout if w is nil. Calls of w are serialised unless
// it is an *os.File, one Write of which is not interleaved with another, or io.Discard.
func New(w io.Writer, name string, r *report.Reporter) *Sink {
	s := &Sink{w: w, own: w != nil, name: name, report: r}
	if w == nil {
		s.w = os.Stdout
	}
	_, file := s.w.(*os.File)
	s.lock = !file && s.w != io.Discard
	return s
}

// Writer returns where lines go outside tests.
func (s *Sink) Writer() io.Writer { return s.w }

// Write writes line. If capture is not nil, the line goes there, and to the writer only if
// New got one. Errors and panics of the writer are reported.
func (s *Sink) Write(capture io.Writer, line []byte) {
	defer func() {
		if v := recover(); v != nil {
			s.report.Once("write", fmt.Errorf("%s: the writer panicked: %v", s.name, v))
		}
	}()
	if capture != nil {
		capture.Write(line)
		if !s.own {
			return
		}
	}
	var err error
	if s.lock {
		err = s.writeLocked(line)
	} else {
		_, err = s.w.Write(line)
	}
	if err != nil {
		s.report.Once("write", errors.New(s.name+": writing a line failed: "+err.Error()))
	}
}

// writeLocked unlocks even if the writer panics.
func (s *Sink) writeLocked(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.w.Write(line)
	return err
}
