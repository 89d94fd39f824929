package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

// Options configures a [Record]. A nil *Options, and every zero field, means the default.
type Options struct {
	// ExpiresAfter is the time to live of a record. The stream has it long before. Default: 7 days.
	ExpiresAfter time.Duration

	// Now is the clock for the time to live. Default: time.Now.
	Now func() time.Time
}

// Record is an event in the table. The tags are those of package attributevalue of the AWS SDK.
type Record struct {
	Group     string `dynamodbav:"group"` // partition key
	ID        string `dynamodbav:"id"`    // sort key; of the event
	Source    string `dynamodbav:"source"`
	Type      string `dynamodbav:"type"`
	Event     string `dynamodbav:"event"`      // JSON, with the metadata
	ExpiresAt int64  `dynamodbav:"expires_at"` // seconds since 1970
}

// Limits in bytes. (DynamoDB quotas: item size, partition key and sort key)
const (
	maxItem  = 400_000
	maxGroup = 2048
	maxID    = 1024
)

// New returns the record of an event. The metadata of the event come from ctx, as with
// events.Bus.Publish. An item has at most 400 KB, so New returns an error for a larger event.
func New(ctx context.Context, e events.Publishable, o *Options) (*Record, error) {
	c := Options{}
	if o != nil {
		c = *o
	}
	if c.ExpiresAfter <= 0 {
		c.ExpiresAfter = 7 * 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	text, err := events.Marshal(ctx, e)
	if err != nil {
		return nil, err
	}
	stored, err := events.Unmarshal(text)
	if err != nil {
		return nil, err
	}
	r := &Record{stored.Group, stored.ID, stored.Source, stored.Type, string(text), c.Now().Add(c.ExpiresAfter).Unix()}
	if r.Group == "" {
		r.Group = r.ID
	}
	if len(r.Group) > maxGroup || len(r.ID) > maxID {
		return nil, fmt.Errorf("outbox: %w: the group has %d bytes and the id %d, and keys of DynamoDB take %d and %d", events.ErrTooLarge, len(r.Group), len(r.ID), maxGroup, maxID)
	}
	if n := len(r.Group) + len(r.ID) + len(r.Source) + len(r.Type) + len(r.Event) + 64; n > maxItem {
		return nil, fmt.Errorf("outbox: %w: it has %d bytes, and an item of DynamoDB takes %d", events.ErrTooLarge, n, maxItem)
	}
	return r, nil
}

// errNoImage says how to mend the stream.
var errNoImage = errors.New("outbox: the stream has no new image of the item; its view type must be NEW_IMAGE or NEW_AND_OLD_IMAGES")

// Relay returns a function for lambdakit.Wrap that publishes the records of a stream with bus. The
// options are those of batch.DynamoDB; the relay sets Order and Concurrency, because records of a group
// keep their order.
//
// A record without an event, and an event that the service refuses, are permanent failures: see
// batch.Permanent. Removed records are done without publishing. A record that was written again is published
// again, with a warning, because two facts may have the same key.
func Relay(bus *events.Bus, o *batch.Options) func(context.Context, batch.Event) (batch.Response, error) {
	if bus == nil {
		panic("outbox: Relay: the bus is nil")
	}
	c := batch.Options{}
	if o != nil {
		c = *o
	}
	c.Order, c.Concurrency = batch.ByShard, 1
	return batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[Record]]) error {
		if m.Body.Event == batch.Remove {
			return nil
		}
		if m.Body.New == nil {
			return errNoImage
		}
		e, err := events.Unmarshal([]byte(m.Body.New.Event))
		if err != nil {
			return batch.Permanent(fmt.Errorf("outbox: the attribute event of the item: %w", err))
		}
		if m.Body.Event == batch.Modify {
			slog.WarnContext(ctx, "outbox: a record was written again, so its event is published again; if it is another fact, it needs another key, and the Put the condition attribute_not_exists(id)", "event_type", e.Type, "event_id", e.ID)
		}
		if err := bus.Publish(ctx, e); err != nil {
			if !events.IsTransient(err) {
				err = batch.Permanent(err)
			}
			return err
		}
		slog.DebugContext(ctx, "outbox: event published", "event_type", e.Type, "event_id", e.ID)
		return nil
	}, &c)
}
