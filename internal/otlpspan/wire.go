package otlpspan

import (
	"encoding/binary"
	"errors"
)

// Wire types. (Protocol Buffers, Encoding)
const (
	varint  = 0
	fixed64 = 1
	message = 2
	fixed32 = 5
)

var errWire = errors.New("the message is not valid protobuf")

// field is a field of a message. n has the value of a number, data that of a message, text or bytes.
type field struct {
	number int
	n      uint64
	data   []byte
}

// fields calls yield for each field of a message. It stops at the first error.
func fields(b []byte, yield func(f field) error) error {
	for len(b) > 0 {
		key, size := binary.Uvarint(b)
		if size <= 0 {
			return errWire
		}
		b = b[size:]
		f := field{number: int(key >> 3)}
		switch key & 7 {
		case varint:
			if f.n, size = binary.Uvarint(b); size <= 0 {
				return errWire
			}
		case message:
			length, at := binary.Uvarint(b)
			if at <= 0 || length > uint64(len(b)-at) {
				return errWire
			}
			size = at + int(length)
			f.data = b[at:size:size]
		case fixed64:
			if size = 8; len(b) < size {
				return errWire
			}
			f.n = binary.LittleEndian.Uint64(b)
		case fixed32:
			if size = 4; len(b) < size {
				return errWire
			}
			f.n = uint64(binary.LittleEndian.Uint32(b))
		default:
			return errWire
		}
		b = b[size:]
		if err := yield(f); err != nil {
			return err
		}
	}
	return nil
}
