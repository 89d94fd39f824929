package backend

import (
	"io"
	"net"
	"net/http"
	"time"
)

// Kind is a kind of backend.
type Kind struct {
	Name, What string
	serve      func(done <-chan struct{}) // waits before the answer; done is closed at the end
}

// Immediate, Slow and Hanging are the kinds of backends.
var (
	Immediate = Kind{"immediate", "answers immediately", func(<-chan struct{}) {}}
	Slow      = Kind{"slow", "takes 300 ms", func(done <-chan struct{}) {
		timer := time.NewTimer(300 * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-done:
		}
	}}
	Hanging = Kind{"hanging", "hangs", func(done <-chan struct{}) { <-done }}
)

// Kinds are all kinds.
var Kinds = []Kind{Immediate, Slow, Hanging}

// start starts a backend. stop ends it, and the requests that wait.
func (k Kind) start() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	done := make(chan struct{})
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		k.serve(done)
	})}
	go s.Serve(l)
	return "http://" + l.Addr().String(), func() {
		close(done)
		s.Close()
	}, nil
}
