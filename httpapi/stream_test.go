package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

const urlEvent = `{"version":"2.0","rawPath":"/","headers":{},"requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"GET"}}}`

// TestWrapStream_Responses has responses that leave at once, in parts and not at all.
func TestWrapStream_Responses(t *testing.T) {
	t.Parallel()
	const nul = "\x00\x00\x00\x00\x00\x00\x00\x00"
	parts := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "x")
		w.Header().Add("Set-Cookie", "a=1")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Late", "1")
		w.Write([]byte("a"))
		w.(http.Flusher).Flush()
		w.Write([]byte("b"))
	}
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		what, event string
		handler     func(http.ResponseWriter, *http.Request)
		want        string
	}{
		{"parts", urlEvent, parts, `{"statusCode":200,"headers":{"Content-Type":"x"},"cookies":["a=1"]}` + nul + "ab"},
		{"parts for HEAD", strings.Replace(urlEvent, `"GET"`, `"HEAD"`, 1), parts, `{"statusCode":200,"headers":{"Content-Type":"x"},"cookies":["a=1"]}` + nul},
		{"a short body", urlEvent, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hi")) }, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nul + "hi"},
		{"a long body", urlEvent, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(long)); w.Write([]byte("end")) }, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nul + long + "end"},
		{"a long body for HEAD", strings.Replace(urlEvent, `"GET"`, `"HEAD"`, 1), func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(long)); w.Write([]byte("end")) }, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nul},
		{"nothing", urlEvent, func(http.ResponseWriter, *http.Request) {}, `{"statusCode":200}` + nul},
		{"no content", urlEvent, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			if n, err := w.Write([]byte("x")); n != 0 || err != http.ErrBodyNotAllowed {
				w.Header().Set("X-Wrong", "1")
			}
		}, `{"statusCode":204}` + nul},
		{"a front end that does not stream", getEvent, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201) }, `{"statusCode":201,"headers":{},"body":"","isBase64Encoded":false}`},
	} {
		res := lambdatest.Run(t, httpapi.WrapStream(http.HandlerFunc(c.handler)), c.event)
		if res.Err != nil || string(res.Response) != c.want {
			t.Errorf("%s: got %v and %.200q, want %.200q", c.what, res.Err, res.Response, c.want)
		}
	}
}

// TestWrapStream_Failures has handlers that end without a response, or with half of one.
func TestWrapStream_Failures(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		handler func(http.ResponseWriter, *http.Request)
		event   string
		want    func(error) bool
	}{
		"abort":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, urlEvent, func(err error) bool { return errors.Is(err, http.ErrAbortHandler) }},
		"abort, after it": {func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); panic(http.ErrAbortHandler) }, urlEvent, func(err error) bool { return err != nil }},
		"panic":           {func(http.ResponseWriter, *http.Request) { panic("oh") }, urlEvent, isPanic},
		"panic, after it": {func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); panic("oh") }, urlEvent, isPanic},
		"status 500": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }, urlEvent, func(err error) bool {
			s, ok := errors.AsType[*httpapi.StatusError](err)
			return ok && s.Status == 500 && s.Route == "/"
		}},
		"not an HTTP event": {func(http.ResponseWriter, *http.Request) {}, `{}`, func(err error) bool { return errors.Is(err, httpapi.ErrNotHTTP) }},
	} {
		res := lambdatest.Run(t, httpapi.WrapStream(http.HandlerFunc(c.handler)), c.event)
		if !c.want(res.Err) {
			t.Errorf("%s: got %v and %q, want the failure", what, res.Err, res.Response)
		}
	}
}

func isPanic(err error) bool {
	p, ok := errors.AsType[*lambdatest.PanicError](err)
	return ok && p.Value == "oh"
}

func TestAdapter_OtherEventsOfAStream(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	a := &httpapi.Adapter{Handler: http.NotFoundHandler(), Other: lambdakit.Wrap(func(_ context.Context, e struct{ Fail bool }) (string, error) {
		if e.Fail {
			return "", broken
		}
		return "other", nil
	})}
	if res := lambdatest.Run(t, a.WrapStream(), `{"Records":[]}`); string(res.Response) != `"other"` || res.Err != nil {
		t.Errorf("got %s and %v, want the other handler's answer", res.Response, res.Err)
	}
	if res := lambdatest.Run(t, a.WrapStream(), `{"fail":true}`); res.Err == nil || !strings.Contains(res.Err.Error(), "broken") {
		t.Errorf("got %s and %v, want the other handler's error", res.Response, res.Err)
	}
}
