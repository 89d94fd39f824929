package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// api serves the Runtime API, version 2018-06-01, and the Extensions API, version 2020-01-01, for
// internal extensions.
func (env *environment) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", env.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", env.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", env.failed)
	mux.HandleFunc("POST /lambdakit/invocation/{id}/failure", env.reportedFailure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(env.stderr, r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("POST /2020-01-01/extension/register", env.register)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", env.nextEvent)
	if env.cfg.Services != nil {
		mux.Handle("/", env.cfg.Services)
	}
	return mux
}

func (env *environment) next(w http.ResponseWriter, r *http.Request) {
	env.mu.Lock()
	if !env.asked {
		env.asked = true
		env.init = time.Since(env.started)
	}
	env.polls++
	if env.cfg.Concurrency == 1 {
		env.begun()
	}
	env.changed()
	env.mu.Unlock()
	if env.cfg.Asked != nil {
		env.cfg.Asked()
	}

	if !env.until(r.Context().Done(), env.extensionsWait) {
		return
	}
	var inv *invocation
	select {
	case inv = <-env.queue:
	case <-r.Context().Done():
		return
	}
	env.mu.Lock()
	inv.start = time.Now()
	inv.deadline = inv.start.Add(env.cfg.Timeout)
	env.tellExtensions(inv)
	env.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.event.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", env.cfg.arn())
	h.Set("Lambda-Runtime-Trace-Id", inv.event.TraceHeader)
	if inv.event.TenantID != "" {
		h.Set("Lambda-Runtime-Aws-Tenant-Id", inv.event.TenantID)
	}
	if inv.event.ClientContext != "" {
		h.Set("Lambda-Runtime-Client-Context", inv.event.ClientContext)
	}
	h.Set("Content-Length", strconv.Itoa(len(inv.event.Payload)))
	if inv.event.Taken != nil {
		inv.event.Taken()
	}
	close(inv.taken)
	w.Write(inv.event.Payload)
}

// find returns the invocation that a request answers. An invocation that has timed out is
// unknown by then, and its late answer is accepted and dropped. polls counts how often the function
// has asked for an event until now.
func (env *environment) find(r *http.Request) (inv *invocation, polls int) {
	env.mu.Lock()
	defer env.mu.Unlock()
	return env.inflight[r.PathValue("id")], env.polls
}

func (env *environment) response(w http.ResponseWriter, r *http.Request) {
	inv, polls := env.find(r)
	if inv == nil {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	body := &bounded{max: MaxResponse}
	dst, limit := io.Writer(body), int64(MaxResponse)
	if inv.event.Stream != nil && (inv.event.StreamType == "" || inv.event.StreamType == r.Header.Get("Content-Type")) {
		dst, limit = io.MultiWriter(body, inv), MaxStream
	}
	_, err := io.Copy(dst, io.LimitReader(r.Body, limit))
	if err == nil {
		var rest int64
		rest, err = io.Copy(io.Discard, r.Body) // to know the size
		body.size += rest
	}
	switch {
	case err != nil:
		inv.answer(env.failure(inv, "Runtime.TruncatedResponse", "the response broke off: "+err.Error()), polls)
		return
	case body.size > limit:
		inv.answer(env.failure(inv, ErrorTooLarge,
			fmt.Sprintf("Response payload size (%d bytes) exceeded maximum allowed payload size (%d bytes).", body.size, limit)), polls)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		w.Write(errorDocument("RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", limit)))
		return
	}
	result := &Result{
		RequestID:   inv.event.RequestID,
		Payload:     body.b.Bytes(),
		Size:        body.size,
		ContentType: r.Header.Get("Content-Type"),
		Failure:     inv.reported(),
		Duration:    time.Since(inv.start),
	}
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		result.ErrorType, result.ErrorMessage = kind, errorMessage(text)
	}
	inv.answer(result, polls)
	w.WriteHeader(http.StatusAccepted)
}

func (env *environment) failed(w http.ResponseWriter, r *http.Request) {
	inv, polls := env.find(r)
	body := &bounded{max: maxErrorText}
	io.Copy(body, r.Body)
	if inv == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	var doc struct {
		Type string `json:"errorType"`
	}
	json.Unmarshal(body.b.Bytes(), &doc)
	if doc.Type == "" {
		doc.Type = "Unhandled"
	}
	inv.answer(&Result{
		RequestID:    inv.event.RequestID,
		Payload:      body.b.Bytes(),
		Size:         body.size,
		ContentType:  "application/json",
		ErrorType:    doc.Type,
		ErrorMessage: errorMessage(body.b.Bytes()),
		Duration:     time.Since(inv.start),
	}, polls)
	w.WriteHeader(http.StatusAccepted)
}

// reportedFailure takes the error that a function gave to Invocation.Fail. Lambda has no such
// operation; the toolkit calls it only under LAMBDAKIT_LOCAL.
func (env *environment) reportedFailure(w http.ResponseWriter, r *http.Request) {
	inv, _ := env.find(r)
	f := new(Failure)
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxFailure)).Decode(f)
	switch {
	case inv == nil:
		w.WriteHeader(http.StatusNotFound)
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	default:
		inv.fail(f)
		w.WriteHeader(http.StatusAccepted)
	}
}

func errorMessage(doc []byte) string {
	var d struct {
		Message string `json:"errorMessage"`
	}
	json.Unmarshal(doc, &d)
	return d.Message
}

func errorDocument(kind, message string) []byte {
	doc, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return doc
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
