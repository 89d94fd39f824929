package emulator

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"sync"
)

// pipe carries the standard output, or the standard error, of a function's process. This process can write to it as
// well: a mark that comes out says that everything that went in before it has come out.
type pipe struct {
	r, w *os.File
	dst  io.Writer
	done chan struct{} // closed when nothing more is read

	syncing sync.Mutex // held by sync

	mu   sync.Mutex
	mark []byte        // that sync waits for; nil: none
	seen chan struct{} // closed when the mark comes out
}

func newPipe(dst io.Writer) (*pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &pipe{r: r, w: w, dst: dst, done: make(chan struct{})}
	go p.read()
	return p, nil
}

func (p *pipe) read() {
	defer close(p.done)
	buf := make([]byte, 64<<10)
	var held []byte // the end of the last read, if a mark begins there
	for {
		n, err := p.r.Read(buf)
		data := append(held, buf[:n]...)
		mark := p.waiting()
		if before, after, found := bytes.Cut(data, mark); found && mark != nil {
			p.pass(before)
			p.reached()
			data, mark = after, nil
		}
		keep := 0
		if err == nil {
			keep = beginning(data, mark)
		}
		p.pass(data[:len(data)-keep])
		held = bytes.Clone(data[len(data)-keep:])
		if err != nil {
			return
		}
	}
}

func (p *pipe) pass(data []byte) {
	if len(data) > 0 {
		p.dst.Write(data) // an error does not stop the reading: the function must not block
	}
}

// beginning returns the length of the longest end of data that mark may begin with.
func beginning(data, mark []byte) int {
	for i := min(len(mark)-1, len(data)); i > 0; i-- {
		if bytes.HasSuffix(data, mark[:i]) {
			return i
		}
	}
	return 0
}

func (p *pipe) waiting() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mark
}

func (p *pipe) reached() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.seen)
	p.mark = nil
}

// sync waits until everything that the process has written so far has been passed on.
func (p *pipe) sync() {
	p.syncing.Lock()
	defer p.syncing.Unlock()
	// The function cannot know the mark, so its output cannot contain it.
	mark := []byte("\x00lambdakit:" + rand.Text() + "\x00")
	seen := make(chan struct{})
	p.mu.Lock()
	p.mark, p.seen = mark, seen
	p.mu.Unlock()
	if _, err := p.w.Write(mark); err != nil {
		return
	}
	select {
	case <-seen:
	case <-p.done:
	}
}

// close ends the pipe. It does not wait for output of a process that lives on.
func (p *pipe) close() {
	p.sync()
	p.w.Close()
	p.r.Close()
	<-p.done
}
