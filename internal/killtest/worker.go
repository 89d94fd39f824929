package killtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// Answers of a worker for errors.
const (
	inProgress = "in-progress"
	leaseLost  = "lease-lost"
)

// Modes of calls: the fate of a process after the effect.
const (
	plain = "plain"
	race  = "race" // it is killed, and may have recorded the effect by then
	hang  = "hang" // it waits until it is killed, and records nothing
)

// lease is short, so that tests do not wait long for its end. It is longer than a request takes
// at a server that many processes keep busy, since Begin is given up when the lease would be over.
const lease = 2 * time.Second

const workerVariable = "LAMBDAKIT_KILLTEST_WORKER"

// Main is called by TestMain. In a child process it works for its parent, else it runs the tests.
func Main(m *testing.M, newStore func() idempotency.Store) {
	if os.Getenv(workerVariable) == "" {
		os.Exit(m.Run())
	}
	if err := work(newStore(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// work calls for the keys that it reads, a line with a mode each, two at a time, and writes a line for
// each effect and each answer. A line is one write, so that it is complete even if the process is
// killed immediately afterwards.
func work(store idempotency.Store, in io.Reader, out io.Writer) error {
	once, err := idempotency.New(store, &idempotency.Options{Prefix: "killtest", Lease: lease, LeaseMargin: -1, StoreTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	calls := make(chan string)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for line := range calls {
				key, mode, _ := strings.Cut(line, " ")
				fmt.Fprintf(out, "done %s %s\n", key, call(once, key, mode, out))
			}
		})
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		calls <- lines.Text()
	}
	close(calls)
	wg.Wait()
	return nil
}

func call(once *idempotency.Guard, key, mode string, out io.Writer) string {
	begun := time.Now()
	id, err := idempotency.Call(context.Background(), once, key, func(context.Context) (string, error) {
		id := rand.Text()
		// The lease began after begun, so it ends at the earliest one lease after begun.
		fmt.Fprintf(out, "effect %s %s %d %d %s\n", key, id, time.Now().UnixMilli(), begun.Add(lease).UnixMilli(), mode)
		if mode == hang {
			select {}
		}
		return id, nil
	})
	switch {
	case errors.Is(err, idempotency.ErrInProgress):
		return inProgress
	case errors.Is(err, idempotency.ErrLeaseLost):
		return leaseLost + " " + id
	case err != nil:
		return "error: " + err.Error()
	}
	return id
}

// worker is a child process.
type worker struct {
	parent *parent
	cmd    *exec.Cmd
	read   chan struct{} // closed at the end of its output

	sending sync.Mutex
	in      io.WriteCloser

	// Guarded by parent.mu.
	pending map[string]int // calls without an answer, by key
	dead    bool
}

func (p *parent) start(t *testing.T) *worker {
	w := &worker{parent: p, cmd: exec.Command(os.Args[0]), read: make(chan struct{}), pending: make(map[string]int)}
	w.cmd.Env = append(os.Environ(), workerVariable+"=1")
	w.cmd.Stderr = os.Stderr
	in, err := w.cmd.StdinPipe()
	if err != nil {
		t.Error(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Error(err)
	}
	w.in = in
	go func() {
		defer close(w.read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.line(t, strings.Fields(lines.Text()))
		}
		w.cmd.Wait()
		w.gone()
	}()
	return w
}

func (w *worker) send(line string) {
	w.sending.Lock()
	defer w.sending.Unlock()
	io.WriteString(w.in, line+"\n") // the end of its output shows that it is dead
}

// stop asks a process to end.
func (w *worker) stop() {
	w.sending.Lock()
	w.in.Close()
	w.sending.Unlock()
	<-w.read
}

// line processes a line of a worker.
func (w *worker) line(t *testing.T, fields []string) {
	p := w.parent
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.keys[fields[1]]
	if fields[0] == "effect" {
		var at, until int64
		fmt.Sscan(fields[3], &at)
		fmt.Sscan(fields[4], &until)
		h.effects = append(h.effects, effect{id: fields[2], worker: w, at: time.UnixMilli(at), lease: time.UnixMilli(until)})
		if fields[5] != plain {
			h.mode = plain
			p.killed++
			w.cmd.Process.Kill() // SIGKILL
		}
		return
	}
	answer := fields[2]
	if answer == "error:" {
		t.Errorf("%s", strings.Join(fields, " "))
	}
	h.answers[answer]++
	for i := range h.effects {
		e := &h.effects[i]
		switch {
		case e.id == answer && e.worker == w:
			e.worker = nil // it was recorded
		case answer == leaseLost && e.id == fields[3]:
			e.late, e.worker = true, nil
		}
	}
	w.pending[fields[1]]--
	h.answered <- struct{}{}
}

// gone marks the calls of a dead worker as unanswered.
func (w *worker) gone() {
	p := w.parent
	p.mu.Lock()
	defer p.mu.Unlock()
	w.dead = true
	for key, n := range w.pending {
		h := p.keys[key]
		for i := range h.effects {
			if h.effects[i].worker == w {
				h.effects[i].killed = true
			}
		}
		for range n {
			h.answered <- struct{}{}
		}
	}
	clear(w.pending)
}
