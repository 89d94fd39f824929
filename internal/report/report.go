// Package report passes errors from inside the toolkit to Options.OnError, or to standard
// error. It never takes the function down.
//
// Other modules import this package, so it changes only by addition.
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

// Reporter passes the errors of one component to OnError, or writes them to standard error if
// OnError is nil. It is safe for concurrent use.
//
// Calls of OnError do not overlap. Reports of other goroutines during a call wait in a queue. The
// goroutine of the call delivers them afterwards. A report that OnError itself makes goes to
// standard error, so an OnError that logs cannot loop.
type Reporter struct {
	onError func(error)
	stderr  io.Writer

	mu      sync.Mutex
	calling bool // onError runs, or is about to
	queue   []error
	lost    int // reports that onError did not get

	once  map[string]struct{} // keys that Once has reported
	order []string            // the same keys in order; a ring when it is full
	next  int                 // the oldest key of a full ring
	fresh limit               // keys that replaced older ones

	lines   limit // lines to standard error
	dropped int   // lines that were not written
}

const (
	maxOnce   = 256  // keys that Once remembers
	maxKey    = 1024 // bytes of a key
	maxQueue  = 1024
	windowLen = time.Minute
	maxLines  = 10 // in a window
)

// limit counts events, up to maxLines in a window of time.
type limit struct {
	since time.Time
	n     int
}

// ok reports whether one more event is allowed, and counts it.
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

// New returns a Reporter that calls onError. If onError is nil, the Reporter writes each error as
// one line of JSON to os.Stderr, at most ten lines a minute. The next line after the limit contains
// the number of dropped reports.
func New(onError func(error)) *Reporter { return &Reporter{onError: onError, stderr: os.Stderr} }

// Once reports err unless key was reported before. It remembers the last 256 keys. After 256 keys,
// it reports at most ten new keys a minute, and then the number of dropped reports.
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
	if r.calling && len(r.queue) < maxQueue {
		r.mu.Unlock()
		if insideOnError() {
			r.write(err)
			return
		}
		r.mu.Lock() // the call of onError may have returned meanwhile
	}
	if len(r.queue) == maxQueue {
		r.lost++
		r.mu.Unlock()
		return
	}
	r.queue = append(r.queue, err)
	delivering := r.calling
	r.calling = true
	r.mu.Unlock()
	if !delivering {
		r.deliver()
	}
}

// deliver passes the reports in the queue to onError. It goes on even if onError ends the goroutine,
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

// take returns the next error for onError. It returns nil if the queue is empty, and marks the
// delivery as finished.
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

// caller is the name of the function that calls OnError, as package runtime prints it.
const caller = "github.com/lambdakit/lambdakit/internal/report.(*Reporter).call"

// insideOnError reports whether the call stack contains a call of OnError, of any Reporter.
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

// textOf returns the text of err without credentials. It recovers a panic of the Error method.
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
