// Package protobuf decodes records in Protocol Buffers for package batch.
//
//	func handle(ctx context.Context, m *batch.Message[*pb.Order]) error { ... }
//
//	orders := protobuf.New(nil)
//	lambda.Start(lambdakit.Wrap(batch.Kafka(handle, &batch.Options{Decoder: orders.Decode})))
//
// The body is a generated type such as pb.Order, or a pointer to it. New never fails.
//
// # Schema registries
//
// The serializers of schema registries put the id of the schema and the index of the message before
// the data. Decode removes the prefixes of Confluent's registry and of the AWS Glue Schema
// Registry, and inflates compressed data up to 16 MB. Many messages decode as another type without
// an error. So Decode fails if the index is not the place of the generated type in its .proto file,
// unless [Options.IgnoreIndex] is set.
//
// Data without a prefix, such as data of a producer without a registry, need no option. An event
// source mapping with a schema registry and the format SOURCE removes the id and leaves the index.
// In this case, set [Options.Index] to the form of the index.
//
// # JSON
//
// If [Options.JSON] is set, the data are the JSON form of Protocol Buffers, for example from an
// event source mapping with the format JSON. Unknown fields are ignored, as in binary data.
//
// # Cost
//
// The package adds 2.0 MB to a stripped binary.
package protobuf
