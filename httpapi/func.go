package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
)

// Operation is a function as an http.Handler. [Func] makes one.
type Operation struct {
	plan   *plan
	out    reflect.Type
	call   func(ctx context.Context, in reflect.Value) (any, error)
	errs   []mappedError
	watch  []func(ctx context.Context, e *Error)
	strict bool
	doc    Doc
}

// Option is an option of [Func].
type Option func(*Operation)

// mappedError is an argument of OnError.
type mappedError struct {
	target error
	status int
}

// OnError answers an error of the function with the status if errors.Is finds target in it. The answer
// has the text of target, and nothing else of the error.
func OnError(target error, status int) Option {
	if target == nil || !isFailure(status) {
		panic("httpapi: OnError: give an error, and a status from 400 to 599")
	}
	return func(o *Operation) { o.errs = append(o.errs, mappedError{target, status}) }
}

// OnProblem calls f with each problem that is answered: a request that does not fit, or an error of the
// function. It is for logs and metrics; the Err of e is the function's error. f is also called if an
// io.Reader that the function returned fails; the response has begun then, and is aborted.
func OnProblem(f func(ctx context.Context, e *Error)) Option {
	if f == nil {
		panic("httpapi: OnProblem: the function is nil")
	}
	return func(o *Operation) { o.watch = append(o.watch, f) }
}

// Strict refuses bodies with members that the type does not have.
func Strict() Option { return func(o *Operation) { o.strict = true } }

