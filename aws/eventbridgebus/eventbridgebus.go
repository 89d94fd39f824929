package eventbridgebus

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/bus"
	"github.com/lambdakit/lambdakit/aws/internal/request"
	"github.com/lambdakit/lambdakit/events"
)

// API is the part of an *eventbridge.Client that a Bus uses.
type API interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Options configures a [Bus]. A nil *Options, and every zero field, means the default.
type Options struct {
	// MaxBytes is the size that a request stays below. Default: 256 KB (262,144 bytes). In January
	// 2026 AWS raised the limit of PutEvents to 1 MB, so 1<<20 is possible if every target takes
	// events of that size. For example, an SNS topic takes 256 KB by default.
	MaxBytes int
}

// Limits of a request. (EventBridge, PutEvents)
const (
	maxEntries     = 10
	maxBytes       = 256 << 10
	maxDetailType  = 128 // characters
	maxTraceHeader = 500 // characters
	timeBytes      = 14
)

// Bus is an events.Sender. Make one with [New]. Several goroutines may use it at the same time.
type Bus struct {
	name   string
	max    int
	client func() API
}

var _ events.Sender = (*Bus)(nil)

// New returns the event bus with the name or ARN bus, such as "default". If bus is empty, as from a variable
// that is not set, publishing fails. New uses client. If client is nil, the first request makes one from environment variables: the region and
// the credentials that Lambda sets, and the endpoints that the SDK documents, such as
// AWS_ENDPOINT_URL_EVENTBRIDGE.
func New(client API, bus string, o *Options) *Bus {
	b := &Bus{name: bus, max: maxBytes}
	if o != nil && o.MaxBytes > 0 {
		b.max = o.MaxBytes
	}
	b.client = awsenv.Lazy(client, func(cfg aws.Config) API { return eventbridge.NewFromConfig(cfg) })
	return b
}

// Limits implements events.Sender.
func (b *Bus) Limits() events.Limits {
	return events.Limits{Entries: maxEntries, Bytes: b.max - 1, EntryBytes: b.max - 1, Size: size}
}

// size returns the bytes that EventBridge counts. (EventBridge User Guide, "Calculating PutEvents event
// entry size")
func size(e *events.Entry) int {
	n := len(e.Source) + len(e.Type) + len(e.Body)
	if !e.Time.IsZero() {
		n += timeBytes
	}
	return n
}

// Send implements events.Sender. It makes one request.
func (b *Bus) Send(ctx context.Context, entries []events.Entry) []error {
	if b.name == "" {
		return bus.All(errNoBus, len(entries))
	}
	s := bus.Sender{Name: "eventbridgebus", Check: check, Request: b.request}
	return s.Send(ctx, entries)
}

var errNoBus = errors.New(`eventbridgebus: the name of the event bus is empty; give "default" for the default one`)

// check finds a type that would never match a rule.
func check(e *events.Entry) error {
	if n := utf8.RuneCountInString(e.Type); n > maxDetailType {
		return fmt.Errorf("the type of the event has %d characters, and EventBridge takes %d", n, maxDetailType)
	}
	return nil
}

func (b *Bus) request(ctx context.Context, entries []events.Entry) ([]error, error) {
	in := &eventbridge.PutEventsInput{Entries: make([]types.PutEventsRequestEntry, len(entries))}
	for i := range entries {
		in.Entries[i] = b.entry(&entries[i])
	}
	out, err := b.client().PutEvents(ctx, in)
	if err != nil {
		return nil, request.Error(err)
	}
	errs := make([]error, len(entries))
	for i := range errs {
		switch {
		case len(out.Entries) != len(entries): // then positions mean nothing
			errs[i] = fmt.Errorf("%w: it has %d results for %d entries", request.ErrUnknown, len(out.Entries), len(entries))
		case aws.ToString(out.Entries[i].ErrorCode) != "":
			errs[i] = refused(*out.Entries[i].ErrorCode)
		case out.FailedEntryCount > 0 && aws.ToString(out.Entries[i].EventId) == "":
			errs[i] = request.ErrUnknown
		}
	}
	return errs, nil
}

func (b *Bus) entry(e *events.Entry) types.PutEventsRequestEntry {
	entry := types.PutEventsRequestEntry{Source: &e.Source, DetailType: &e.Type, Detail: aws.String(string(e.Body))}
	if b.name != "default" {
		entry.EventBusName = &b.name
	}
	if !e.Time.IsZero() {
		entry.Time = &e.Time
	}
	if e.TraceHeader != "" && utf8.RuneCountInString(e.TraceHeader) <= maxTraceHeader {
		entry.TraceHeader = &e.TraceHeader
	}
	return entry
}

// refused returns the error of an entry. (EventBridge, PutEventsResultEntry)
func refused(code string) error {
	switch code {
	case "InternalFailure", "InternalException", "ServiceUnavailable":
		return &request.Refused{Code: code}
	}
	return &request.Refused{Code: code, SenderFault: true}
}
