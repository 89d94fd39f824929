package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// frontEnd is an HTTP front end of Lambda before the function.
type frontEnd struct {
	*exchanges
	httpevent.Front
}

// serveHTTP takes HTTP requests until ctx is done.
func (r *runner) serveHTTP(ctx context.Context) error {
	f := &frontEnd{r.exchanges(ctx), r.options.front}
	defer f.end()
	told := func(s *viewer.State, url string) { s.URL, s.URLKind = url, r.options.httpKind }
	return r.serveAt(ctx, r.options.http, f, "/", told, r.options.origins...)
}

// ServeHTTP invokes the function for a request, and answers as the front end does.
func (f *frontEnd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.enter() {
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	defer f.leave()
	r.URL.Scheme = "http"
	trace := traceheader.New(time.Now())
	root, _, _ := strings.Cut(trace, ";")
	r.Header.Set("X-Amzn-Trace-Id", root)
	payload, err := f.Encode(r)
	if err == nil {
		err = emulator.CheckEvent(payload)
	}
	if err != nil {
		refuseRequest(w, err)
		return
	}
	ev := emulator.Event{Payload: payload, TraceHeader: trace}
	stream := &httpStream{frontEnd: f, w: w, r: r}
	if f.Streams() {
		ev.Stream, ev.StreamType = stream, httpevent.ContentType
	}
	name := r.Method + " " + r.URL.EscapedPath()
	result, err := f.exchange(r, name, ev, true)
	switch {
	case err != nil && !errors.Is(err, context.Canceled): // else the caller left, or the server ends
		f.failed.Store(true)
		f.screen.print("cannot run the function: %v\n", reason(err))
		f.answer(w, f.Failure(r))
		return
	case stream.begun && (err != nil || result.ErrorType != ""):
		panic(http.ErrAbortHandler) // the client sees that the response is cut
	case stream.begun:
		// net/http writes the end of the body, and the deadline of the last part may be over.
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(streamWriteTimeout))
		return
	case err != nil:
		return
	}
	f.answer(w, f.responseTo(r, name, result))
}

// responseTo returns the response that the client gets for the answer of the function.
func (f *frontEnd) responseTo(r *http.Request, name string, result *emulator.Result) *http.Response {
	response := f.Failure(r)
	var err error
	if result.ErrorType == "" {
		response, err = f.Decode(r, result.Payload)
	}
	if err != nil {
		f.failed.Store(true)
		f.screen.print("%s: the client gets %s: %v\n", name, response.Status, err)
	}
	return response
}

// refuseRequest answers a request that does not reach the function.
func refuseRequest(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	var refused *emulator.RequestError
	if errors.Is(err, httpevent.ErrTooLarge) || errors.As(err, &refused) && refused.Status == http.StatusRequestEntityTooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, http.StatusText(status), status)
}

// answer sends a response.
func (f *frontEnd) answer(w http.ResponseWriter, response *http.Response) {
	begin(w, response)
	io.Copy(w, response.Body)
}

// begin sends the status and the headers of a response.
func begin(w http.ResponseWriter, response *http.Response) {
	h := w.Header()
	h["Content-Type"] = nil // net/http detects no type
	for name, values := range response.Header {
		h[name] = values
	}
	w.WriteHeader(response.StatusCode)
}

// httpStream passes a streamed response to the client while it arrives.
type httpStream struct {
	*frontEnd
	w     http.ResponseWriter
	r     *http.Request
	held  []byte // until the prelude is complete
	begun bool   // the client has the status and the headers
}

// Write passes on a part of the response.
func (s *httpStream) Write(p []byte) (int, error) {
	body := p
	if !s.begun {
		s.held = append(s.held, p...)
		prelude, rest, ok := bytes.Cut(s.held, httpevent.Separator)
		switch {
		case !ok && len(s.held) <= httpevent.MaxPrelude+len(httpevent.Separator):
			return len(p), nil
		case !ok:
			return 0, fmt.Errorf("the prelude has more than %d bytes", httpevent.MaxPrelude)
		}
		response, err := s.Prelude(s.r, prelude)
		if err != nil {
			return 0, err // the whole answer has the same fault
		}
		begin(s.w, response)
		s.begun, s.held, body = true, nil, rest
	}
	if err := sendNow(s.w, body); err != nil {
		return 0, err
	}
	return len(p), nil
}
