package batch_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// stream returns the event of a Kinesis stream with one record for each key.
func stream(keys ...string) batch.Event {
	var records []string
	for i, key := range keys {
		records = append(records, fmt.Sprintf(`{"eventSource":"aws:kinesis","eventID":"e%d","kinesis":{"partitionKey":%q,"sequenceNumber":"%d","data":"e30="}}`, i, key, i))
	}
	var e batch.Event
	e.UnmarshalJSON([]byte(`{"Records":[` + strings.Join(records, ",") + `]}`))
	return e
}

func TestKinesis_OrderSaysHowManyRunTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		order batch.Order
		want  int
	}{{batch.ByKey, 2}, {batch.ByShard, 1}, {batch.Unordered, 4}} {
		synctest.Test(t, func(t *testing.T) {
			var calls calls
			f := batch.Kinesis(calls.handle, &batch.Options{Concurrency: 10, Order: c.order, Decoder: func(_ []byte, v any) error {
				v.(*message).For = time.Second
				return nil
			}})
			if _, err := f(t.Context(), stream("a", "a", "b", "b")); err != nil || calls.most != c.want {
				t.Errorf("order %d: got %d records together and %v, want %d", c.order, calls.most, err, c.want)
			}
		})
	}
}
