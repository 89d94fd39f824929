package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"unsafe"
)

// sniffed is the number of bytes that http.DetectContentType reads.
const sniffed = 512

// answer is the status and the header of a response. A handler changes the header until the first
// WriteHeader.
type answer struct {
	request *http.Request
	header  http.Header
	sent    []headerLine // header as it was at the first WriteHeader, sorted by name
	typed   bool         // the handler has set the content type, or wants none
	encoded bool         // the body has a content encoding
	status  int          // 0 before
	length  string       // the Content-Length of the handler
}

// headerLine is a header with one of its values.
type headerLine struct{ name, value string }

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
	a.status, a.sent = status, make([]headerLine, 0, len(a.header)+1)
	_, a.typed = a.header["Content-Type"]
	for name, values := range a.header {
		name = http.CanonicalHeaderKey(name)
		if len(values) > 0 {
			switch name {
			case "Content-Encoding":
				a.encoded = values[0] != ""
			case "Content-Length":
				a.length = values[0]
			}
		}
		if dropped(name) || status == http.StatusNotModified && name == "Content-Type" { // RFC 9110, 15.4.5
			continue
		}
		for _, v := range values {
			a.add(name, value(v))
		}
	}
}

// add adds a line to sent, which is sorted by name.
//
//go:noinline
func (a *answer) add(name, value string) {
	line := headerLine{name, value}
	a.sent = append(a.sent, line)
	i := len(a.sent) - 1
	for ; i > 0 && a.sent[i-1].name > name; i-- {
		a.sent[i] = a.sent[i-1]
	}
	a.sent[i] = line
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
	if !a.typed && !a.encoded && len(body) > 0 {
		a.add("Content-Type", http.DetectContentType(body[:min(len(body), sniffed)]))
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
func value(v string) string {
	if strings.IndexByte(v, '\n') >= 0 || strings.IndexByte(v, '\r') >= 0 {
		v = toOneLine.Replace(v)
	}
	return textproto.TrimString(v)
}

var toOneLine = strings.NewReplacer("\n", " ", "\r", " ")

// buffered is the http.ResponseWriter of a response that is sent as a whole.
type buffered struct {
	answer
	body bytes.Buffer
}

func (w *buffered) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.bodyAllowed() {
		return 0, http.ErrBodyNotAllowed
	}
	if w.request.Method == http.MethodHead {
		w.body.Write(p[:min(len(p), max(0, sniffed-w.body.Len()))])
		return len(p), nil
	}
	return w.body.Write(p)
}

func (w *buffered) WriteString(s string) (int, error) {
	return w.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// Flush implements http.Flusher. Nothing leaves before the handler returns.
func (w *buffered) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}
