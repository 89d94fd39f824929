// Package avro decodes records in Avro for package batch.
//
//	orders, err := avro.New(schema, nil)
//	if err != nil {
//		panic(err)
//	}
//	lambda.Start(lambdakit.Wrap(batch.Kafka(handle, &batch.Options{Decoder: orders.Decode})))
//
// Fields of structs have avro tags: see github.com/twmb/avro. New fails if the schema is invalid.
//
// # Schema registries
//
// The serializers of schema registries put the id of the writer's schema before the data. Decode
// removes the prefixes of Confluent's registry and of the AWS Glue Schema Registry, and inflates
// compressed data up to 16 MB. Set [Options.Raw] if the data have no such prefix:
//
//   - The producer does not use a registry.
//   - The event source mapping has a schema registry and the format SOURCE: Lambda removes the
//     prefix.
//
// # Evolution
//
// Data are decoded with the schema of New. If the producer may use another version of the schema,
// let [Options.Writer] return that version. Then Avro's schema resolution applies: fields that only
// the writer knows are skipped, new fields get their defaults, and types are promoted.
//
// # Cost
//
// The package adds 1.1 MB to a stripped binary.
package avro
