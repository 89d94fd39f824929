package emulator

import (
	"strings"
	"testing"
)

func TestCheckEvent(t *testing.T) {
	t.Parallel()
	text := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	for _, c := range []struct {
		payload []byte
		check   func([]byte) error
		kind    string
	}{
		{nil, CheckEvent, ""},
		{[]byte(`{"a":1}`), CheckEvent, ""},
		{[]byte(` null `), CheckEvent, ""},
		{text(6_291_456), CheckEvent, ""},
		{text(6_291_457), CheckEvent, "RequestTooLargeException"},
		{text(1_048_576), CheckAsyncEvent, ""},
		{text(1_048_577), CheckAsyncEvent, "RequestTooLargeException"},
		{[]byte(`{`), CheckEvent, "InvalidRequestContentException"},
		{[]byte(`{`), CheckAsyncEvent, "InvalidRequestContentException"},
		{[]byte(` `), CheckEvent, "InvalidRequestContentException"},
		{[]byte(`{} {}`), CheckEvent, "InvalidRequestContentException"},
		{[]byte("\xef\xbb\xbf{}"), CheckEvent, "InvalidRequestContentException"},
		{[]byte("\"\xff\""), CheckEvent, "InvalidRequestContentException"},
	} {
		err := c.check(c.payload)
		refused, _ := err.(*RequestError)
		if err == nil && c.kind != "" || refused != nil && refused.Type != c.kind {
			t.Errorf("%.20q: got %v, want %q", c.payload, err, c.kind)
		}
	}
}

func TestCheckEvent_WordsOfLambda(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{CheckEvent(make([]byte, MaxEvent+1)), 413, "RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
		{CheckAsyncEvent(make([]byte, MaxAsyncEvent+1)), 413, "RequestTooLargeException: Request must be smaller than 1048576 bytes for the InvokeFunction operation"},
		{CheckEvent([]byte("\"\xff\"")), 400, "InvalidRequestContentException: Could not parse request body into json: it is not UTF-8"},
		{CheckEvent([]byte("{")), 400, "InvalidRequestContentException: Could not parse request body into json: unexpected end of JSON input"},
	} {
		if e, ok := c.err.(*RequestError); !ok || e.Status != c.status || e.Error() != c.want {
			t.Errorf("got %+v, want %d %s", c.err, c.status, c.want)
		}
	}
}
