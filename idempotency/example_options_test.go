package idempotency_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// A second order with the same id and another total is an error.
func ExampleOptions_validate() {
	once, err := idempotency.New(nil, &idempotency.Options{
		Key:      idempotency.Path("id"),
		Validate: idempotency.Path("total"),
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for _, o := range []Order{{"o-1", 29.95}, {"o-1", 29.95}, {"o-1", 1}} {
		receipt, err := idempotency.Call(ctx, once, o, func(context.Context) (Receipt, error) {
			return Receipt{PaymentID: "p-1"}, nil
		})
		fmt.Println(receipt.PaymentID, errors.Is(err, idempotency.ErrPayloadMismatch))
	}
	// Output:
	// p-1 false
	// p-1 false
	//  true
}

// An error of Final is an answer: the card is not charged again.
func ExampleOptions_final() {
	errDeclined := errors.New("declined")
	once, err := idempotency.New(nil, &idempotency.Options{Final: map[string]error{"declined": errDeclined}})
	if err != nil {
		panic(err)
	}
	for range 2 {
		_, err := idempotency.Call(context.Background(), once, "o-1", func(context.Context) (Receipt, error) {
			fmt.Println("the card is charged")
			return Receipt{}, fmt.Errorf("visa: %w", errDeclined)
		})
		fmt.Println(err, errors.Is(err, errDeclined))
	}
	// Output:
	// the card is charged
	// visa: declined true
	// visa: declined true
}

// A duplicate gets a changed answer.
func ExampleOptions_onReplay() {
	once, err := idempotency.New(nil, &idempotency.Options{
		Key: idempotency.Path("id"),
		OnReplay: func(ctx context.Context, r *idempotency.Replay) {
			r.Data = append(bytes.TrimSuffix(bytes.Clone(r.Data), []byte("}")), `,"replayed":true}`...)
		},
	})
	if err != nil {
		panic(err)
	}
	handler := lambdakit.Wrap(func(context.Context, Order) (Receipt, error) {
		return Receipt{PaymentID: "p-1"}, nil
	}, once.Middleware)
	for range 2 {
		response, err := handler.Invoke(context.Background(), []byte(`{"id":"o-1"}`))
		fmt.Println(string(response), err)
	}
	// Output:
	// {"payment_id":"p-1"} <nil>
	// {"payment_id":"p-1","replayed":true} <nil>
}

// gzipCodec compresses results.
type gzipCodec struct{}

func (gzipCodec) Encode(result []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(result)
	err := w.Close()
	return b.Bytes(), err
}

func (gzipCodec) Decode(stored []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// The store gets compressed results.
func ExampleCodec() {
	once, err := idempotency.New(nil, &idempotency.Options{Codec: gzipCodec{}})
	if err != nil {
		panic(err)
	}
	for range 2 {
		receipt, err := idempotency.Call(context.Background(), once, "o-1", func(context.Context) (Receipt, error) {
			fmt.Println("the card is charged")
			return Receipt{PaymentID: "p-1"}, nil
		})
		fmt.Println(receipt.PaymentID, err)
	}
	// Output:
	// the card is charged
	// p-1 <nil>
	// p-1 <nil>
}

// readOnly is a store that refuses to complete records.
type readOnly struct{ *idempotency.MemoryStore }

func (readOnly) Complete(context.Context, *idempotency.Record) error {
	return fmt.Errorf("access denied: %w", idempotency.ErrRefused)
}

// If the store does not confirm the record, the work is done nevertheless. A consumer of a queue
// treats the error as success, because the queue would deliver the message again.
func ExampleErrNotRecorded() {
	once, err := idempotency.New(readOnly{idempotency.NewMemoryStore(nil)}, &idempotency.Options{
		Prefix:  "payments",
		OnError: func(error) { fmt.Println("reported") },
	})
	if err != nil {
		panic(err)
	}
	receipt, err := idempotency.Call(context.Background(), once, "o-1", func(context.Context) (Receipt, error) {
		return Receipt{PaymentID: "p-1"}, nil
	})
	if errors.Is(err, idempotency.ErrNotRecorded) {
		err = nil
	}
	fmt.Println(receipt.PaymentID, err)
	// Output:
	// reported
	// p-1 <nil>
}

// A duplicate waits for the answer of the call that still runs.
func ExampleOptions_wait() {
	once, err := idempotency.New(nil, &idempotency.Options{Wait: 10 * time.Second})
	if err != nil {
		panic(err)
	}
	started := make(chan struct{})
	charge := func(context.Context) (Receipt, error) {
		close(started)
		return Receipt{PaymentID: "p-1"}, nil
	}
	go idempotency.Call(context.Background(), once, "o-1", charge)
	<-started
	receipt, err := idempotency.Call(context.Background(), once, "o-1", charge)
	fmt.Println(receipt.PaymentID, err)
	// Output: p-1 <nil>
}
