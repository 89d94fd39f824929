package lambdakit

import "io"

// responseKind is the state of the response.
type responseKind uint8

const (
	responseUnset     responseKind = iota // Lambda gets null
	responseBytes                         // set by SetResponse
	responseStream                        // set by SetStream; no one reads it yet
	responseStreaming                     // a Stream reads it and will close it
)

// Response returns the current response, which may be empty. It returns nil if no response is set,
// if the response is a stream, and after the end. Do not change the bytes.
func (inv *Invocation) Response() []byte {
	inv.mu.Lock()
	response := inv.response
	inv.mu.Unlock()
	return response
}

// SetResponse sets the response, and replaces an earlier response. The caller must not change the
// bytes afterwards. Call it in a Handler, before the Handler returns.
func (inv *Invocation) SetResponse(response []byte) {
	if response == nil {
		response = []byte{} // a response, although empty
	}
	inv.storeResponse(responseBytes, response, nil, "")
}

// Stream returns the response stream, or nil if the response is not a stream.
func (inv *Invocation) Stream() io.Reader {
	inv.mu.Lock()
	r := inv.readUncommon().stream
	inv.mu.Unlock()
	return r
}

// Streams reports whether [WrapStream] made the function, so its response may be streamed.
func (inv *Invocation) Streams() bool { return inv.fromWrapStream }

// Unencoded reports whether the user's function returned without an error, but its response could
// not be encoded or read. The work of the function is done in this case, although the invocation
// fails with the error of encoding/json or of the reader.
func (inv *Invocation) Unencoded() bool {
	inv.mu.Lock()
	unencoded := inv.unencoded
	inv.mu.Unlock()
	return unencoded
}

func (inv *Invocation) setUnencoded() {
	inv.mu.Lock()
	inv.unencoded = true
	inv.mu.Unlock()
}

// SetStream makes r the response stream. It replaces an earlier response, and closes an earlier
// stream. If r is an io.Closer, it is closed at the end.
//
// If contentType is empty, the media type comes from the ContentType() string method of r. Without
// the method it is application/octet-stream.
//
// Call SetStream in a Handler, before the Handler returns. Only functions made by [WrapStream]
// stream the response. The other functions read r to its end first.
func (inv *Invocation) SetStream(r io.Reader, contentType string) {
	inv.storeResponse(responseStream, nil, r, contentType)
}

func (inv *Invocation) storeResponse(kind responseKind, response []byte, r io.Reader, contentType string) {
	inv.mu.Lock()
	old := inv.readUncommon().stream
	inv.responseKind, inv.response = kind, response
	if r != nil || old != nil {
		u := inv.writeUncommon()
		u.stream, u.contentType = r, contentType
	}
	inv.mu.Unlock()
	closeStream(old)
}

// takeStream removes the response stream and returns it. The caller must close it.
func (inv *Invocation) takeStream() (r io.Reader, contentType string) {
	inv.mu.Lock()
	u := inv.writeUncommon()
	r, contentType = u.stream, u.contentType
	u.stream = nil
	inv.mu.Unlock()
	return r, contentType
}

// answer returns the response bytes; null if no response was set.
func (inv *Invocation) answer() []byte {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.responseKind == responseUnset {
		return []byte("null")
	}
	return inv.response
}

func closeStream(r io.Reader) {
	if c, ok := r.(io.Closer); ok {
		defer recoverHook("Close method of a response stream")
		c.Close()
	}
}
