// Package httpapi runs any http.Handler as a Lambda function behind an HTTP front end: API Gateway
// REST APIs and HTTP APIs, function URLs, Application Load Balancers and VPC Lattice. The kind of an
// event is detected; routers and middleware of net/http work unchanged.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /orders/{id}", getOrder)
//	lambda.Start(httpapi.Wrap(mux, tracer.Middleware, logs.Middleware))
//
// [Wrap] panics if the handler or a middleware is nil. [WrapStream] streams the response.
//
// # Requests
//
// The request is the one that the server of net/http would have made:
//
//   - Host and RequestURI are set, and Host is not in Header.
//   - URL.RawPath is set only if it differs from the escaped Path. A path that the front end has
//     decoded is not parsed again, and a path never becomes a host.
//   - RemoteAddr is the address that the front end saw, with port 0. Behind a load balancer or VPC
//     Lattice it is the last address of X-Forwarded-For.
//   - TLS is set, unless X-Forwarded-Proto is http, and has the certificate of the client with mTLS.
//   - ContentLength is the length of the body in bytes.
//   - Values of headers are never split. Cookies are one line.
//   - The path parameters of the gateway are PathValues, until a router sets its own.
//
// Stage and base path mapping are cut from the path; [BasePath] returns them, and
// Adapter.KeepBasePath leaves them in. A Location that starts with "/" therefore leaves the API if
// there is a stage: put BasePath in front of it. Behind the default endpoint of a REST API use a relative
// Location, because its events have no stage in their path.
//
// [KindOf] returns the kind of the front end, [Auth] what its authorizer says of the caller, and
// [Event] the event itself.
//
// # Responses
//
// The response is the one that the server of net/http would have sent. Later changes of the header
// than the first WriteHeader do not count. A handler that writes nothing answers 200. Answers with 204
// and 304, and those to HEAD, have no body. The type is detected from the first 512 bytes. A body that is not UTF-8, or has a Content-Encoding, is
// encoded in base64. A response of more than 6 MB (1 MB behind a load balancer) becomes a 500.
//
// A front end without lists of values (HTTP APIs 2.0, function URLs, load balancers without
// multi-value headers, VPC Lattice) gets the values of a header joined by commas. Cookies stay apart;
// a load balancer without multi-value headers, and VPC Lattice, get the last one only, and that is
// reported once.
//
// An answer of 500 or more marks the invocation as failed, as [lambdakit.Invocation.Fail] does: logs,
// traces and lambdakit run show it.
//
// # Panics
//
// A panic of the handler ends the invocation, and the front end answers 502. Middleware of net/http may
// recover it. http.ErrAbortHandler fails the invocation without ending the process.
//
// # Streams
//
// [WrapStream] is for function URLs with invoke mode RESPONSE_STREAM, and for REST APIs with response
// transfer mode STREAM. The status and the headers leave with the first 2 KB of the body, at the first
// Flush, or at the end. Before that, a panic is a 502 and not half a 200. The context of the request ends
// with the response. Other front ends get the whole response.
//
// # Limits
//
// Events of other services, of WebSocket APIs and of authorizers are an [ErrNotHTTP], unless
// Adapter.Other handles them. [Authorizer] handles events of authorizers. Nothing of an event is decoded before it is asked for.
package httpapi
