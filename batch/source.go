package batch

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// source is a kind of event source.
type source struct {
	caller     string   // the function of this package
	name       string   // for texts
	eventNames []string // of the member eventSource
	system     string   // lambdakit.Message.System
	tombstones bool     // a record may have no payload

	record  func(r *Record, key []byte, start, end int) // takes a member of a record
	open    func(r *Record)                             // fills the Message
	payload func(r *Record) ([]byte, error)             // nil if the records have none
}

// records reads the list at text[start] of an event.
func (s *source) records(text []byte, start int, records []Record) ([]Record, int, error) {
	var bad error
	end, err := jsonscan.WalkArray(text, start, func(start int) (int, bool) {
		var end int
		if records, end, bad = s.one(text, start, records); bad != nil {
			return 0, false
		}
		return end, true
	})
	if bad != nil {
		return nil, 0, bad
	}
	if err != nil {
		return nil, 0, fmt.Errorf("batch: %s: the records are no valid JSON list", s.caller)
	}
	return records, end, nil
}

// maxRecords is the largest batch of a queue or stream, by the AWS Lambda Developer Guide.
const maxRecords = 10_000

// one appends the record at text[start].
func (s *source) one(text []byte, start int, records []Record) ([]Record, int, error) {
	i := len(records)
	if i == 1 { // most records are as long as the first one
		rest := (len(text) - start) / int(records[0].raw.end-records[0].raw.start)
		records = slices.Grow(records, min(rest, maxRecords))
	}
	records = append(records, Record{source: s, event: text})
	r := &records[i]
	var other []byte // the value of eventSource
	end, err := jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(text, start)
		if !ok {
			return 0, false
		}
		switch string(key) {
		case `"eventSource"`, `"EventSource"`:
			other = text[start:end]
		case `"eventSourceARN"`:
			r.arn = newSpan(start, end)
		default:
			s.record(r, key, start, end)
		}
		return end, true
	})
	if err != nil {
		return nil, 0, fmt.Errorf("batch: %s: record %d is no valid JSON object", s.caller, i)
	}
	r.raw = newSpan(start, end)
	if s.eventNames != nil {
		if name, _ := jsonscan.String(other); name != s.eventNames[0] {
			return nil, 0, s.wrongSource(i, name)
		}
	}
	return records, end, nil
}

// wrongSource is the error for an event of another source.
func (s *source) wrongSource(i int, name string) error {
	if name == "" {
		return fmt.Errorf("batch: %s: record %d has no eventSource; %s sends %q", s.caller, i, s.name, s.eventNames[0])
	}
	return fmt.Errorf("batch: %s: record %d is of the event source %.64q; %s sends %q", s.caller, i, name, s.name, s.eventNames[0])
}

// event reads an event with the member Records.
func (s *source) event(text []byte) ([]Record, error) {
	var records []Record
	found := false
	var bad error
	_, err := jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		if string(key) != `"Records"` {
			return jsonscan.Skip(text, start)
		}
		found = true
		var end int
		records, end, bad = s.records(text, start, records)
		return end, bad == nil
	})
	switch {
	case bad != nil:
		return nil, bad
	case err != nil:
		return nil, fmt.Errorf("batch: %s: the event is no valid JSON object", s.caller)
	case !found:
		return nil, fmt.Errorf("batch: %s: the event has no Records, so it is not from %s", s.caller, s.name)
	}
	return records, nil
}

// number finishes the Messages of a batch.
func number(records []Record) {
	name, arn := "", []byte(nil)
	for i := range records {
		r := &records[i]
		r.Index, r.Of, r.System = i, len(records), r.source.system
		if a := r.text(r.arn); string(a) != string(arn) { // usually the same in all records
			arn, name = a, resourceName(r.string(r.arn))
		}
		r.Source = name
	}
}

// resourceName returns the name in the ARN of a queue, stream, table or delivery stream.
func resourceName(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	name := parts[len(parts)-1]
	if _, after, ok := strings.Cut(name, "/"); ok {
		name, _, _ = strings.Cut(after, "/")
	}
	return name
}

// millis returns the time of a number of milliseconds, which may be in a string.
func (r *Record) millis(s span) time.Time {
	digits := bytes.Trim(r.text(s), `"`)
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' || n > 1<<53 {
			return time.Time{}
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// seconds returns the time of a number of seconds, which may have a fraction.
func (r *Record) seconds(s span) time.Time {
	f, err := strconv.ParseFloat(r.string(s), 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(f * 1000))
}
