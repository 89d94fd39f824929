package valkey

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency"
)

// stored is the JSON of a record. Other libraries may write times with a fraction.
type stored struct {
	Status     idempotency.Status `json:"status"`
	Expiration float64            `json:"expiration,omitempty"`             // seconds
	Lease      float64            `json:"in_progress_expiration,omitempty"` // milliseconds
	Validation string             `json:"validation,omitempty"`
	Owner      string             `json:"owner,omitempty"`
	Data       json.RawMessage    `json:"data,omitempty"`   // JSON in a string, or JSON
	Binary     *[]byte            `json:"binary,omitempty"` // data that is not JSON
}

func encode(r *idempotency.Record, native bool) (string, error) {
	s := stored{Status: r.Status, Validation: r.Validation, Owner: r.Owner}
	if !r.Expiration.IsZero() {
		s.Expiration = float64(r.Expiration.Unix())
	}
	if !r.Lease.IsZero() {
		s.Lease = float64(r.Lease.UnixMilli())
	}
	var err error
	switch {
	case r.Status != idempotency.Completed:
	case !utf8.Valid(r.Data) || !json.Valid(r.Data), native && !readable(r.Data):
		s.Binary = &r.Data
	case native:
		s.Data = r.Data
	default:
		s.Data, err = json.Marshal(string(r.Data))
	}
	if err != nil {
		return "", err
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err = enc.Encode(s)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// maxDepth is how many levels a result with NativeData may have. Scripts on the server can read
// 1,000 levels.
const maxDepth = 500

// readable reports whether scripts on the server can read data, which is JSON, inside a record. They
// refuse too many levels and half of a surrogate pair.
func readable(data []byte) bool {
	depth, inText, high := 0, false, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		escape := inText && c == '\\'
		if high && !(escape && data[i+1] == 'u') {
			return false
		}
		switch {
		case escape && data[i+1] == 'u':
			unit, _ := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
			low := unit >= 0xDC00 && unit < 0xE000
			if high != low {
				return false
			}
			high = unit >= 0xD800 && unit < 0xDC00
			i += 5
		case escape:
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

func decode(key, text string, native bool) (*idempotency.Record, error) {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("%w: it does not have the members of a record", idempotency.ErrInconsistent)
	}
	r := &idempotency.Record{Key: key, Status: s.Status, Owner: s.Owner, Validation: s.Validation}
	if s.Expiration != 0 {
		r.Expiration = time.UnixMilli(int64(math.Round(s.Expiration * 1000)))
	}
	if s.Lease != 0 {
		r.Lease = time.UnixMilli(int64(s.Lease))
	}
	switch {
	case s.Binary != nil:
		r.Data = *s.Binary
	case !native && len(s.Data) > 0 && s.Data[0] == '"':
		r.Data = dataOf(s.Data)
	default:
		r.Data = s.Data
	}
	return r, nil
}

// dataOf returns the JSON in a string of data. If the string is not JSON, a library without JSON in
// strings wrote it, and the string is the result.
func dataOf(text json.RawMessage) []byte {
	var s string
	if json.Unmarshal(text, &s) == nil && json.Valid([]byte(s)) {
		return []byte(s)
	}
	return text
}
