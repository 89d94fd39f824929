package outbox_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/outbox"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// Not parallel: the default logger is of the whole process.
func TestRelay_Lines(t *testing.T) {
	usual := slog.Default()
	defer slog.SetDefault(usual)
	a := newRecord(t, "o-1")
	keys := map[string]any{"group": a.Group, "id": a.ID}
	for name, c := range map[string]struct {
		change lambdatest.Change
		want   []string
	}{
		"inserted":      {insert(a), []string{`level=DEBUG msg="outbox: event published" event_type=OrderConfirmed event_id=` + a.ID}},
		"written again": {lambdatest.Change{Keys: keys, Old: image(a), New: image(a)}, []string{`level=WARN msg="outbox: a record was written again`, `msg="outbox: event published"`}},
		"removed":       {lambdatest.Change{Keys: keys, Old: image(a)}, nil},
	} {
		var b bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
		lambdatest.Run(t, outbox.Relay(events.New(new(events.Memory), nil), nil), lambdatest.DynamoDB("outbox", c.change))
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(c.want) == 0 {
			if b.Len() > 0 {
				t.Errorf("%s: got %s, want no line", name, &b)
			}
			continue
		}
		if len(lines) != len(c.want) {
			t.Errorf("%s: got %s, want %d lines", name, &b, len(c.want))
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(lines[i], want) {
				t.Errorf("%s: got the line %s, want %s in it", name, lines[i], want)
			}
		}
	}
}
