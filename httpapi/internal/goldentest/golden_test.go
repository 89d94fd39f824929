package goldentest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/golden"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// goldenCase is a case of http.json.
type goldenCase struct {
	Name, Kind, Sure, Source string
	Options                  struct {
		KeepBasePath bool `json:"keep_base_path"`
	}
	Event       json.RawMessage
	WantRequest map[string]json.RawMessage `json:"want_request"`
	Response    *recipe
	WantEvent   json.RawMessage `json:"want_event"`
	WantStream  *wantStream     `json:"want_stream"`
	WantError   string          `json:"want_error"`

	// The name of a case in the other files.
	Case string
}

// recipe is what the handler answers.
type recipe struct {
	Status     int
	Header     http.Header
	Body       string
	BodyBase64 string `json:"body_base64"`
	Steps      [][]any
}

type wantStream struct {
	ContentType    string `json:"content_type"`
	Prelude        json.RawMessage
	Body           *string
	BodyBeforeWait *string `json:"body_before_wait"`
	ReadError      string  `json:"read_error"`
	Raw            *string
	Error          string
}

func decode(t *testing.T, text []byte) *goldenCase {
	t.Helper()
	c := new(goldenCase)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		t.Fatalf("got a case that is not understood: %v", err)
	}
	return c
}

func TestGolden(t *testing.T) {
	golden.Run(t, "http.json", nil, func(t *testing.T, text []byte, _ func(string)) string {
		c := decode(t, text)
		if c.WantRequest == nil && c.WantEvent == nil && c.WantStream == nil && c.WantError == "" {
			t.Fatal("got a case that wants nothing")
		}
		a := &httpapi.Adapter{KeepBasePath: c.Options.KeepBasePath}
		wait := make(chan struct{})
		asked := false
		a.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = true
			c.checkRequest(t, r)
			c.Response.write(t, w, r, wait)
		})
		if c.WantStream != nil {
			c.stream(t, a, wait)
			return ""
		}
		close(wait)
		out, err := a.Wrap().Invoke(t.Context(), c.Event)
		switch {
		case c.WantError != "":
			if err == nil || !strings.Contains(err.Error(), c.WantError) {
				t.Errorf("got %s and the error %v, want one with %q", out, err, c.WantError)
			}
			return ""
		case err != nil:
			t.Fatalf("got the error %v, want none", err)
		case !asked && c.WantRequest != nil:
			t.Error("got no request, want one")
		}
		if c.WantEvent != nil {
			compare(t, "the response event", out, c.WantEvent)
		}
		return ""
	})
}

// compare compares JSON texts by their values.
func compare(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Errorf("got %s as %s, which is no JSON: %v", what, got, err)
		return
	}
	json.Unmarshal(want, &w)
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got %s as %s, want %s", what, got, want)
	}
}

func (c *goldenCase) checkRequest(t *testing.T, r *http.Request) {
	for name, want := range c.WantRequest {
		var got any
		switch name {
		case "path":
			got = r.URL.Path
		case "escaped_path":
			got = r.URL.EscapedPath()
		case "raw_query":
			got = r.URL.RawQuery
		case "query":
			got = r.URL.Query()
		case "request_uri":
			got = r.RequestURI
		case "method":
			got = r.Method
		case "host":
			got = r.Host
		case "proto":
			got = r.Proto
		case "content_length":
			got = r.ContentLength
		case "tls":
			got = r.TLS != nil
		case "remote_ip":
			got, _, _ = net.SplitHostPort(r.RemoteAddr)
		case "base_path":
			got = httpapi.BasePath(r.Context())
		case "peer_cn":
			got = ""
			if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
				got = r.TLS.PeerCertificates[0].Subject.CommonName
			}
		case "cookie_count":
			got = len(r.Cookies())
		case "cookies":
			cookies := map[string]string{}
			for _, cookie := range r.Cookies() {
				cookies[cookie.Name] = cookie.Value
			}
			got = cookies
		case "header":
			var names map[string]any
			json.Unmarshal(want, &names)
			values := map[string][]string{}
			for name := range names {
				values[name] = r.Header[name]
			}
			got = values
		case "no_header":
			var names []string
			json.Unmarshal(want, &names)
			absent := []string{}
			for _, name := range names {
				if _, ok := r.Header[name]; !ok {
					absent = append(absent, name)
				}
			}
			got = absent
		case "body", "body_base64":
			b, err := io.ReadAll(r.Body)
			if err != nil {
				t.Errorf("got the error %v of the body", err)
			}
			got = string(b)
			if name == "body_base64" {
				got = b
			}
		case "file":
			got = file(t, r, want)
		case "path_value":
			got = pathValues(r, want)
		case "auth":
			got = auth(r.Context())
		default:
			t.Fatalf("got %q of a request, which is not understood", name)
		}
		text, _ := json.Marshal(got)
		compare(t, name, text, want)
	}
}

