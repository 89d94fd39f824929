// Package snsbus publishes business events to an SNS topic.
//
//	bus := events.New(snsbus.New(nil, os.Getenv("TOPIC_ARN"), nil), nil)
//	err := bus.Publish(ctx, OrderConfirmed.New(order.ID, Confirmed{Total: order.Total}))
//
// The message is the event in the envelope of the bus. These message attributes have the type String,
// and an empty one is left out. Filter policies of subscriptions can select events by them:
//
//   - event_type, event_source, event_version and event_id
//   - correlation_id and traceparent, which package batch reads, too
//
// PublishBatch has no trace header for each message. Receivers find the publisher by the traceparent.
//
// # FIFO topics
//
// If the ARN ends in ".fifo", the message group is the Group of the event, or its id if it has no
// group. The deduplication id is the id of the event. SNS drops a message if it had the same
// deduplication id in the last five minutes, so an event that is published again is delivered once.
// Events of a group keep their order: a request has one event of a group, and after a failure the
// later ones are not sent.
//
// SNS takes 1 to 128 ASCII letters, digits and punctuation for both. Any other text, such as one with
// a space, is replaced by its SHA-256 hash in hexadecimal. The same text gives the same hash.
//
// # Limits
//
// A request has at most ten messages. All messages of a request together have at most 256 KiB (262,144
// bytes), with the names, types and values of their attributes. A topic takes more if its attribute
// MaximumMessageSize says so: see [Options]. (Amazon SNS API Reference, PublishBatch)
//
// SNS refuses some characters. In the message, U+FFFE and U+FFFF become escapes, so the JSON stays
// equal. In attributes they and control characters become U+FFFD.
//
// # Failures
//
// If SNS refuses a message, its error has the code and not the message. errors.As finds a
// smithy.APIError with the code. The bus sends an event again if the fault is not the sender's, if the
// request was throttled, or if the answer does not mention the message.
//
// If a request fails, the SDK tries it again first. Then the bus sends its events again after
// throttling, timeouts, errors of the connection and statuses from 500. Any other error is permanent.
//
// [New] cannot fail and makes no request. The role of the function needs sns:Publish. If the topic is
// encrypted with your own key, it also needs kms:GenerateDataKey and kms:Decrypt.
package snsbus