// Func returns fn as an http.Handler. In is a struct that is filled from the request; Out is written as
// the response.
//
//	type PutItem struct {
//		Shop  string     `path:"shop"`
//		Limit int        `query:"limit" default:"20" minimum:"1" maximum:"100"`
//		Tags  []string   `query:"tag,optional"`
//		Since *time.Time `query:"since"` // nil if absent
//		User  string     `auth:"sub"`    // absent: 401
//		Body  Item
//	}
//
// # Input
//
// A tag names the part of the request: path, query, header, cookie, or auth for a claim of [Auth]. A
// field is required unless it is optional, has a default, or is a pointer. Types are string, bool,
// numbers, time.Time (RFC 3339), time.Duration, encoding.TextUnmarshaler, and slices and pointers of
// these. A header of a slice is a list separated by commas.
//
// The field Body gets the body: JSON of any type, []byte, string, io.Reader, or *multipart.Form if the
// program imports package form. A pointer is nil if there is no body. A body without a Content-Type is
// taken for JSON. Browsers send such bodies across origins, too, so wrap an API that authenticates by
// cookies in a handler of [http.CrossOriginProtection].
//
// Constraints have the names of JSON Schema: minimum, maximum, exclusiveMinimum, exclusiveMaximum,
// minLength, maxLength (characters), minItems, maxItems, enum (separated by commas), and pattern if the
// program imports package pattern. Members of a JSON body can have them, too, and required:"true". A
// method Validate() error of In or of the body is called after them.
//
// # Output
//
// Out is written as JSON, with these exceptions: struct{} answers 204; a [Response] has its own status
// and headers; an io.Reader is copied; []byte and string are written as they are.
//
// # Errors
//
// An [Error] is answered as its problem (RFC 9457, application/problem+json). [OnError] maps other
// errors to statuses. Any other error answers 500 without its text, and [lambdakit.Invocation.Fail]
// gets it. An answer has all problems of a request, and never repeats a value. Parameters
// answer 400, a body that is not JSON 415 or 400, constraints of a body 422, a missing claim 401.
//
// Func panics if fn is nil, or if a field of In cannot be set.
func Func[In, Out any](fn func(context.Context, In) (Out, error), opts ...Option) *Operation {
	if fn == nil {
		panic("httpapi: Func: the function is nil")
	}
	o := &Operation{
		plan: planOf(reflect.TypeFor[In]()),
		out:  reflect.TypeFor[Out](),
		call: func(ctx context.Context, in reflect.Value) (any, error) {
			return fn(ctx, *in.Addr().Interface().(*In))
		},
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// ServeHTTP calls the function.
func (o *Operation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := reflect.New(o.plan.typ).Elem()
	problem := o.plan.bind(in, w, r, o.strict)
	if problem == nil {
		problem = o.validate(in)
	}
	if problem == nil {
		out, err := o.call(r.Context(), in)
		if err == nil {
			err = writeResult(w, out)
		}
		if err == nil {
			return
		}
		if failed, ok := err.(*readError); ok {
			o.tell(r.Context(), &Error{Status: http.StatusInternalServerError, Err: failed.err})
			abort(r.Context(), failed.err)
		}
		problem = o.answer(r.Context(), err)
	}
	o.tell(r.Context(), problem)
	problem.write(w)
}

// tell calls the functions of OnProblem.
//
//go:noinline
func (o *Operation) tell(ctx context.Context, problem *Error) {
	for _, f := range o.watch {
		f(ctx, problem)
	}
}

// validate calls the Validate methods of the input and of the body.
func (o *Operation) validate(in reflect.Value) *Error {
	if err := validate(in); err != nil {
		return invalid(err, &Error{Detail: err.Error()})
	}
	if b := o.plan.body; b != nil && b.kind == bodyJSON {
		if err := validate(in.FieldByIndex(b.index)); err != nil {
			return invalid(err, &Error{Problems: []Problem{{In: "body", Detail: err.Error()}}})
		}
	}
	return nil
}

// validate calls the Validate method of a value, if it has one and is not a nil pointer.
func validate(v reflect.Value) error {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	x, ok := v.Addr().Interface().(validator)
	if !ok && v.Type().Implements(validatorType) {
		x, ok = v.Interface().(validator)
	}
	if !ok {
		return nil
	}
	return x.Validate()
}

type validator interface{ Validate() error }

var validatorType = reflect.TypeFor[validator]()

// invalid returns the problem of an error of Validate: the error's own, or e. The status is 422, unless
// the error's own is valid.
func invalid(err error, e *Error) *Error {
	if own, ok := errors.AsType[*Error](err); ok && own != nil {
		if isFailure(own.Status) {
			return own
		}
		c := *own
		e = &c
	}
	e.Status = http.StatusUnprocessableEntity
	return e
}

// isFailure reports whether a problem may have the status.
func isFailure(status int) bool { return 400 <= status && status <= 599 }

// answer returns the problem that the client gets for an error of the function.
func (o *Operation) answer(ctx context.Context, err error) *Error {
	e, ok := errors.AsType[*Error](err)
	if ok && e == nil {
		ok, err = false, errors.New("httpapi: the error is a *Error that is nil; return nil, without a type, for no error")
	}
	if !ok {
		e = &Error{Status: http.StatusInternalServerError, Err: err}
		for _, m := range o.errs {
			if errors.Is(err, m.target) {
				e = &Error{Status: m.status, Detail: m.target.Error(), Err: err}
				break
			}
		}
	}
	if !isFailure(e.Status) {
		e = &Error{Status: http.StatusInternalServerError, Err: err}
	}
	if e.Status >= 500 {
		fail(ctx, err)
	}
	return e
}

// Response is an output with a status, headers and cookies. The body is written as an output of its
// type is; the status of struct{} is 204 by default, of others 200.
type Response[T any] struct {
	Status  int // 200 to 599; another one is a 500
	Header  http.Header
	Cookies []*http.Cookie
	Body    T
}

// responder is any Response. Its method for cookies keeps their code out of functions without a Response.
type responder interface {
	parts() (status int, header http.Header, body any)
	setCookies(http.ResponseWriter)
}

func (r Response[T]) parts() (status int, header http.Header, body any) {
	return r.Status, r.Header, r.Body
}

func (r Response[T]) setCookies(w http.ResponseWriter) {
	for _, c := range r.Cookies {
		http.SetCookie(w, c)
	}
}

// readError is the error of an io.Reader after the response has begun.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// writeResult writes an output. An error means that nothing was written and no header was set, unless it is
// a *readError.
func writeResult(w http.ResponseWriter, out any) error {
	status := 0
	var header http.Header
	response, ok := out.(responder)
	if ok {
		if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && v.IsNil() {
			return errors.New("httpapi: the function returned neither a Response nor an error")
		}
		status, header, out = response.parts()
		if status != 0 && (status < 200 || status > 599) {
			if c, ok := out.(io.Closer); ok {
				c.Close()
			}
			return fmt.Errorf("httpapi: the Response has the status %d, which is not one from 200 to 599", status)
		}
	}
	kind := "application/octet-stream"
	var body []byte
	var reader io.Reader
	switch x := out.(type) {
	case struct{}:
		kind = ""
	case []byte:
		body = x
	case string:
		kind, body = "text/plain; charset=utf-8", []byte(x)
	case io.Reader:
		reader = x
	default:
		var err error
		if body, err = json.Marshal(out); err != nil {
			return err
		}
		kind = "application/json"
	}
	for name, values := range header {
		w.Header()[http.CanonicalHeaderKey(name)] = slices.Clip(values) // later values go into a copy
	}
	if response != nil {
		response.setCookies(w)
	}
	if _, ok := w.Header()["Content-Type"]; !ok && kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	switch {
	case status != 0:
	case kind == "":
		status = http.StatusNoContent
	default:
		status = http.StatusOK
	}
	w.WriteHeader(status)
	if reader != nil {
		return copyAndFlush(w, reader)
	}
	if kind != "" {
		w.Write(body)
	}
	return nil
}

// copyAndFlush writes what r returns, each part as soon as it is there. It returns a *readError if r fails.
func copyAndFlush(w http.ResponseWriter, r io.Reader) error {
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	control := http.NewResponseController(w)
	buffer := make([]byte, 16<<10)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return nil // the client is gone, or the answer has no body
			}
			control.Flush()
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return &readError{err}
		}
	}
}
