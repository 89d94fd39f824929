// Package report carries what goes wrong inside the toolkit to whoever wants to
// know, without ever taking the function down.
package report

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Reporter passes errors to a function, or writes them to standard error. It is
// safe for concurrent use, and a report made while another is being passed on
// goes to standard error, so that a function that logs cannot go round in circles.
type Reporter struct {
	onError func(error)
	stderr  io.Writer
	busy    atomic.Bool

	mu      sync.Mutex
	once    map[string]struct{}
	window  time.Time // start of the current one
	written int       // lines in it
	dropped int
}

const (
	maxOnce   = 256 // keys remembered by Once
	windowLen = time.Minute
	maxLines  = 10 // lines to standard error a window
)

// New returns a Reporter that calls onError or, where that is nil, writes each
// error as one line of JSON straight to os.Stderr, at most ten a minute.
func New(onError func(error)) *Reporter { return &Reporter{onError: onError, stderr: os.Stderr} }

// Once reports err unless key was reported before, or 256 other keys were.
func (r *Reporter) Once(key string, err error) {
	r.mu.Lock()
	_, seen := r.once[key]
	seen = seen || len(r.once) == maxOnce
	if !seen {
		if r.once == nil {
			r.once = make(map[string]struct{})
		}
		r.once[key] = struct{}{}
	}
	r.mu.Unlock()
	if !seen {
		r.Report(err)
	}
}

// Report reports err.
func (r *Reporter) Report(err error) {
	if r.onError != nil && r.busy.CompareAndSwap(false, true) {
		defer func() {
			r.busy.Store(false)
			if v := recover(); v != nil {
				r.write(fmt.Errorf("%w; OnError panicked: %v", err, v))
			}
		}()
		r.onError(err)
		return
	}
	r.write(err)
}

func (r *Reporter) write(err error) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.window) >= windowLen {
		r.window, r.written = now, 0
	}
	if r.written == maxLines {
		r.dropped++
		return
	}
	r.written++
	line := append([]byte(nil), `{"level":"WARN","message":`...)
	line = jsonenc.AppendString(line, err.Error())
	line = append(line, `,"timestamp":"`...)
	line = jsonenc.AppendMillis(line, now, nil)
	line = append(line, '"')
	if r.dropped > 0 {
		line = fmt.Appendf(line, `,"reports_dropped":%d`, r.dropped)
		r.dropped = 0
	}
	r.stderr.Write(append(line, "}\n"...))
}
