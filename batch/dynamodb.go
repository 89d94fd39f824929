package batch

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/batch/internal/image"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// Change is a change of a table item. The view type of the stream decides which images it has.
type Change[T any] struct {
	Event   ChangeEvent
	Old     *T   // the item before; nil for an Insert, or if the stream has no old images
	New     *T   // the item after; nil for a Remove, or if the stream has no new images
	Expired bool // DynamoDB removed the item because its time to live was over
}

// ChangeEvent is a kind of change of an item.
type ChangeEvent string

const (
	Insert ChangeEvent = "INSERT"
	Modify ChangeEvent = "MODIFY"
	Remove ChangeEvent = "REMOVE"
)

// DynamoDB returns a function for [lambdakit.Wrap], or for lambda.Start, that calls handler for
// each change in a DynamoDB stream. The images are decoded into T by [UnmarshalImage], with the
// names of dynamodbav tags. Options.Order says which records are handled one after the other.
//
// DynamoDB panics if handler is nil, if an option is invalid, or if Options.Decoder or
// Options.Unwrap is set.
func DynamoDB[T any](handler func(ctx context.Context, m *Message[Change[T]]) error, o *Options) func(context.Context, Event) (Response, error) {
	if handler == nil {
		panic("batch: DynamoDB: the handler is nil")
	}
	if o != nil && (o.Decoder != nil || o.Unwrap != nil) {
		panic("batch: DynamoDB: Options.Decoder and Options.Unwrap do not apply to table items; leave them out")
	}
	c := o.config("DynamoDB")
	return stream(&dynamodb, c, itemKey, func(ctx context.Context, r *Record) error {
		m := &Message[Change[T]]{Record: r}
		m.Body.Event, m.Body.Expired = ChangeEvent(r.string(r.name)), r.expired
		for i, to := range []**T{&m.Body.Old, &m.Body.New} {
			if r.images[i] == (span{}) {
				continue
			}
			*to = new(T)
			if err := UnmarshalImage(r.text(r.images[i]), *to); err != nil {
				return newDecodeError(reflect.TypeFor[T](), problem("%v", err), execenv.FromContext(ctx).Local())
			}
		}
		return handler(ctx, m)
	})
}

// UnmarshalImage decodes an image of an item into the pointer v, as package attributevalue of the
// AWS SDK does. An image is JSON such as {"id":{"S":"o-1"},"total":{"N":"8.50"}}. A field has the
// name in its dynamodbav tag, or otherwise its Go name; case does not matter. Errors do not repeat
// the image.
func UnmarshalImage(data []byte, v any) error { return image.Unmarshal(data, v) }

// Keys decodes the primary key of the item of a DynamoDB record into the pointer v, as
// [UnmarshalImage] does.
func (r *Record) Keys(v any) error { return UnmarshalImage(r.text(r.key), v) }

var dynamodb = source{
	caller: "DynamoDB", name: "DynamoDB Streams", eventNames: []string{"aws:dynamodb"}, system: "aws_dynamodb",
	record: dynamodbMember, open: openDynamoDB,
}

func dynamodbMember(r *Record, key []byte, start, end int) {
	switch string(key) {
	case `"eventName"`:
		r.name = newSpan(start, end)
	case `"eventID"`:
		r.payload = newSpan(start, end)
	case `"userIdentity"`:
		principal, _ := jsonscan.Find(r.event[start:end], []jsonscan.Step{{Name: "principalId"}})
		r.expired = string(principal) == `"dynamodb.amazonaws.com"`
	case `"dynamodb"`:
		text := r.event
		jsonscan.Walk(text, start, func(key []byte, start int) (int, bool) {
			end, ok := jsonscan.Skip(text, start)
			if !ok || string(text[start:end]) == "null" {
				return end, ok
			}
			switch string(key) {
			case `"SequenceNumber"`:
				r.identifier = newSpan(start, end)
			case `"Keys"`:
				r.key = newSpan(start, end)
			case `"OldImage"`:
				r.images[0] = newSpan(start, end)
			case `"NewImage"`:
				r.images[1] = newSpan(start, end)
			case `"ApproximateCreationDateTime"`:
				r.sent = newSpan(start, end)
			}
			return end, true
		})
	}
}

func openDynamoDB(r *Record) {
	r.ID, r.Group, r.Sent = r.string(r.payload), itemKey(r), r.seconds(r.sent)
	if r.ID == "" {
		r.ID = r.string(r.identifier)
	}
}

// itemKey returns the primary key of an item as text. The order of its attributes does not matter.
func itemKey(r *Record) string {
	text := r.text(r.key)
	var attributes []string
	jsonscan.Walk(text, 0, func(key []byte, start int) (int, bool) {
		end, ok := jsonscan.Skip(text, start)
		if ok {
			attributes = append(attributes, string(key)+":"+string(text[start:end]))
		}
		return end, ok
	})
	slices.Sort(attributes)
	return "{" + strings.Join(attributes, ",") + "}"
}
