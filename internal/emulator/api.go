package emulator

import (
	"bytes"
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

// api serves the Runtime API, version 2018-06-01, and the registration of an
// internal extension, version 2020-01-01.
func (env *environment) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", env.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", env.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", env.failed)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(env.stderr, r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, r *http.Request) {
		env.mu.Lock()
		env.wantTERM = true
		env.mu.Unlock()
		w.Header().Set("Lambda-Extension-Identifier", newRequestID())
		fmt.Fprintf(w, `{"functionName":%q,"functionVersion":"$LATEST","handler":"bootstrap"}`, env.cfg.FunctionName)
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(w http.ResponseWriter, r *http.Request) {
		select { // the extension registered for no events
		case <-env.gone:
		case <-r.Context().Done():
		}
	})
	return mux
}

func (env *environment) next(w http.ResponseWriter, r *http.Request) {
	env.mu.Lock()
	if !env.asked {
		env.asked = true
		env.init = time.Since(env.started)
		close(env.firstAsk)
	}
	env.mu.Unlock()

	var inv *invocation
	select {
	case inv = <-env.queue:
	case <-r.Context().Done():
		return
	}
	env.mu.Lock()
	inv.start = time.Now()
	inv.deadline = inv.start.Add(env.cfg.Timeout)
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
	h.Set("Content-Length", strconv.Itoa(len(inv.event.Payload)))
	close(inv.taken)
	w.Write(inv.event.Payload)
}

// find returns the invocation that a request answers. One that has timed out is
// unknown by then, and its late answer is accepted and dropped.
func (env *environment) find(r *http.Request) *invocation {
	env.mu.Lock()
	defer env.mu.Unlock()
	return env.inflight[r.PathValue("id")]
}

func (env *environment) response(w http.ResponseWriter, r *http.Request) {
	inv := env.find(r)
	var body bytes.Buffer
	dst := io.Writer(&body)
	if inv != nil {
		dst = io.MultiWriter(&body, inv)
	}
	_, err := io.Copy(dst, r.Body)
	if inv == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if err != nil {
		inv.answer(env.failure(inv, "Runtime.TruncatedResponse", "the response broke off: "+err.Error()))
		return
	}
	result := &Result{
		RequestID:   inv.event.RequestID,
		Payload:     body.Bytes(),
		ContentType: r.Header.Get("Content-Type"),
		Duration:    time.Since(inv.start),
	}
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		result.ErrorType, result.ErrorMessage = kind, errorMessage(text)
	}
	w.WriteHeader(http.StatusAccepted)
	inv.answer(result)
}

func (env *environment) failed(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	inv := env.find(r)
	if inv == nil {
		return
	}
	var doc struct {
		Type string `json:"errorType"`
	}
	json.Unmarshal(body, &doc)
	if doc.Type == "" {
		doc.Type = "Unhandled"
	}
	inv.answer(&Result{
		RequestID:    inv.event.RequestID,
		Payload:      body,
		ContentType:  "application/json",
		ErrorType:    doc.Type,
		ErrorMessage: errorMessage(body),
		Duration:     time.Since(inv.start),
	})
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

// newRequestID returns a random UUID.
func newRequestID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

func newTraceHeader() string {
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=1", time.Now().Unix(), randomHex(12), randomHex(8))
}
