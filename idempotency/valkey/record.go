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

// stored is the text of a record. Times are numbers that other libraries may have written
// with a fraction.
type stored struct {
	Status     idempotency.Status `json:"status"`
	Expiration float64            `json:"expiration,omitempty"`             // seconds
	Lease      float64            `json:"in_progress_expiration,omitempty"` // milliseconds
	Validation string             `json:"validation,omitempty"`
	Owner      string             `json:"owner,omitempty"`
	Data       json.RawMessage    `json:"data,omitempty"`   // JSON in a string, or as it is
	Binary     *[]byte            `json:"binary,omitempty"` // data that is no JSON
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

// maxDepth is how deep a result may nest in a record as it is. The server's scripts read 1,000
// levels.
const maxDepth = 500

// readable reports whether the server's scripts can read data, which is JSON, inside a record:
// they refuse text that nests deeper than their limit, and half a surrogate pair.
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
		return nil, fmt.Errorf("%w: it has not the members of a record", idempotency.ErrInconsistent)
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

// dataOf returns what a string of data holds: JSON or, written by another library that has
// results as they are, the string itself.
func dataOf(text json.RawMessage) []byte {
	var s string
	if json.Unmarshal(text, &s) == nil && json.Valid([]byte(s)) {
		return []byte(s)
	}
	return text
}
