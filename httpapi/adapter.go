package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
)

// Wrap returns a lambda.Handler for lambda.Start that runs h for every HTTP event. It wraps h in mw,
// outermost first.
//
// Wrap panics if h or a middleware is nil.
func Wrap(h http.Handler, mw ...lambdakit.Middleware) lambda.Handler {
	return (&Adapter{Handler: h}).Wrap(mw...)
}

// Adapter runs an http.Handler. [Wrap] uses one with the Handler alone.
type Adapter struct {
	Handler http.Handler

	// KeepBasePath leaves the stage and the base path of a custom domain in URL.Path.
	KeepBasePath bool

	// Other handles events that are not HTTP requests. Default: they fail with [ErrNotHTTP].
	Other lambda.Handler
}

// Wrap returns a lambda.Handler as the function [Wrap] does.
func (a *Adapter) Wrap(mw ...lambdakit.Middleware) lambda.Handler {
	if a.Handler == nil {
		panic("httpapi: Wrap: the handler is nil")
	}
	return lambdakit.WrapHandler(invoker{a}, mw...)
}

// invoker is the lambda.Handler of an Adapter.
type invoker struct{ a *Adapter }

// Invoke handles an event.
func (i invoker) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r, f, err := i.a.request(ctx, payload)
	if err != nil {
		if i.a.Other != nil && errors.Is(err, ErrNotHTTP) {
			return i.a.Other.Invoke(ctx, payload)
		}
		return nil, err
	}
	return i.a.serve(ctx, r, f)
}

// request makes the request of an event.
func (a *Adapter) request(ctx context.Context, payload []byte) (*http.Request, *front, error) {
	var d requestDecoder
	if err := d.event.read(payload); err != nil {
		return nil, nil, err
	}
	kind, err := d.event.kind()
	if err != nil {
		return nil, nil, err
	}
	d.front = &front{kind: kind}
	r, err := d.newRequest(ctx, a.KeepBasePath)
	return r, d.front, err
}

// serve runs the handler and returns the response event.
func (a *Adapter) serve(ctx context.Context, r *http.Request, f *front) ([]byte, error) {
	w := &buffered{answer: answer{request: r}}
	if err := f.serveHTTP(a.Handler, w, r); err != nil {
		return nil, err
	}
	body := w.body.Bytes()
	w.finish(body)
	if r.Method == http.MethodHead || !w.bodyAllowed() {
		body = nil
	} else if n, err := strconv.Atoi(w.length); err == nil && n >= 0 && n != len(body) {
		// The body was cut, as http.ServeContent does if its reader fails. net/http closes the connection.
		return nil, fmt.Errorf("httpapi: the response was aborted: its Content-Length is %d, and its body has %d bytes (%w)", n, len(body), http.ErrAbortHandler)
	}
	out := f.appendAnswer(make([]byte, 0, 256+len(body)+len(body)/8), &w.answer, body)
	if len(out) > f.maxResponse() {
		err := fmt.Errorf("httpapi: the response has %d bytes, and a %v takes %d", len(out), f.kind, f.maxResponse())
		fail(ctx, err)
		a := tooLarge(r)
		a.record(ctx)
		return f.appendAnswer(nil, a, tooLargeBody), nil
	}
	w.record(ctx)
	return out, nil
}

// serveHTTP calls the handler. http.ErrAbortHandler becomes an error; other panics go on. As the server of
// net/http, it removes the temporary files of a form.
func (f *front) serveHTTP(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	aborted := true
	defer func() {
		if r.MultipartForm != nil {
			r.MultipartForm.RemoveAll()
		}
		if !aborted {
			return
		}
		if v := recover(); v == http.ErrAbortHandler {
			err = http.ErrAbortHandler
			if f.cause != nil {
				err = fmt.Errorf("httpapi: the response was aborted: %w (%w)", f.cause, err)
			}
		} else if v != nil {
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	aborted = false
	return nil
}

// abort ends a response that has begun, because half a response must not look whole. In Lambda, the
// invocation fails with the cause.
func abort(ctx context.Context, cause error) {
	if f := frontOf(ctx); f != nil {
		f.cause = cause
	}
	panic(http.ErrAbortHandler)
}

// Limits of a response event in bytes (Lambda quotas; Elastic Load Balancing, "Lambda functions as
// targets").
const (
	maxResponse     = 6_291_556
	maxLoadBalancer = 1 << 20
)

func (f *front) maxResponse() int {
	if f.kind == LoadBalancer {
		return maxLoadBalancer
	}
	return maxResponse
}

var tooLargeBody = []byte(`{"title":"Internal Server Error","status":500,"detail":"The response is too large."}`)

func tooLarge(r *http.Request) *answer {
	return &answer{request: r, status: http.StatusInternalServerError, sent: []headerLine{{"Content-Type", "application/problem+json"}}}
}

// StatusError is the failure of an invocation whose handler answered with a status of 500 or more.
type StatusError struct {
	Status int
	Method string
	Route  string // the pattern of a ServeMux that matched, or the path
}

// Error describes the answer.
func (e *StatusError) Error() string {
	return fmt.Sprintf("httpapi: %s %s answered %d %s", e.Method, e.Route, e.Status, http.StatusText(e.Status))
}

// record tells the invocation what the handler answered.
func (a *answer) record(ctx context.Context) {
	inv := lambdakit.FromContext(ctx)
	if inv == nil {
		return
	}
	x := lambdakit.HTTPExchange{Method: a.request.Method, Route: route(a.request), Status: a.status}
	inv.SetHTTP(x)
	if a.status >= 500 {
		inv.Fail(&StatusError{a.status, x.Method, x.Route})
	}
}

// route returns the pattern that matched, without its method and host, or the path.
func route(r *http.Request) string {
	for i := range len(r.Pattern) {
		if r.Pattern[i] == '/' {
			return r.Pattern[i:]
		}
	}
	return r.URL.Path
}

//go:noinline
func fail(ctx context.Context, err error) {
	if inv := lambdakit.FromContext(ctx); inv != nil {
		inv.Fail(err)
	}
}

var cookiesReported sync.Once

// reportCookies reports that a front end takes one cookie only.
func (f *front) reportCookies() {
	cookiesReported.Do(func() {
		slog.Warn("httpapi: the front end takes one Set-Cookie header only, so the last one is sent; a load balancer takes all if the attribute lambda.multi_value_headers.enabled of its target group is true", "front_end", f.kind.String())
	})
}
