package main

import (
	"encoding/json"
	"net"
	"net/http"
)

// startProvider starts a stand-in for the payment provider and returns its address. With it the
// example runs anywhere.
func startProvider() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(listener, http.HandlerFunc(provide))
	return "http://" + listener.Addr().String(), nil
}

// provide charges a card. Two test cards fail.
func provide(w http.ResponseWriter, r *http.Request) {
	var c charge
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&c); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch c.Card {
	case "tok_declined":
		w.WriteHeader(http.StatusPaymentRequired)
	case "tok_unavailable":
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(charged{ID: "pay-" + c.Order})
	}
}
