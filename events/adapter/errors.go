package adapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Errors of messages for which no request was made. Their messages come again: see
// [batch.RetryAfter].
var (
	// ErrOpen is the error while the breaker is open.
	ErrOpen = errors.New("adapter: the breaker is open")

	// ErrBusy is the error of a call that the limits do not allow before the deadline of the message.
	ErrBusy = errors.New("adapter: the limits allow no call before the deadline")
)

// ErrTooLarge is the permanent error of a response whose body is larger than Options.MaxBody.
var ErrTooLarge = errors.New("adapter: the body of the response is too large")

// StatusError reports a response whose status is not 2xx. Its text has the path of the URL, but no
// host, query, header or body, because they may contain secrets.
type StatusError struct {
	Method string
	Path   string // of the URL, at most 256 bytes
	Status int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("adapter: %s %s: status %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
}

// CallError reports a call without a complete response. Its text has no query and no more than 256
// bytes of Err.
type CallError struct {
	Method string
	Path   string // of the URL, at most 256 bytes
	Err    error  // the error of the client, without the URL
}

func (e *CallError) Error() string {
	return fmt.Sprintf("adapter: %s %s: %s", e.Method, e.Path, describe(e.Err))
}

func (e *CallError) Unwrap() error { return e.Err }

// Timeout reports whether the call took too long.
func (e *CallError) Timeout() bool {
	var timeout net.Error
	return errors.As(e.Err, &timeout) && timeout.Timeout()
}

func newStatusError(req *http.Request, status int) *StatusError {
	return &StatusError{req.Method, path(req), status}
}

func newCallError(ctx context.Context, req *http.Request, err error) *CallError {
	var withURL *url.Error
	for errors.As(err, &withURL) {
		err = withURL.Err
	}
	if ctx.Err() != nil { // the message ended, not only the call
		err = context.Cause(ctx)
	}
	return &CallError{req.Method, path(req), err}
}

// describe returns the text of an error of a client.
func describe(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no complete response in time"
	}
	return short(err.Error())
}

func path(req *http.Request) string { return short(req.URL.EscapedPath()) }

func short(text string) string {
	const most = 256
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
