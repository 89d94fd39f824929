package execenv

import (
	"crypto/rand"
	"fmt"
)

// NewRequestID returns a request id such as Lambda's, a random UUID.
func NewRequestID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
