package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// maxPayload is what Lambda takes as the event of a synchronous invocation.
const maxPayload = 6 << 20

// serve takes events over HTTP, as Lambda's Invoke API does, until ctx is done.
func (r *runner) serve(ctx context.Context, stderr io.Writer) error {
	address := r.options.serve
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address // not for the network unless that is asked for
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", r.invokeAPI)
	server := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Fprintf(stderr, "serving http://%s/2015-03-31/functions/function/invocations; Ctrl-C ends it\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (r *runner) invokeAPI(w http.ResponseWriter, req *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxPayload))
	if err != nil {
		http.Error(w, `{"Type":"User","Message":"the event is larger than 6 MB"}`, http.StatusRequestEntityTooLarge)
		return
	}
	ev := event{"request", payload}
	switch kind := req.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return
	case "Event":
		w.WriteHeader(http.StatusAccepted)
		go r.send(context.WithoutCancel(req.Context()), ev, nil)
		return
	default:
		http.Error(w, `{"Type":"User","Message":"unknown X-Amz-Invocation-Type"}`, http.StatusBadRequest)
		return
	}
	result, err := r.send(req.Context(), ev, nil)
	if err != nil {
		http.Error(w, `{"Type":"Service","Message":"the function cannot be run; see the terminal"}`, http.StatusBadGateway)
		r.screen.print("cannot run the function: %v\n", err)
		return
	}
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	w.Header().Set("X-Amzn-Requestid", result.RequestID)
	w.Header().Set("Content-Type", "application/json")
	if result.Failed() {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	w.Write(result.Payload)
}
