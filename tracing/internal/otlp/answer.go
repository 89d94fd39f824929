package otlp

import "encoding/binary"

// PartialSuccess reads the answer to a request, an ExportTraceServiceResponse: how many spans the
// backend rejected, and its message. A text that is not protobuf has neither.
func PartialSuccess(answer []byte) (rejected int64, message string) {
	fields(answer, func(field int, n uint64, value []byte) {
		if field != 1 || value == nil {
			return
		}
		fields(value, func(field int, n uint64, value []byte) {
			switch field {
			case 1:
				rejected = int64(n)
			case 2:
				message = string(value)
			}
		})
	})
	return rejected, message
}

// Status returns the message of an answer with an error, a google.rpc.Status.
func Status(answer []byte) (message string) {
	fields(answer, func(field int, _ uint64, value []byte) {
		if field == 2 {
			message = string(value)
		}
	})
	return message
}

// fields calls yield with each field of a message: a number, or the bytes of a nested value. It
// stops at an error.
func fields(b []byte, yield func(field int, n uint64, value []byte)) {
	for len(b) > 0 {
		key, size := binary.Uvarint(b)
		if size <= 0 {
			return
		}
		b = b[size:]
		var n uint64
		var value []byte
		switch key & 7 {
		case varint:
			if n, size = binary.Uvarint(b); size <= 0 {
				return
			}
		case message:
			length, at := binary.Uvarint(b)
			if at <= 0 || length > uint64(len(b)-at) {
				return
			}
			size = at + int(length)
			value = b[at:size:size]
		case fixed64:
			size = 8
		case fixed32:
			size = 4
		default:
			return
		}
		if size > len(b) {
			return
		}
		b = b[size:]
		yield(int(key>>3), n, value)
	}
}
