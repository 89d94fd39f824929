package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// warehouse stands in for an older system. It is slow, fails the first call for an order, and gives the
// same parcel to calls with the same Idempotency-Key.
type warehouse struct {
	delay time.Duration

	mu      sync.Mutex
	calls   map[string]int    // by key
	parcels map[string]string // by key
}

// startWarehouse starts a warehouse, and returns its URL.
func startWarehouse() string {
	w := &warehouse{delay: 100 * time.Millisecond, calls: make(map[string]int), parcels: make(map[string]string)}
	return httptest.NewServer(w).URL
}

func (s *warehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(s.delay)
	key := r.Header.Get("Idempotency-Key")
	var call struct {
		Order string `json:"order"`
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil || call.Order == "" || key == "" {
		http.Error(w, "no order, or no key", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[key]++; s.calls[key] == 1 {
		http.Error(w, "the warehouse is busy", http.StatusServiceUnavailable)
		return
	}
	if s.parcels[key] == "" {
		s.parcels[key] = fmt.Sprintf("P-%d", 1000+len(s.parcels))
	}
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(map[string]string{"number": s.parcels[key]})
}
