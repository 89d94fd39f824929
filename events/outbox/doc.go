// Package outbox publishes events of database transactions. The function writes an event into a table
// of DynamoDB, in the same transaction as the change that the event is about. A second function, on the
// stream of that table, publishes it. So an event is published if and only if the transaction was
// committed.
//
// The function that writes:
//
//	record, err := outbox.New(ctx, OrderConfirmed.New(order.ID, Confirmed{Total: order.Total}), nil)
//	item, err := attributevalue.MarshalMap(record)
//	client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
//		{Put: &types.Put{TableName: &orders, Item: order}},
//		{Put: &types.Put{TableName: &outboxTable, Item: item, ConditionExpression: aws.String("attribute_not_exists(id)")}},
//	}})
//
// The condition refuses a transaction that is repeated, and a second fact with the key of the first one,
// which would replace it.
//
// The function that publishes:
//
//	bus := events.New(eventbridgebus.New(nil, "shop", nil), nil)
//	lambda.Start(lambdakit.Wrap(outbox.Relay(bus, nil), tracer.Middleware, logs.Middleware))
//
// The table has the partition key "group" and the sort key "id", both texts, the stream view type
// NEW_IMAGE, and the time to live attribute "expires_at". The event source mapping of the relay must
// have ReportBatchItemFailures. MaximumRetryAttempts and an on-failure destination decide what becomes
// of an event that can never be published; by default it blocks its shard until it expires.
//
// # Order
//
// The events of a group are published in the order of their transactions, at least once: after a failure
// an event may be published again, with the same id. An event that fails stops the events behind it
// in its shard. ParallelizationFactor of the mapping publishes several groups at the same time.
package outbox
