// Package interop tests package events/schema with a validator of JSON Schema, santhosh-tekuri/jsonschema,
// on random schemas and documents from rapid. It is a separate module, so that both stay out of the
// requirements of lambdakit.
package interop
