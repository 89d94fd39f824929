package main

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"time"
)

// eventStream writes the response of InvokeWithResponseStream: messages in the format
// application/vnd.amazon.eventstream.
type eventStream struct {
	w         http.ResponseWriter
	requestID string
	begun     bool
}

// invokeComplete is the last event of the stream.
type invokeComplete struct {
	ErrorCode    string `json:",omitempty"`
	ErrorDetails string `json:",omitempty"`
	LogResult    string `json:",omitempty"`
}

// maxChunk is the largest payload of one event.
const maxChunk = 64 << 10

// streamWriteTimeout bounds a write to a caller that does not read.
const streamWriteTimeout = time.Minute

func (s *eventStream) begin() {
	if s.begun {
		return
	}
	s.begun = true
	h := s.w.Header()
	h.Set("Content-Type", "application/vnd.amazon.eventstream")
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("X-Amzn-Requestid", s.requestID)
}

// Write sends a part of the response immediately.
func (s *eventStream) Write(p []byte) (int, error) {
	s.begin()
	for rest := p; len(rest) > 0; {
		n := min(len(rest), maxChunk)
		if err := sendNow(s.w, eventMessage("PayloadChunk", "application/octet-stream", rest[:n])); err != nil {
			return len(p) - len(rest), err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

func (s *eventStream) end(e invokeComplete) {
	s.begin()
	body, _ := json.Marshal(e)
	sendNow(s.w, eventMessage("InvokeComplete", "application/json", body))
}

// sendNow sends a part of a response immediately.
func sendNow(w http.ResponseWriter, part []byte) error {
	control := http.NewResponseController(w)
	control.SetWriteDeadline(time.Now().Add(streamWriteTimeout))
	if _, err := w.Write(part); err != nil {
		return err
	}
	return control.Flush()
}

// eventMessage encodes an event: lengths and their checksum, headers, payload, checksum of all.
func eventMessage(eventType, contentType string, payload []byte) []byte {
	var headers []byte
	for _, h := range [][2]string{{":event-type", eventType}, {":content-type", contentType}, {":message-type", "event"}} {
		const stringType = 7
		headers = append(headers, byte(len(h[0])))
		headers = append(headers, h[0]...)
		headers = append(headers, stringType)
		headers = binary.BigEndian.AppendUint16(headers, uint16(len(h[1])))
		headers = append(headers, h[1]...)
	}
	const frame = 4 + 4 + 4 + 4 // two lengths, two checksums
	m := binary.BigEndian.AppendUint32(nil, uint32(frame+len(headers)+len(payload)))
	m = binary.BigEndian.AppendUint32(m, uint32(len(headers)))
	m = binary.BigEndian.AppendUint32(m, crc32.ChecksumIEEE(m))
	m = append(m, headers...)
	m = append(m, payload...)
	return binary.BigEndian.AppendUint32(m, crc32.ChecksumIEEE(m))
}
