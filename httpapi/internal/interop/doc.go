// Package interop runs routers, middleware and generated servers of net/http unchanged over package
// httpapi: chi, huma, rs/cors, klauspost/compress and oapi-codegen.
package interop
