package batch_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// Without the rule, no message would ever be handled, and all would end in the dead-letter queue.
func TestOptions_AReserveThatLeavesNoTime(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	event := lambdatest.SQS("orders", "a")
	for reserve, want := range map[time.Duration]struct {
		left    time.Duration // of the handler
		warning string
	}{
		0:                       {2500 * time.Millisecond, ""},
		2999 * time.Millisecond: {time.Millisecond, ""},
		3 * time.Second:         {2500 * time.Millisecond, "reserve=3s left=3s"},
		time.Minute:             {2500 * time.Millisecond, "reserve=1m0s left=3s"},
	} {
		log.Reset()
		var left []time.Duration
		h := lambdakit.Wrap(batch.SQS(func(ctx context.Context, _ *batch.Message[string]) error {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline))
			return nil
		}, &batch.Options{Decoder: batch.Text, Reserve: reserve}))
		synctest.Test(t, func(t *testing.T) {
			for range 2 {
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if _, err := h.Invoke(ctx, event); err != nil {
					t.Error(err)
				}
			}
		})
		if len(left) != 2 || left[0] != want.left || left[1] != want.left {
			t.Errorf("Reserve %v: got handlers with the times %v left, want %v twice", reserve, left, want.left)
		}
		if got := log.String(); !strings.Contains(got, want.warning) || strings.Count(got, "\n") != min(len(want.warning), 1) {
			t.Errorf("Reserve %v: got %s, want one warning with %q, or none", reserve, got, want.warning)
		}
	}
}
