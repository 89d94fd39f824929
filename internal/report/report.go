// Package report passes errors from inside the toolkit to Options.OnError, or to standard
// error. It never takes the function down.
package report

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/redact"
)

// Reporter passes the errors of one component to a function, or writes them to standard
// error. It is safe for concurrent use.
//
// Calls of the function do not overlap. Reports that other goroutines make during a call
// wait in a queue, and the goroutine that makes the call passes them on afterwards. A report
// that the function itself makes goes to standard error, so that a function that logs cannot
// go round in circles.
type Reporter struct {
	onError func(error)
	stderr  io.Writer

	mu      sync.Mutex
	calling bool // onError runs, or is about to
	queue   []error
	lost    int // reports that onError has not heard of

	once  map[string]struct{} // keys of Once
	order []string            // the same ones: a ring, once it is full
	next  int                 // the oldest key of a full ring
	fresh limit               // keys that took the place of others

	lines   limit // to standard error
	dropped int   // lines
}

const (
	maxOnce   = 256  // keys remembered by Once
	maxKey    = 1024 // bytes of each
	maxQueue  = 1024
	windowLen = time.Minute
	maxLines  = 10 // in a window
)

// limit counts up to maxLines in a window of time.
type limit struct {
	since time.Time
	n     int
}

// ok reports whether one more is allowed, and counts it.
func (l *limit) ok(now time.Time) bool {
	if now.Sub(l.since) >= windowLen {
		l.since, l.n = now, 0
	}
	if l.n == maxLines {
		return false
	}
	l.n++
	return true
}

// New returns a Reporter that calls onError. If onError is nil, it writes each error as one
// line of JSON straight to os.Stderr, at most ten a minute; the next line after that says how
// many were dropped.
func New(onError func(error)) *Reporter { return &Reporter{onError: onError, stderr: os.Stderr} }

// Once reports err unless key was reported before. It remembers the last 256 keys. After
// that many, it reports at most ten new ones a minute, and says how many it dropped.
func (r *Reporter) Once(key string, err error) {
	if r.isNew(key) {
		r.Report(err)
	}
}

func (r *Reporter) isNew(key string) bool {
	if len(key) > maxKey {
		key = strings.Clone(key[:maxKey])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, seen := r.once[key]; seen {
		return false
	}
	switch {
	case r.once == nil:
		r.once = make(map[string]struct{})
		fallthrough
	case len(r.order) < maxOnce:
		r.order = append(r.order, key)
	case !r.fresh.ok(time.Now()):
		if r.onError != nil {
			r.lost++
		} else {
			r.dropped++
		}
		return false
	default:
		delete(r.once, r.order[r.next])
		r.order[r.next] = key
		r.next = (r.next + 1) % maxOnce
	}
	r.once[key] = struct{}{}
	return true
}

// Report reports err.
func (r *Reporter) Report(err error) {
	if r.onError == nil {
		r.write(err)
		return
	}
	r.mu.Lock()
	switch {
	case !r.calling:
		r.calling = true
		r.queue = append(r.queue, err)
		r.mu.Unlock()
		r.deliver()
	case len(r.queue) == maxQueue:
		r.lost++
		r.mu.Unlock()
	default:
		r.mu.Unlock()
		if insideOnError() {
			r.write(err)
			return
		}
		r.mu.Lock()
		if r.calling {
			r.queue = append(r.queue, err)
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		r.Report(err) // the call has come to its end
	}
}

// deliver calls onError with what is in the queue, even if a call of it ends the goroutine,
// as t.FailNow does.
func (r *Reporter) deliver() {
	done := false
	defer func() {
		if !done {
			r.deliver()
		}
	}()
	for {
		err := r.take()
		if err == nil {
			break
		}
		r.call(err)
	}
	done = true
}

// take returns the next error for onError, nil if there is none: then no call is made.
func (r *Reporter) take() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.lost; n > 0 {
		r.lost = 0
		return fmt.Errorf("lambdakit: %d reports were dropped, since there were too many", n)
	}
	if len(r.queue) == 0 {
		r.calling, r.queue = false, nil
		return nil
	}
	err := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	return err
}

func (r *Reporter) call(err error) {
	defer func() {
		if v := recover(); v != nil {
			r.write(fmt.Errorf("%w; OnError panicked: %v", err, v))
		}
	}()
	r.onError(err)
}

// caller is how the runtime names the function that calls OnError, of any Reporter.
const caller = "github.com/lambdakit/lambdakit/internal/report.(*Reporter).call"

// insideOnError reports whether an OnError is among the callers of its caller.
func insideOnError() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		if n == 0 {
			return false
		}
		for frames := runtime.CallersFrames(pcs[:n]); ; {
			f, more := frames.Next()
			if f.Function == caller {
				return true
			}
			if !more {
				break
			}
		}
	}
}

func (r *Reporter) write(err error) {
	now := time.Now()
	text := textOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.lines.ok(now) {
		r.dropped++
		return
	}
	line := append([]byte(nil), `{"level":"WARN","message":`...)
	line = jsonenc.AppendString(line, text)
	line = append(line, `,"timestamp":"`...)
	line = jsonenc.AppendMillis(line, now, nil)
	line = append(line, '"')
	if r.dropped > 0 {
		line = fmt.Appendf(line, `,"reports_dropped":%d`, r.dropped)
		r.dropped = 0
	}
	r.stderr.Write(append(line, "}\n"...))
}

// maxText bounds the message of a line.
const maxText = 16 << 10

// textOf returns the text of err, whatever its Error method does, without credentials.
func textOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("lambdakit: an error of type %T whose Error method panics", err)
		}
	}()
	text = redact.Text(err.Error())
	if len(text) > maxText {
		text = text[:maxText] + "...[cut]"
	}
	return text
}
