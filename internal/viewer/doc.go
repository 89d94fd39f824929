// Package viewer shows the invocations of a function on a local web page: their traces, log lines,
// metrics, events and responses.
//
// [Store] keeps the last invocations, bounded in number and bytes. [Server] serves the page, one
// HTML file without a framework, and a JSON API for it and for scripts:
//
//	GET    /?token=T                       sets the cookie and redirects to /
//	GET    /                               the page
//	GET    /api/state                      State
//	GET    /api/invocations                {"invocations": [Summary, ...]}, oldest first
//	GET    /api/invocations/{id}           Invocation
//	GET    /api/invocations/{id}/test      a Go test of the event with lambdatest, text/plain
//	GET    /api/invocations/{id}/curl      a curl command that sends the same request, text/plain
//	GET    /api/invocations/{id}/export    a file for a bug report, without the values of some headers
//	POST   /api/invocations                sends events: SendRequest; 202 {"accepted": n}
//	POST   /api/invocations/{id}/resend    sends the same event again; 202 {"accepted": 1}
//	DELETE /api/invocations                removes all; 204
//	GET    /api/templates                  [Template, ...]: events of AWS's sources, the package's first;
//	                                       ?records=N makes batches of N records
//	POST   /api/files                      saves an event beside the function: File; 201, or 409 if it exists
//	POST   /api/restart                    ends the process: RestartRequest; 202
//	GET    /api/stream                     server-sent events
//
// An error is {"error": "text"} with a status of 400 or more.
//
// The stream begins with an event "snapshot" {"state": State, "invocations": [Summary, ...]}, which
// replaces everything. After that come "state" (State), "invocation" (Summary: a new one, or a new
// version of one) and "removed" {"ids": ["...", ...]}. A comment every 15 seconds keeps the connection open.
//
// # Security
//
// Log lines, events and responses may hold secrets, and POST runs code. So the server listens on
// 127.0.0.1, refuses other hosts and origins (emulator.Protect), and asks for a token. The
// token is in the printed URL; the server turns it into a cookie that scripts cannot read
// (HttpOnly, SameSite=Strict). A script sends it as "Authorization: Bearer T". The page runs under a Content-Security-Policy with a nonce, and it
// builds elements from text: nothing that a function wrote is parsed as HTML.
package viewer
