// Package bus has the parts that the senders of events share.
package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/request"
	"github.com/lambdakit/lambdakit/events"
)

// Sender sends events by requests to a service.
type Sender struct {
	Name string // of the package, the prefix of errors

	// Check returns an error if the service would not take an entry.
	Check func(*events.Entry) error

	// Request makes one request. It returns an error for each entry, or the error of the request.
	Request func(context.Context, []events.Entry) ([]error, error)
}

// Send makes one request with the entries that pass the check. It marks errors that another attempt
// may change.
func (s *Sender) Send(ctx context.Context, entries []events.Entry) []error {
	errs := make([]error, len(entries))
	var sent []events.Entry
	var at []int // their positions in entries
	for i := range entries {
		if err := s.Check(&entries[i]); err != nil {
			errs[i] = fmt.Errorf("%s: %w", s.Name, err)
			continue
		}
		sent, at = append(sent, entries[i]), append(at, i)
	}
	if len(sent) == 0 {
		return errs
	}
	results, err := s.Request(ctx, sent)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.Name, err)
		if request.Transient(ctx, err) {
			err = events.Transient(err)
		}
		for _, i := range at {
			errs[i] = err
		}
		return errs
	}
	for i, err := range results {
		if err != nil {
			errs[at[i]] = s.entryError(err)
		}
	}
	return errs
}

// All returns an error for each of n entries.
func All(err error, n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// entryError returns the error of an entry, marked if another attempt may change it.
func (s *Sender) entryError(err error) error {
	transient := errors.Is(err, request.ErrUnknown)
	var refused *request.Refused
	if errors.As(err, &refused) {
		transient = refused.Transient()
	}
	err = fmt.Errorf("%s: %w", s.Name, err)
	if transient {
		return events.Transient(err)
	}
	return err
}

// Attributes returns the message attributes of an event, as names and values. None is empty.
func Attributes(e *events.Entry) [][2]string {
	version := ""
	if e.Version != 0 {
		version = strconv.Itoa(e.Version)
	}
	all := [...][2]string{
		{"event_type", e.Type}, {"event_source", e.Source}, {"event_version", version}, {"event_id", e.ID},
		{"correlation_id", e.CorrelationID}, {"traceparent", e.TraceParent},
	}
	out := make([][2]string, 0, len(all))
	for _, a := range all {
		if a[1] != "" {
			out = append(out, [2]string{a[0], message.Text(a[1])})
		}
	}
	return out
}

// Size returns the number of bytes that SQS and SNS count for an event: the body, and the
// names, types and values of the attributes.
func Size(e *events.Entry) int {
	n := len(message.JSON(e.Body))
	for _, a := range Attributes(e) {
		n += message.Attribute(a[0], a[1])
	}
	return n
}

// CheckFIFO returns an error if an event cannot be sent to a FIFO queue or topic.
func CheckFIFO(e *events.Entry) error {
	if e.ID == "" {
		return errors.New("the event has no id, and FIFO needs one to recognise duplicates")
	}
	return nil
}

// FIFO returns the message group id and the deduplication id of an event.
func FIFO(e *events.Entry) (group, deduplication *string) {
	g, d := message.Identifier(cmp.Or(e.Group, e.ID)), message.Identifier(e.ID)
	return &g, &d
}
