package httpapi

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// appendAnswer appends the response event for the front end.
func (f *front) appendAnswer(dst []byte, a *answer, body []byte) []byte {
	dst = append(dst, `{"statusCode":`...)
	dst = jsonenc.AppendInt(dst, int64(a.status))
	switch f.kind {
	case LoadBalancer, Lattice, Lattice1:
		dst = append(dst, `,"statusDescription":`...)
		dst = jsonenc.AppendString(dst, strings.TrimSpace(strconv.Itoa(a.status)+" "+http.StatusText(a.status)))
	}
	dst = f.appendHeader(dst, a.sent, false)
	dst = append(dst, `,"body":`...)
	if !a.encoded && utf8.Valid(body) {
		dst = jsonenc.AppendString(dst, unsafe.String(unsafe.SliceData(body), len(body)))
		return append(dst, `,"isBase64Encoded":false}`...)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, body)
	return append(dst, `","isBase64Encoded":true}`...)
}

// appendPrelude appends what precedes the body of a stream.
func (f *front) appendPrelude(dst []byte, a *answer) []byte {
	dst = append(dst, `{"statusCode":`...)
	dst = jsonenc.AppendInt(dst, int64(a.status))
	dst = f.appendHeader(dst, a.sent, true)
	return append(append(dst, '}'), make([]byte, 8)...)
}

// appendHeader appends the members with the headers and cookies. prelude says that they are of a
// stream, which has cookies apart for all front ends, and no empty members.
func (f *front) appendHeader(dst []byte, lines []headerLine, prelude bool) []byte {
	var cookies []headerLine
	apart := prelude || f.kind == HTTPAPI || f.kind == FunctionURL
	open := false
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].name == lines[0].name {
			n++
		}
		same := lines[:n]
		lines = lines[n:]
		if apart && same[0].name == "Set-Cookie" {
			cookies = same
			continue
		}
		if !open {
			dst = f.appendOpening(dst)
			open = true
		} else {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendString(dst, same[0].name)
		dst = append(dst, ':')
		dst = f.appendValues(dst, same)
	}
	if !open && !prelude {
		dst = f.appendOpening(dst)
		open = true
	}
	if open {
		dst = append(dst, '}')
	}
	if len(cookies) > 0 {
		dst = append(dst, `,"cookies":`...)
		dst = appendList(dst, cookies)
	}
	return dst
}

// appendOpening begins the member with the headers.
func (f *front) appendOpening(dst []byte) []byte {
	if f.multiValue {
		return append(dst, `,"multiValueHeaders":{`...)
	}
	return append(dst, `,"headers":{`...)
}

// appendValues appends the values of a header.
func (f *front) appendValues(dst []byte, lines []headerLine) []byte {
	switch {
	case f.multiValue:
		return appendList(dst, lines)
	case lines[0].name == "Set-Cookie":
		if len(lines) > 1 {
			f.reportCookies()
		}
		return jsonenc.AppendString(dst, lines[len(lines)-1].value)
	}
	joined := lines[0].value
	for _, l := range lines[1:] {
		joined += ", " + l.value
	}
	return jsonenc.AppendString(dst, joined)
}

func appendList(dst []byte, lines []headerLine) []byte {
	dst = append(dst, '[')
	for i, l := range lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendString(dst, l.value)
	}
	return append(dst, ']')
}
