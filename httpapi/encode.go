package httpapi

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// appendAnswer appends the response event for the front end.
func (f *front) appendAnswer(dst []byte, a *answer, body []byte) []byte {
	dst = append(dst, `{"statusCode":`...)
	dst = strconv.AppendInt(dst, int64(a.status), 10)
	switch f.kind {
	case LoadBalancer, Lattice, Lattice1:
		dst = append(dst, `,"statusDescription":`...)
		dst = jsonenc.AppendString(dst, strings.TrimSpace(strconv.Itoa(a.status)+" "+http.StatusText(a.status)))
	}
	dst = f.appendHeader(dst, a.sent, false)
	dst = append(dst, `,"body":`...)
	if a.sent.Get("Content-Encoding") == "" && utf8.Valid(body) {
		dst = jsonenc.AppendString(dst, string(body))
		return append(dst, `,"isBase64Encoded":false}`...)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, body)
	return append(dst, `","isBase64Encoded":true}`...)
}

// appendPrelude appends what precedes the body of a stream.
func (f *front) appendPrelude(dst []byte, a *answer) []byte {
	dst = append(dst, `{"statusCode":`...)
	dst = strconv.AppendInt(dst, int64(a.status), 10)
	dst = f.appendHeader(dst, a.sent, true)
	return append(append(dst, '}'), make([]byte, 8)...)
}

// appendHeader appends the members with the headers and cookies. prelude says that they are of a
// stream, which has cookies apart for all front ends, and no empty members.
func (f *front) appendHeader(dst []byte, h http.Header, prelude bool) []byte {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	cookies := h["Set-Cookie"]
	apart := prelude || f.kind == HTTPAPI || f.kind == FunctionURL
	if apart {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "Set-Cookie" })
	}
	if len(names) > 0 || !prelude {
		member := `,"headers":{`
		if f.multiValue {
			member = `,"multiValueHeaders":{`
		}
		dst = append(dst, member...)
		for i, name := range names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = jsonenc.AppendString(dst, name)
			dst = append(dst, ':')
			dst = f.appendValues(dst, name, h[name])
		}
		dst = append(dst, '}')
	}
	if apart && len(cookies) > 0 {
		dst = append(dst, `,"cookies":`...)
		dst = appendList(dst, cookies)
	}
	return dst
}

// appendValues appends the values of a header.
func (f *front) appendValues(dst []byte, name string, values []string) []byte {
	switch {
	case f.multiValue:
		return appendList(dst, values)
	case name == "Set-Cookie":
		if len(values) > 1 {
			f.reportCookies()
		}
		return jsonenc.AppendString(dst, values[len(values)-1])
	}
	return jsonenc.AppendString(dst, strings.Join(values, ", "))
}

func appendList(dst []byte, values []string) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendString(dst, v)
	}
	return append(dst, ']')
}
