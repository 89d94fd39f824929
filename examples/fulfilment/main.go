// Command fulfilment is a story of business events. An HTTP API confirms orders and publishes
// OrderConfirmed. Two queues get the event. The function "loyalty" books points for the customer. The
// function "warehouse" calls an older system over HTTP, which is slow and fails now and then, and
// publishes its answer as OrderShipped.
//
// On AWS these are three functions of one program, with a rule of EventBridge for each queue
// (template.yaml). Here one process plays all parts. Run the story from the root of the repository, with each event delivered twice:
//
//	go run ./cmd/lambdakit run -timeout 30s -events loyalty -events warehouse -duplicates ./examples/fulfilment
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

func main() {
	logs := logging.New(&logging.Options{Service: "fulfilment"})
	slog.SetDefault(slog.New(logs))
	var store idempotency.Store // in memory, for a developer's machine
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		store = dynamodbstore.New(nil, table, nil)
	}
	once, err := idempotency.New(store, &idempotency.Options{Prefix: "fulfilment"})
	if err != nil {
		logs.Fatal("set up idempotency", "error", err)
	}
	url := os.Getenv("WAREHOUSE_URL")
	if url == "" {
		url = startWarehouse() // stands in for the older system
	}
	sender := events.Local(eventbridgebus.New(nil, os.Getenv("EVENT_BUS"), nil))
	lambda.Start(newParts(logs, once, sender, olderSystem{url: url, transport: http.DefaultTransport}))
}

// parts are the functions of the story, by the names of their queues. The API has none.
type parts map[string]lambda.Handler

func newParts(logs *logging.Handler, once *idempotency.Guard, sender events.Sender, warehouse olderSystem) parts {
	tracer := tracing.New(nil)
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "fulfilment", Batches: true})
	bus := events.New(sender, nil)
	mw := []lambdakit.Middleware{tracer.Middleware, logs.Middleware, meter.Middleware}
	warehouse.transport = &tracing.Transport{Base: warehouse.transport, TraceParent: true}
	return parts{
		"":          httpapi.Wrap(newAPI(bus), mw...),
		"loyalty":   lambdakit.Wrap(newLoyalty(meter, once).SQS(nil), mw...),
		"warehouse": lambdakit.Wrap(newWarehouse(warehouse, bus), mw...),
	}
}

// Invoke gives an event to its function.
func (p parts) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e struct {
		Records []struct {
			EventSourceARN string `json:"eventSourceARN"`
		}
	}
	json.Unmarshal(payload, &e) // an event without records is for the API
	queue := ""
	if len(e.Records) > 0 {
		arn := e.Records[0].EventSourceARN // arn:aws:sqs:REGION:ACCOUNT:QUEUE, or STACK-QUEUE at its end
		queue = arn[strings.LastIndexAny(arn, ":-")+1:]
	}
	function, ok := p[queue]
	if !ok {
		return nil, fmt.Errorf("no function for the queue %q", queue)
	}
	return function.Invoke(ctx, payload)
}
