package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
)

// ErrDeclined is returned if the card cannot be charged.
var ErrDeclined = errors.New("card declined")

// payments is a client of the payment provider.
type payments struct {
	url  string
	key  lambdakit.Secret
	http *http.Client
}

func newPayments(c config) *payments {
	return &payments{
		url:  c.PaymentsURL,
		key:  c.PaymentsKey,
		http: &http.Client{Transport: &tracing.Transport{}, Timeout: c.PaymentsTimeout},
	}
}

type charge struct {
	Order  string  `json:"order"`
	Card   string  `json:"card"`
	Amount float64 `json:"amount"`
}

type charged struct {
	ID string `json:"id"`
}

// Charge charges the order's card and returns the id of the payment.
func (p *payments) Charge(ctx context.Context, o Order) (string, error) {
	body, err := json.Marshal(charge{Order: o.ID, Card: o.Card, Amount: o.Total()})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/charges", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+p.key.Reveal())
	res, err := p.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusCreated:
	case http.StatusPaymentRequired:
		return "", ErrDeclined
	default:
		return "", fmt.Errorf("payment provider answered %d", res.StatusCode)
	}
	var c charged
	if err := json.NewDecoder(res.Body).Decode(&c); err != nil {
		return "", fmt.Errorf("payment provider: %w", err)
	}
	return c.ID, nil
}
