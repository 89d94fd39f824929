// Package interop checks the documents of package openapi with two other implementations of OpenAPI:
//
//   - libopenapi-validator validates documents against the schemas of OpenAPI 3.1 and 3.0, and requests and
//     responses against a document of 3.1
//   - kin-openapi validates both documents by its own rules
//
// It is a separate module, so that they stay out of the requirements of lambdakit.
package interop
