// Package events defines, publishes and receives business events: facts in the past tense, such as
// OrderConfirmed. An event is published once, may be received several times, and its schema evolves.
//
//	var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed")
//
//	bus := events.New(eventbridgebus.New(nil, "shop", nil), nil)
//	err := bus.Publish(ctx, OrderConfirmed.New(order.ID, Confirmed{Total: order.Total}))
//
//	receive := events.NewMux(nil, events.On(OrderConfirmed, confirmed))
//	lambda.Start(lambdakit.Wrap(receive.SQS(nil), tracer.Middleware, logs.Middleware))
//
//	func confirmed(ctx context.Context, e *events.Event[Confirmed]) error { ... }
//
// # Identity
//
// The id of an event is a UUID made from its source, its type and a business key: see
// [Definition.New]. If a function runs again after a failure, it publishes the same id again. So a
// receiver can recognise duplicates: see Once of [MuxOptions].
//
// [Bus.Publish] fills in the other metadata. The correlation id and the traceparent are those of the
// invocation or the record that publishes, as packages logging and tracing know them. If the handler
// of an event publishes, the new event has the id of the received one as its causation id, and its
// correlation id. An event without any correlation id gets its own id, so that a chain of events
// always has one.
//
// # Publishing
//
// A [Sender] connects a Bus to a service. The module aws has one for EventBridge (package
// eventbridgebus), SNS (snsbus) and SQS (sqsbus). [Memory] is for tests, and [Local] for
// "lambdakit run -events".
//
// Publish packs events into requests within the limits of the service. It sends again what failed for
// a reason of the service, until the deadline of the context is near. It returns a [PublishError] with
// the events that were not published, and nil only if the service has all of them.
//
// An event that may be lost, such as a view of a page, can be published after the response:
//
//	lambdakit.AfterResponse(ctx, "publish", func(ctx context.Context) error { return bus.Publish(ctx, e) })
//
// An event on which other systems rely must be published before the response. Even then, it can
// be lost between a write to a database and Publish, because the process may end in between. If that must
// not happen, write the event in the same transaction: see package outbox.
//
// # Evolution
//
// A change that old receivers can read, such as an additional optional member, needs no new version.
// "lambdakit events check" tells whether a change is compatible. Any other change gets a new version
// and a function that upgrades the data of the version before:
//
//	var OrderConfirmed = events.Define[Confirmed]("shop.orders", "OrderConfirmed",
//		events.Version(2), events.Upcast(1, func(old ConfirmedV1) (Confirmed, error) { ... }))
//
// A receiver gets the data in the newest version that it knows. An event with a newer version is a
// permanent failure (see package batch), unless Newer of MuxOptions takes it. Package eventstest keeps
// an event of each version in a file, and tests that all of them can be read.
//
// [Define] and [NewMux] panic if they are misused, because they run when the program starts. [New]
// cannot fail.
package events
