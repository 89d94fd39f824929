// Package avro decodes records in Avro for package batch.
//
//	orders, err := avro.New(schema, nil)
//	if err != nil {
//		panic(err)
//	}
//	lambda.Start(lambdakit.Wrap(batch.Kafka(handle, &batch.Options{Decoder: orders.Decode})))
//
// The fields of a struct have avro tags, by the rules of github.com/twmb/avro. New fails if the schema
// is not valid.
//
// # Schema registries
//
// The serializers of schema registries put the id of the writer's schema before the data. Decode
// removes the prefixes of Confluent's registry and of the AWS Glue Schema Registry, and inflates
// compressed data up to 16 MB. Other data need [Options.Raw], for instance:
//
//   - producers without a registry,
//   - event source mappings with a schema registry and the format SOURCE, as Lambda removes the prefix.
//
// # Evolution
//
// Data are decoded with the schema of New, unless [Options.Writer] returns the schema that they were
// written with. Then fields that only the writer knows are skipped, new fields get their defaults, and
// types are promoted, by the rules of Avro's schema resolution.
//
// # Cost
//
// The package adds 1.1 MB to a stripped binary.
package avro
