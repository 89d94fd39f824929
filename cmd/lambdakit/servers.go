package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// startServers starts the page. The returned function ends it, and waits until its requests are over.
func (r *runner) startServers(ctx context.Context) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	if r.view != nil {
		serve, err := r.serveView(ctx)
		if err != nil {
			cancel()
			return nil, err
		}
		r.servers.Go(func() {
			if err := serve(); err != nil {
				r.cli.say("the page: %v", err)
			}
		})
	}
	return func() {
		cancel()
		r.servers.Wait()
	}, nil
}

// stay keeps the run up as its flags say, until ctx is done.
func (r *runner) stay(ctx context.Context, b *building, events []event) error {
	if !r.options.stays() || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.published != nil {
		r.servers.Go(func() { r.keepDelivering(ctx) })
	}
	if r.options.watch {
		r.servers.Go(func() { r.watch(ctx, b, events) })
	}
	if r.takesEnter() && len(events) > 0 {
		go r.sendOnEnter(ctx, events)
	}
	var err error
	switch {
	case r.options.serve != "":
		err = r.serve(ctx)
	case r.options.http != "":
		err = r.serveHTTP(ctx)
	default:
		<-ctx.Done()
	}
	cancel()
	r.servers.Wait()
	return err
}

// bind listens at an address. hosts are further names that the server has.
func (r *runner) bind(address string, hosts []string) (net.Listener, error) {
	listener, err := net.Listen("tcp", loopback(address)) // for the network only if the address says so
	if err != nil {
		return nil, err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		whose := "dummy AWS credentials"
		if r.options.credentials {
			whose = "THE AWS CREDENTIALS OF THIS SHELL"
		}
		r.cli.say("WARNING: %s is open to the network: everyone who reaches it can run the function on this machine, with %s", listener.Addr(), whose)
		if len(hosts) == 0 {
			r.cli.say("requests to other host names than localhost are refused; -allow-host allows one")
		}
	}
	return listener, nil
}

// hostOf returns the host and the port at which this machine reaches a listener.
func hostOf(l net.Listener) string {
	at, ok := l.Addr().(*net.TCPAddr)
	if ok && at.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(at.Port))
	}
	return l.Addr().String()
}

// serveOn serves requests until ctx is done.
func (r *runner) serveOn(ctx context.Context, listener net.Listener, h http.Handler, origins ...string) error {
	srv := &http.Server{
		Handler:           emulator.Protect(h, listener.Addr(), r.options.allowHosts, origins...),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveAt serves h at an address until ctx is done. It names the path to the user. told gets the URL. Web pages
// of the origins may send requests.
func (r *runner) serveAt(ctx context.Context, address string, h http.Handler, path string, told func(*viewer.State, string), origins ...string) error {
	listener, err := r.bind(address, r.options.allowHosts)
	if err != nil {
		return err
	}
	url := "http://" + hostOf(listener) + path
	r.cli.say("serving %s; Ctrl-C ends it", url)
	if r.view != nil {
		r.view.SetState(func(s *viewer.State) { told(s, url) })
	}
	return r.serveOn(ctx, listener, h, origins...)
}
