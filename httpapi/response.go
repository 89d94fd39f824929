package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
)

// sniffed is the number of bytes that http.DetectContentType reads.
const sniffed = 512

// answer is the status and the header of a response. A handler changes the header until the first
// WriteHeader.
type answer struct {
	request *http.Request
	header  http.Header
	sent    http.Header // as it was at the first WriteHeader
	status  int         // 0 before
}

func (a *answer) Header() http.Header {
	if a.header == nil {
		a.header = make(http.Header, 8)
	}
	return a.header
}

func (a *answer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if a.status != 0 || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	a.status, a.sent = status, a.header.Clone()
}

// bodyAllowed reports whether a response with the status may have a body.
func (a *answer) bodyAllowed() bool {
	return a.status >= 200 && a.status != http.StatusNoContent && a.status != http.StatusNotModified
}

// finish makes the header final. body is its beginning.
func (a *answer) finish(body []byte) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	h := a.sent
	if h == nil {
		h = make(http.Header)
		a.sent = h
	}
	encoded := h.Get("Content-Encoding") != ""
	if _, ok := h["Content-Type"]; !ok && !encoded && len(body) > 0 {
		h["Content-Type"] = []string{http.DetectContentType(body[:min(len(body), sniffed)])}
	}
	if a.status == http.StatusNotModified {
		delete(h, "Content-Type") // RFC 9110, 15.4.5
	}
	for name, values := range h {
		if len(values) == 0 || dropped(name) {
			delete(h, name)
		}
		for i, v := range values {
			values[i] = value(v)
		}
	}
}

// dropped reports whether a header belongs to the connection, or is not valid.
func dropped(name string) bool {
	switch name {
	case "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return strings.HasPrefix(name, http.TrailerPrefix) || !isToken(name)
}

// value returns a header value as net/http's server sends it: on one line, without space around it.
func value(v string) string { return textproto.TrimString(toOneLine.Replace(v)) }

var toOneLine = strings.NewReplacer("\n", " ", "\r", " ")

// buffered is the http.ResponseWriter of a response that is sent as a whole.
type buffered struct {
	answer
	body bytes.Buffer
	size int // of the body, which a HEAD request does not get
}

func (w *buffered) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.bodyAllowed() {
		return 0, http.ErrBodyNotAllowed
	}
	w.size += len(p)
	if w.request.Method == http.MethodHead {
		w.body.Write(p[:min(len(p), max(0, sniffed-w.body.Len()))])
		return len(p), nil
	}
	return w.body.Write(p)
}

func (w *buffered) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush implements http.Flusher. Nothing leaves before the handler returns.
func (w *buffered) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}
