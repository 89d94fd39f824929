package sink_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/internal/sink"
)

// reports collects errors.
type reports struct {
	mu   sync.Mutex
	text []string
}

func (r *reports) reporter() *report.Reporter {
	return report.New(func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.text = append(r.text, err.Error())
	})
}

func (r *reports) want(t *testing.T, want string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.text) != 1 || r.text[0] != want {
		t.Errorf("got the reports %q, want %q once", r.text, want)
	}
}

func TestNew_NilWriterIsStandardOutput(t *testing.T) {
	t.Parallel()
	if got := sink.New(nil, "logging", new(reports).reporter()).Writer(); got != os.Stdout {
		t.Errorf("got %v, want os.Stdout", got)
	}
	var b bytes.Buffer
	if got := sink.New(&b, "logging", new(reports).reporter()).Writer(); got != &b {
		t.Errorf("got %v, want the writer", got)
	}
}

func TestWrite_ToTheWriter(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var r reports
	s := sink.New(&b, "logging", r.reporter())
	s.Write(nil, []byte("a\n"))
	s.Write(nil, []byte("b\n"))
	if b.String() != "a\nb\n" || r.text != nil {
		t.Errorf("got %q and the reports %q, want both lines and no report", &b, r.text)
	}
}

func TestWrite_CaptureAndOwnWriterBothGetTheLine(t *testing.T) {
	t.Parallel()
	var own, capture bytes.Buffer
	sink.New(&own, "logging", new(reports).reporter()).Write(&capture, []byte("a\n"))
	if own.String() != "a\n" || capture.String() != "a\n" {
		t.Errorf("got %q and %q, want the line in both", &own, &capture)
	}
}

// TestWrite_CaptureKeepsLinesFromStandardOutput is not parallel: it replaces os.Stdout.
func TestWrite_CaptureKeepsLinesFromStandardOutput(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = old }()
	var capture bytes.Buffer
	s := sink.New(nil, "logging", new(reports).reporter())
	s.Write(&capture, []byte("captured\n"))
	s.Write(nil, []byte("printed\n"))
	got, err := os.ReadFile(file.Name())
	if err != nil || string(got) != "printed\n" || capture.String() != "captured\n" {
		t.Errorf("standard output got %q and the harness %q, %v", got, &capture, err)
	}
}

// overlap counts calls of Write that overlap with another.
type overlap struct {
	inside, overlaps atomic.Int32
}

func (o *overlap) Write(p []byte) (int, error) {
	if o.inside.Add(1) > 1 {
		o.overlaps.Add(1)
	}
	runtime.Gosched() // so that another call begins, if it can
	o.inside.Add(-1)
	return len(p), nil
}

func TestWrite_CallsDoNotOverlap(t *testing.T) {
	t.Parallel()
	var o overlap
	s := sink.New(&o, "logging", new(reports).reporter())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				s.Write(nil, []byte("a\n"))
			}
		})
	}
	if wg.Wait(); o.overlaps.Load() != 0 {
		t.Errorf("%d calls of the writer overlap", o.overlaps.Load())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWrite_ErrorIsReportedOnce(t *testing.T) {
	t.Parallel()
	r := new(reports)
	s := sink.New(failing{}, "logging", r.reporter())
	for range 3 {
		s.Write(nil, []byte("a\n"))
	}
	r.want(t, "logging: writing a line failed: no space")
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("in Write") }

func TestWrite_PanicIsReportedAndTheLockFree(t *testing.T) {
	t.Parallel()
	r := new(reports)
	s := sink.New(panicking{}, "metrics", r.reporter())
	for range 3 { // the second call would wait for the lock
		s.Write(nil, []byte("a\n"))
	}
	r.want(t, "metrics: the writer panicked: in Write")
}

func TestWrite_PanicOfTheHarness(t *testing.T) {
	t.Parallel()
	r := new(reports)
	sink.New(io.Discard, "metrics", r.reporter()).Write(panicking{}, []byte("a\n"))
	r.want(t, "metrics: the writer panicked: in Write")
}

func TestWrite_ErrorOfAClosedFile(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	r := new(reports)
	sink.New(file, "logging", r.reporter()).Write(nil, []byte("a\n"))
	if len(r.text) != 1 {
		t.Errorf("got the reports %q, want one", r.text)
	}
}

func TestWrite_DoesNotAllocate(t *testing.T) {
	s := sink.New(io.Discard, "logging", new(reports).reporter())
	line := []byte("a\n")
	if n := testing.AllocsPerRun(100, func() { s.Write(nil, line) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}
