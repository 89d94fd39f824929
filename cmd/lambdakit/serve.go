package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// maxRequests bounds the requests that wait or run: each may hold an event of 6 MB.
const maxRequests = 1000

// server takes events over HTTP, as Lambda's API does.
type server struct {
	*runner
	ctx   context.Context
	slots chan struct{} // one for each request under way
	async sync.WaitGroup
}

// serve takes events until ctx is done.
func (r *runner) serve(ctx context.Context, c *cli) error {
	s := &server{runner: r, ctx: ctx, slots: make(chan struct{}, maxRequests)}
	defer s.async.Wait()
	return r.listen(ctx, c, r.options.serve, s.handler(), "/2015-03-31/functions/function/invocations")
}

// listen serves h at an address until ctx is done. It names the path to the user.
func (r *runner) listen(ctx context.Context, c *cli, address string, h http.Handler, path string) error {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address // for the network only if the address says so
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		whose := "dummy AWS credentials"
		if r.options.credentials {
			whose = "THE AWS CREDENTIALS OF THIS SHELL"
		}
		c.say("WARNING: %s is open to the network: everyone who reaches it can run the function on this machine, with %s", listener.Addr(), whose)
		if len(r.options.allowHosts) == 0 {
			c.say("requests to other host names than localhost are refused; -allow-host allows one")
		}
	}
	srv := &http.Server{
		Handler:           emulator.Protect(h, listener.Addr(), r.options.allowHosts),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	c.say("serving http://%s%s; Ctrl-C ends it", listener.Addr(), path)
	if err = srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", s.limited(s.invoke))
	mux.HandleFunc("POST /2021-11-15/functions/{name}/response-streaming-invocations", s.limited(s.invokeStream))
	return mux
}

// limited refuses a request beyond maxRequests.
func (s *server) limited(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if !s.enter() {
			refuse(w, &emulator.RequestError{Status: http.StatusTooManyRequests, Type: "TooManyRequestsException", Message: "Rate Exceeded."})
			return
		}
		defer s.leave()
		h(w, req)
	}
}

func (s *server) enter() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s *server) leave() { <-s.slots }
