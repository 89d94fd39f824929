package main

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/otlpspan"
)

// maxSpansRequest is how many bytes a request with spans may have, also when it is decompressed.
const maxSpansRequest = 16 << 20

// otlpReceiver takes the spans that a function sends over OTLP, with protobuf over HTTP. It takes requests
// with metrics and log records, too, and drops their content.
type otlpReceiver struct {
	*traces
	server *http.Server
	url    string
}

func listenOTLP(t *traces) (*otlpReceiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &otlpReceiver{traces: t, url: "http://" + listener.Addr().String()}
	r.server = &http.Server{Handler: emulator.Protect(r.handler(), listener.Addr(), nil), ReadHeaderTimeout: 10 * time.Second}
	go r.server.Serve(listener)
	return r, nil
}

func (r *otlpReceiver) close() { r.server.Close() }

func (r *otlpReceiver) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", r.receive)
	for _, signal := range []string{"metrics", "logs"} {
		mux.HandleFunc("POST /v1/"+signal, func(w http.ResponseWriter, req *http.Request) {
			io.Copy(io.Discard, http.MaxBytesReader(w, req.Body, maxSpansRequest))
			answerOTLP(w)
		})
	}
	return mux
}

func (r *otlpReceiver) receive(w http.ResponseWriter, req *http.Request) {
	if kind := req.Header.Get("Content-Type"); kind != "application/x-protobuf" {
		http.Error(w, "lambdakit run takes OTLP as application/x-protobuf only", http.StatusUnsupportedMediaType)
		return
	}
	body := io.Reader(http.MaxBytesReader(w, req.Body, maxSpansRequest))
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, "the body is no gzip", http.StatusBadRequest)
			return
		}
		body = z
	}
	data, err := io.ReadAll(io.LimitReader(body, maxSpansRequest+1))
	switch {
	case err != nil:
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	case len(data) > maxSpansRequest:
		http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		return
	}
	spans, err := otlpspan.Read(data)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, s := range spans {
		r.add(s, len(data)/len(spans))
	}
	answerOTLP(w)
}

// answerOTLP answers that everything was taken: an empty message.
func answerOTLP(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/x-protobuf") }

// otlpEnvironment returns env with the variables that send spans to the receiver. If env names an endpoint,
// it stays. An endpoint in the environment of this process does not count: a run on this machine must not
// send spans to a real backend.
func otlpEnvironment(env []string, url string) []string {
	given := slices.ContainsFunc(env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == "OTEL_EXPORTER_OTLP_ENDPOINT" || name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	})
	if given {
		return env
	}
	return append([]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + url,
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + url + "/v1/traces",
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf",
	}, env...)
}
