package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

// api answers HTTP requests.
type api struct {
	log      *slog.Logger
	payments *payments
	once     *idempotency.Guard

	accepted, refused metrics.Counter
	total             metrics.Distribution
	chargeTime        metrics.Duration
}

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

func (a *api) handle(ctx context.Context, req request) (response, error) {
	body, err := requestBody(req)
	if err != nil {
		return a.refuse(ctx, err)
	}
	order, err := ParseOrder(body)
	if err != nil {
		return a.refuse(ctx, err)
	}
	logging.Append(ctx, "order_id", order.ID)   // in all later lines of this invocation
	tracing.Annotate(ctx, "order_id", order.ID) // X-Ray can search for it
	a.log.DebugContext(ctx, "order parsed", "items", order.Items)

	receipt, err := idempotency.Call(ctx, a.once, order, func(ctx context.Context) (Receipt, error) {
		return a.take(ctx, order)
	})
	switch {
	case errors.Is(err, ErrDeclined):
		a.log.WarnContext(ctx, "payment declined", "error", err)
		a.refused.With("reason", "declined").Add(ctx, 1)
		return reply(http.StatusPaymentRequired, problem{"the payment was declined"})
	case errors.Is(err, idempotency.ErrPayloadMismatch):
		a.refused.With("reason", "mismatch").Add(ctx, 1)
		return reply(http.StatusUnprocessableEntity, problem{"another order was taken under this id"})
	case errors.Is(err, idempotency.ErrInProgress):
		return reply(http.StatusConflict, problem{"this order is being taken; try again"})
	case err != nil:
		return response{}, fmt.Errorf("order %s: %w", order.ID, err) // API Gateway answers 500
	}
	return reply(http.StatusCreated, receipt)
}

// take charges an order. Duplicates get the receipt that it returns. An error is not stored.
func (a *api) take(ctx context.Context, order Order) (Receipt, error) {
	timer := a.chargeTime.Start(ctx)
	payment, err := tracing.Call(ctx, "charge card", func(ctx context.Context) (string, error) {
		return a.payments.Charge(ctx, order)
	})
	timer.Stop()
	if err != nil {
		return Receipt{}, fmt.Errorf("charge: %w", err)
	}
	a.log.InfoContext(ctx, "order accepted", "total", order.Total(), "items", len(order.Items))
	a.accepted.Add(ctx, 1)
	a.total.Record(ctx, order.Total())
	return Receipt{OrderID: order.ID, PaymentID: payment, Total: order.Total()}, nil
}

// refuse answers an invalid request.
func (a *api) refuse(ctx context.Context, err error) (response, error) {
	a.log.WarnContext(ctx, "order refused", "reason", err.Error())
	a.refused.With("reason", "invalid").Add(ctx, 1)
	return reply(http.StatusBadRequest, problem{err.Error()})
}

// requestBody returns the body. API Gateway encodes it in base64 if it may be binary.
func requestBody(req request) ([]byte, error) {
	if !req.IsBase64Encoded {
		return []byte(req.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(req.Body)
	if err != nil {
		return nil, errors.New("the body is not valid base64")
	}
	return body, nil
}

type problem struct {
	Message string `json:"message"`
}

func reply(status int, body any) (response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return response{}, err
	}
	return response{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       string(text),
	}, nil
}
