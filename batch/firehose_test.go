package batch_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// delivery returns the event of a delivery stream with data.
func delivery(data ...string) batch.Event {
	var records []string
	for i, d := range data {
		records = append(records, fmt.Sprintf(`{"recordId":"r%d","data":"%s"}`, i, base64.StdEncoding.EncodeToString([]byte(d))))
	}
	var e batch.Event
	e.UnmarshalJSON([]byte(`{"deliveryStreamArn":"arn:aws:firehose:eu-west-1:123456789012:deliverystream/d","records":[` + strings.Join(records, ",") + `]}`))
	return e
}

func TestFirehose_DeadlineMakesAllRecordsComeAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data []string
		want string // the results; empty: an error
	}{
		{[]string{"", "", ""}, "Ok Ok Ok"},
		{[]string{"", "fail", ""}, "Ok ProcessingFailed Ok"},
		{[]string{"", "", "wait"}, ""},
		{[]string{"", "", "wrapped"}, ""},
		{[]string{"fail", "cycle"}, ""},
		{[]string{"cycle", "fail"}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			f := batch.Firehose(func(ctx context.Context, m *batch.Message[string]) error {
				if m.Body == "wrapped" { // as a client of an API does
					<-ctx.Done()
					return fmt.Errorf("get price: %w", ctx.Err())
				}
				return act(ctx, message{Do: m.Body})
			}, &batch.Options{Decoder: batch.Text})
			response, err := f(ctx, delivery(c.data...))
			var results []string
			for _, r := range response.Records {
				results = append(results, r.Result)
			}
			if got := strings.Join(results, " "); got != c.want || errors.Is(err, batch.ErrDeadline) != (c.want == "") {
				t.Errorf("%q: got the results %q and %v, want %q", c.data, got, err, c.want)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}
