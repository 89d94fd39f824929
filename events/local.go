package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/lambdakit/lambdakit/internal/localbus"
)

// Local returns the Sender for "lambdakit run -events". The runner delivers the events to the same
// function, as a rule of EventBridge with queues as its targets does. Elsewhere, also under "lambdakit run"
// without -events, Local returns otherwise:
//
//	bus := events.New(events.Local(eventbridgebus.New(nil, "shop", nil)), nil)
//
// The runner is known by the environment variable LAMBDAKIT_EVENTS, which only the runner sets.
func Local(otherwise Sender) Sender {
	url := os.Getenv(localbus.Variable)
	if url == "" {
		return otherwise
	}
	return &local{url: url, client: &http.Client{Timeout: 5 * time.Second}}
}

// local sends events to the runner.
type local struct {
	url    string
	client *http.Client
}

// Limits are those of EventBridge.
func (s *local) Limits() Limits { return Limits{Entries: 10, Bytes: 256 << 10, EntryBytes: 256 << 10} }

func (s *local) Send(ctx context.Context, entries []Entry) []error {
	list := make([]localbus.Event, len(entries))
	for i := range entries {
		e := &entries[i]
		list[i] = localbus.Event{ID: e.ID, Source: e.Source, DetailType: e.Type, Detail: e.Body, TraceHeader: e.TraceHeader, Time: e.Time}
	}
	if err := s.post(ctx, list); err != nil {
		return same(fmt.Errorf("events: send to lambdakit run: %w", err), len(entries))
	}
	return nil
}

func (s *local) post(ctx context.Context, list []localbus.Event) error {
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
		return errors.New(string(bytes.TrimSpace(text)))
	}
	return nil
}
