package main

import (
	"bytes"
	"io"
	"os"
	"sync"
)

// pipe carries what functions write to standard output. This process can write to it
// as well: a mark that comes out says that everything that went in before it has.
type pipe struct {
	r, w *os.File
	dst  io.Writer
	done chan struct{} // closed when nothing more is read

	mu    sync.Mutex // of sync
	marks chan struct{}
}

// mark is what no program has reason to write.
var mark = []byte("\x00\x16lambdakit:mark\x16\x00")

func newPipe(dst io.Writer) (*pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &pipe{r: r, w: w, dst: dst, done: make(chan struct{}), marks: make(chan struct{}, 1)}
	go p.read()
	return p, nil
}

func (p *pipe) read() {
	defer close(p.done)
	buf := make([]byte, 64<<10)
	var held []byte // the end of what was read, where it may be the beginning of a mark
	for {
		n, err := p.r.Read(buf)
		data := append(held, buf[:n]...)
		for {
			before, after, found := bytes.Cut(data, mark)
			if !found {
				break
			}
			p.dst.Write(before)
			p.marks <- struct{}{}
			data = after
		}
		keep := 0
		for i := min(len(mark)-1, len(data)); i > 0; i-- {
			if bytes.HasSuffix(data, mark[:i]) {
				keep = i
				break
			}
		}
		if err != nil {
			keep = 0
		}
		if len(data) > keep {
			p.dst.Write(data[:len(data)-keep])
		}
		held = bytes.Clone(data[len(data)-keep:])
		if err != nil {
			return
		}
	}
}

// sync waits until everything that functions have written so far has been passed on.
func (p *pipe) sync() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.w.Write(mark); err != nil {
		return
	}
	select {
	case <-p.marks:
	case <-p.done:
	}
}

// close ends the pipe; what a process that lives on writes is not waited for.
func (p *pipe) close() {
	p.sync()
	p.w.Close()
	p.r.Close()
	<-p.done
}
