// Package eventbridgebus publishes business events to an EventBridge event bus.
//
//	bus := events.New(eventbridgebus.New(nil, "shop", nil), nil)
//	err := bus.Publish(ctx, OrderConfirmed.New(order.ID, Confirmed{Total: order.Total}))
//
// The source of the EventBridge event is the Source of the event, and the detail type is its Type. The
// detail is the event in the envelope of the bus. So this pattern of a rule selects an event:
//
//	{"source": ["shop.orders"], "detail-type": ["OrderConfirmed"]}
//
// EventBridge passes the trace header of the publisher on to targets that take one, and does not put
// it into the event. The traceparent is in the metadata of the event.
//
// EventBridge keeps no order and delivers an event at least once. Receivers recognise duplicates by
// the id of the event, not by the id that EventBridge adds.
//
// # Limits
//
//   - A request has at most ten events.
//   - It has less than 256 KB: see [Options]. An event counts 14 bytes for its time, and the bytes of
//     its source, type and detail. The trace header does not count.
//   - A type has at most 128 characters. A longer one fails before the request.
//   - A trace header of more than 500 characters is left out.
//
// The limits come from PutEvents and PutEventsRequestEntry in the Amazon EventBridge API Reference, and
// from "Calculating PutEvents event entry size" in the User Guide.
//
// # Failures
//
// If EventBridge refuses an event, its error has the code and not the message. errors.As finds a
// smithy.APIError with the code. The bus sends an event again after InternalFailure,
// InternalException, ServiceUnavailable and ThrottlingException. If the number of results differs from
// the number of events, it sends all events of the request again. Some may then be published twice,
// with the same id.
//
// If a request fails, the SDK tries it again first. Then the bus sends its events again after
// throttling, timeouts, errors of the connection and statuses from 500. Any other error is permanent.
//
// [New] cannot fail and makes no request. The role of the function needs events:PutEvents.
package eventbridgebus
