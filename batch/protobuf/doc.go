// Package protobuf decodes records in Protocol Buffers for package batch.
//
//	func handle(ctx context.Context, m *batch.Message[*pb.Order]) error { ... }
//
//	orders := protobuf.New(nil)
//	lambda.Start(lambdakit.Wrap(batch.Kafka(handle, &batch.Options{Decoder: orders.Decode})))
//
// The type of the body is a generated type such as pb.Order, or a pointer to it. New never fails, as
// the generated types contain their schemas.
//
// # Schema registries
//
// The serializers of schema registries put the id of the schema and the index of the message before
// the data. Decode removes the prefixes of Confluent's registry and of the AWS Glue Schema Registry,
// and inflates compressed data up to 16 MB. Protocol Buffers decode many messages as another type
// without an error. So Decode compares the index with the place of the generated type in its .proto
// file, see [Options.IgnoreIndex].
//
// Data without a prefix need no option, for instance from producers without a registry. An event
// source mapping with a schema registry and the format SOURCE removes the id and leaves the index. Set
// [Options.Index] to its form then.
//
// # JSON
//
// With [Options.JSON] the data are JSON in the form of Protocol Buffers, for instance from an event
// source mapping with the format JSON. Fields that the type does not have are ignored, as in binary data.
//
// # Cost
//
// The package adds 2.0 MB to a stripped binary.
package protobuf
