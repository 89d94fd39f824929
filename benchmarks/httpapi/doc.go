// Package httpapi compares adapters between HTTP events and net/http, and typed operations.
//
// Requests start with the bytes of an event and end with the bytes of the response: the event of an
// HTTP API with payload format 2.0 (1.3 KB) and the event of a REST API (2.1 KB). All functions decode
// nothing of the body and answer the same JSON. The floor is a typed handler of aws-lambda-go.
//
// Operations start with an *http.Request and end with a written response. They bind a path value, two
// query values, a header and a JSON body, check them, and encode JSON.
package httpapi
