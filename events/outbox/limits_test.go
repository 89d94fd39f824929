package outbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/outbox"
)

// sized returns an event with a group, an id and data of these lengths.
func sized(group, id, data int) *events.Event[confirmed] {
	e := orderConfirmed.New("o-1", confirmed{strings.Repeat("x", data)})
	e.Group, e.ID = strings.Repeat("g", group), strings.Repeat("i", id)
	e.Time = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	return e
}

func TestNew_Limits(t *testing.T) {
	t.Parallel()
	small, err := outbox.New(t.Context(), sized(1, 1, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	most := 400_000 - 64 - len(small.Group) - len(small.ID) - len(small.Source) - len(small.Type) - len(small.Event)
	for name, c := range map[string]struct {
		event *events.Event[confirmed]
		ok    bool
	}{
		"largest group":   {sized(2048, 1, 0), true},
		"group too large": {sized(2049, 1, 0), false},
		"largest id":      {sized(1, 1024, 0), true},
		"id too large":    {sized(1, 1025, 0), false},
		"largest item":    {sized(1, 1, most), true},
		"item too large":  {sized(1, 1, most+1), false},
	} {
		r, err := outbox.New(t.Context(), c.event, nil)
		if c.ok && (err != nil || r.Group != c.event.Group || r.ID != c.event.ID) {
			t.Errorf("%s: got %.200v, want a record", name, err)
		}
		if !c.ok && (!errors.Is(err, events.ErrTooLarge) || !strings.HasPrefix(err.Error(), "outbox: ")) {
			t.Errorf("%s: got %.200v, want %v", name, err, events.ErrTooLarge)
		}
	}
}

func TestNew_Defaults(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(1_000_000, 0) }
	alone := orderConfirmed.New("o-1", confirmed{})
	alone.Group = ""
	for name, o := range map[string]*outbox.Options{"zero": {Now: now}, "negative": {Now: now, ExpiresAfter: -time.Hour}} {
		r, err := outbox.New(t.Context(), alone, o)
		if err != nil || r.Group != alone.ID || r.ExpiresAt != 1_000_000+7*24*3600 {
			t.Errorf("%s: got %+v, %v, want the id as the group, and an end after 7 days", name, r, err)
		}
	}
	before := time.Now().Add(7 * 24 * time.Hour).Unix()
	if r, err := outbox.New(t.Context(), alone, nil); err != nil || r.ExpiresAt < before {
		t.Errorf("without options: got %+v, %v, want an end after %d", r, err, before)
	}
	if r, err := outbox.New(t.Context(), nil, nil); !errors.Is(err, events.ErrMalformed) || !strings.HasSuffix(err.Error(), ": it is nil") {
		t.Errorf("nil: got %v, %v, want %v: it is nil", r, err, events.ErrMalformed)
	}
}