func file(t *testing.T, r *http.Request, want []byte) any {
	var w struct{ Field string }
	json.Unmarshal(want, &w)
	f, header, err := r.FormFile(w.Field)
	if err != nil {
		t.Errorf("got the error %v of the form", err)
		return nil
	}
	content, _ := io.ReadAll(f)
	return map[string]any{"field": w.Field, "name": header.Filename, "content_base64": content}
}

// pathValues returns the path values that are asked for. If a pattern is given, a ServeMux matches it.
func pathValues(r *http.Request, want []byte) any {
	var names map[string]string
	json.Unmarshal(want, &names)
	got := map[string]string{}
	if pattern, ok := names["pattern"]; ok {
		got["pattern"] = pattern
		delete(names, "pattern")
		mux := http.NewServeMux()
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, routed *http.Request) { r = routed })
		mux.ServeHTTP(discard{}, r)
	}
	for name := range names {
		got[name] = r.PathValue(name)
	}
	return got
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

func auth(ctx context.Context) any {
	c := httpapi.Auth(ctx)
	if c == nil {
		return nil
	}
	got := map[string]any{"kind": c.Kind}
	if c.Principal != "" {
		got["principal"] = c.Principal
	}
	if c.Claims != nil {
		got["claims"] = c.Claims
	}
	if c.Scopes != nil {
		got["scopes"] = c.Scopes
	}
	if c.Values != nil {
		got["values"] = c.Values
	}
	if c.ARN != "" {
		got["arn"] = c.ARN
	}
	return got
}

// write does what the case says.
func (p *recipe) write(t *testing.T, w http.ResponseWriter, r *http.Request, wait chan struct{}) {
	if p == nil {
		return
	}
	if p.Steps == nil {
		for name, values := range p.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(p.Status)
		io.WriteString(w, p.Body)
		if b, _ := base64.StdEncoding.DecodeString(p.BodyBase64); len(b) > 0 {
			w.Write(b)
		}
		return
	}
	for _, step := range p.Steps {
		text := func(i int) string { return fmt.Sprint(step[i]) }
		number := func(i int) int { return int(step[i].(float64)) }
		switch text(0) {
		case "header":
			w.Header().Set(text(1), text(2))
		case "del":
			w.Header().Del(text(1))
		case "nil":
			w.Header()[text(1)] = nil
		case "status":
			w.WriteHeader(number(1))
		case "write":
			io.WriteString(w, text(1))
		case "write_base64":
			b, _ := base64.StdEncoding.DecodeString(text(1))
			w.Write(b)
		case "error":
			http.Error(w, text(1), number(2))
		case "redirect":
			http.Redirect(w, r, text(1), number(2))
		case "serve_content":
			http.ServeContent(w, r, text(1), time.Time{}, strings.NewReader(text(2)))
		case "flush":
			w.(http.Flusher).Flush()
		case "wait":
			<-wait
		case "panic":
			panic(text(1))
		default:
			t.Errorf("got the step %v, which is not understood", step)
		}
	}
}

// stream runs the case as a stream.
func (c *goldenCase) stream(t *testing.T, a *httpapi.Adapter, wait chan struct{}) {
	w := c.WantStream
	if w.Error != "" {
		close(wait)
		res := lambdatest.Run(t, a.WrapStream(), c.Event)
		if res.Err == nil || !strings.Contains(res.Err.Error(), w.Error) {
			t.Errorf("got the error %v, want one with %q", res.Err, w.Error)
		}
		return
	}
	s, err := a.WrapStream()(t.Context(), c.Event)
	if err != nil {
		t.Fatalf("got the error %v, want a stream", err)
	}
	panics := w.ReadError != ""
	defer func() { // a panic goes on when the stream is closed
		if v := recover(); v != nil && !panics {
			t.Errorf("got the panic %v, want none", v)
		}
	}()
	defer s.Close()
	if w.ContentType != "" && s.ContentType() != w.ContentType {
		t.Errorf("got the content type %s, want %s", s.ContentType(), w.ContentType)
	}
	var got []byte
	before := func() string { _, body, _ := bytes.Cut(got, make([]byte, 8)); return string(body) }
	buffer := make([]byte, 1000)
	for {
		if w.BodyBeforeWait != nil && before() == *w.BodyBeforeWait {
			close(wait)
			w.BodyBeforeWait = nil
		}
		n, err := s.Read(buffer)
		got = append(got, buffer[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			if w.ReadError == "" || !strings.Contains(err.Error(), w.ReadError) {
				t.Errorf("got the read error %v, want %q", err, w.ReadError)
			}
			w.ReadError = ""
			break
		}
	}
	if w.ReadError != "" {
		t.Errorf("got no read error, want %q", w.ReadError)
	}
	if w.Raw != nil && string(got) != *w.Raw {
		t.Errorf("got %q, want %q", got, *w.Raw)
	}
	prelude, body, _ := bytes.Cut(got, make([]byte, 8))
	if w.Prelude != nil {
		compare(t, "the prelude", prelude, w.Prelude)
	}
	if w.Body != nil && string(body) != *w.Body {
		t.Errorf("got the body %q, want %q", body, *w.Body)
	}
}
