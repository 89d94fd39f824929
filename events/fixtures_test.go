package events_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lambdakit/lambdakit/events"
)

type confirmed struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

// confirmedV1 has the total in euros.
type confirmedV1 struct {
	Order string  `json:"order"`
	Total float64 `json:"total"`
}

var (
	orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed", events.Version(2),
		events.Upcast(1, func(old confirmedV1) (confirmed, error) {
			if old.Total < 0 {
				return confirmed{}, errors.New("the total is negative")
			}
			return confirmed{old.Order, int(old.Total * 100)}, nil
		}))
	orderShipped = events.Define[shipped]("shop.warehouse", "OrderShipped")
)

type shipped struct {
	Order string `json:"order"`
}

// service is a Sender with limits whose answers a test decides.
type service struct {
	limits events.Limits
	answer func(request int, e *events.Entry) error

	mu       sync.Mutex
	requests [][]events.Entry
	accepted []events.Entry
}

func (s *service) Limits() events.Limits { return s.limits }

func (s *service) Send(_ context.Context, entries []events.Entry) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, entries)
	errs := make([]error, len(entries))
	for i := range entries {
		if s.answer != nil {
			errs[i] = s.answer(len(s.requests), &entries[i])
		}
		if errs[i] == nil {
			s.accepted = append(s.accepted, entries[i])
		}
	}
	return errs
}

// keys returns the orders of entries.
func keys(entries []events.Entry) string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Group)
	}
	return fmt.Sprint(list)
}

func orders(names ...string) []events.Publishable {
	var list []events.Publishable
	for _, n := range names {
		list = append(list, orderConfirmed.New(n, confirmed{Order: n, Cents: 850}))
	}
	return list
}
