package logging

import (
	"context"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// maxCorrelationID bounds the id taken from an event, in bytes.
const maxCorrelationID = 1024

// Sources of a correlation id, for Options.CorrelationID. They scan the event
// without decoding it.

// APIGatewayREST takes requestContext.requestId.
func APIGatewayREST(event []byte) string { return find(event, requestID) }

// APIGatewayHTTP takes requestContext.requestId.
func APIGatewayHTTP(event []byte) string { return find(event, requestID) }

// FunctionURL takes requestContext.requestId.
func FunctionURL(event []byte) string { return find(event, requestID) }

// AppSyncAuthorizer takes requestContext.requestId.
func AppSyncAuthorizer(event []byte) string { return find(event, requestID) }

// AppSyncResolver takes request.headers."x-amzn-trace-id".
func AppSyncResolver(event []byte) string { return find(event, requestTrace) }

// ALB takes headers."x-amzn-trace-id".
func ALB(event []byte) string { return find(event, trace) }

// VPCLattice takes headers."x-amzn-trace-id".
func VPCLattice(event []byte) string { return find(event, trace) }

// EventBridge takes id.
func EventBridge(event []byte) string { return find(event, eventID) }

// S3ObjectLambda takes xAmzRequestId.
func S3ObjectLambda(event []byte) string { return find(event, objectLambda) }

var (
	requestID    = []jsonscan.Step{{Name: "requestContext"}, {Name: "requestId"}}
	requestTrace = []jsonscan.Step{{Name: "request"}, {Name: "headers"}, {Name: "x-amzn-trace-id"}}
	trace        = []jsonscan.Step{{Name: "headers"}, {Name: "x-amzn-trace-id"}}
	eventID      = []jsonscan.Step{{Name: "id"}}
	objectLambda = []jsonscan.Step{{Name: "xAmzRequestId"}}
)

// CorrelationPath returns a function for Options.CorrelationID. The function takes the string or
// number at a path such as detail.orderId, headers."x-request-id" or Records[0].messageId. From a
// list of strings it takes the first. CorrelationPath panics if path is malformed.
func CorrelationPath(path string) func(event []byte) string {
	steps, err := jsonscan.ParsePath(path)
	if err != nil {
		panic("logging: CorrelationPath: " + err.Error())
	}
	return func(event []byte) string { return find(event, steps) }
}

func find(event []byte, path []jsonscan.Step) string {
	value, ok := jsonscan.Find(event, path)
	if ok && value[0] == '[' {
		value, _ = jsonscan.Find(value, []jsonscan.Step{{IsIndex: true}})
	}
	id, _ := jsonscan.String(value)
	return id[:min(len(id), maxCorrelationID)]
}

// Propagate implements lambdakit.Propagator: a message takes along the correlation id that a line with
// ctx would have.
func (sc *scope) Propagate(ctx context.Context, p *lambdakit.Propagation) {
	_, with := lookup(ctx)
	if id := with.givenID(); id != nil {
		p.CorrelationID = *id
		return
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.correlationID != "" {
		p.CorrelationID = sc.correlationID
	}
}
