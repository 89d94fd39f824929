// Package httpevent plays an HTTP front end of Lambda: it makes the event of a request, and the
// response that a client gets for the function's answer. It is the inverse of package httpapi, and
// knows nothing of its code.
//
//	front := httpevent.Front{Kind: httpapi.FunctionURL}
//	event, err := front.Encode(r)
//	answer := invoke(event)
//	response, err := front.Decode(r, answer)
//
// # Requests
//
// The event has the members that the front end sends, with made-up identifiers:
//
//   - HTTP APIs decode the path, also %2F, and end it at a question mark that was escaped.
//   - HTTP APIs 2.0 and function URLs pass the query as it is, have names of headers in lower case,
//     and join the values of a header with commas.
//   - REST APIs, HTTP APIs 1.0 and VPC Lattice decode the query. A load balancer does not.
//   - A front end without lists of values keeps the last value of a parameter. A load balancer and
//     VPC Lattice 1.0 also keep the last value of a header.
//   - Bodies are encoded in base64 as the front end does it, and also if they are not UTF-8.
//   - The front end adds X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port, except VPC Lattice,
//     which adds X-Forwarded-For alone. Headers of the connection are left out.
//
// The scheme is https, unless the URL of the request says http.
//
// # Answers
//
// An answer that the front end does not understand is a 502. REST APIs also refuse members that they
// do not know. HTTP APIs 2.0 and function URLs take an answer without statusCode as the body. A load
// balancer needs the member with the headers of its mode, and refuses answers of more than 1 MB.
// A front end that is not known in detail gets the benefit of the doubt.
package httpevent
