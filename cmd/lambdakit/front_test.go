package main

import (
	"bufio"
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// serveHTTP starts lambdakit run -http.
func serveHTTP(t *testing.T, args ...string) *served {
	t.Helper()
	return start(t, "-http", "./testdata/http", args)
}

func TestHTTP_AllowedOrigin(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t, "-allow-origin", "http://localhost:5173")
	for origin, want := range map[string]int{"http://localhost:5173": 201, "http://localhost:5174": 403, "https://localhost:5173": 403, "null": 403} {
		if resp, text := s.post("/echo/a", "", "Origin", origin, "Sec-Fetch-Site", "cross-site"); resp.StatusCode != want || want == 403 && !strings.Contains(text, "-allow-origin") {
			t.Errorf("%s: got %d %s, want %d, and the flag in the refusal", origin, resp.StatusCode, text, want)
		}
	}
}

func TestHTTP_AllFrontEnds(t *testing.T) {
	t.Parallel()
	for _, kind := range httpevent.Names() {
		for _, mode := range []string{"whole", "stream"} {
			s := serveHTTP(t, "-http-kind", kind, "-env", "MODE="+mode)
			resp, text := s.post("/echo/a%20b?q=1", "\xff", "Content-Type", "image/png")
			f, _ := httpevent.Parse(kind)
			want := f.Kind.String() + ` POST a b?q=1 "\xff" tls=`
			if resp.StatusCode != 201 || !strings.HasPrefix(text, want) || len(resp.Cookies()) == 0 {
				t.Errorf("%s, %s: got %d %q and the cookies %v, want 201 %q", kind, mode, resp.StatusCode, text, resp.Cookies(), want)
			}
			if status := s.end(); status != 0 {
				t.Errorf("%s, %s: got status %d, want 0", kind, mode, status)
			}
			contains(t, s.out.String(), "response to POST /echo/a%20b", "REPORT RequestId: ", `"statusCode": 201`)
		}
	}
}

func TestHTTP_Claims(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"rest", "httpapi", "httpapi1"} {
		s := serveHTTP(t, "-http-kind", kind, "-http-claim", "sub=u-1", "-http-claim", "team=a=b")
		if resp, text := s.post("/me", ""); resp.StatusCode != 200 || text != "u-1 a=b" {
			t.Errorf("%s: got %d %q, want 200 and both claims", kind, resp.StatusCode, text)
		}
		s.end()
	}
}

func TestHTTP_CookiesAndRedirects(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"url", "rest", "httpapi", "alb-multi"} { // the others take one cookie
		s := serveHTTP(t, "-http-kind", kind)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Jar: jar}).Get(s.url + "/login")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(text) != "a=1,b=2," || err != nil || resp.Request.URL.Path != "/cookies" {
			t.Errorf("%s: got %q of %v and the error %v, want both cookies at /cookies", kind, text, resp.Request.URL, err)
		}
	}
}

func TestHTTP_UploadsAndDownloads(t *testing.T) {
	t.Parallel()
	file := make([]byte, 100_000)
	for i := range file {
		file[i] = byte(i) // not UTF-8
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.bin")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	for _, kind := range httpevent.Names() {
		for _, mode := range []string{"whole", "stream"} {
			s := serveHTTP(t, "-http-kind", kind, "-env", "MODE="+mode)
			resp, got := s.post("/download", form.String(), "Content-Type", w.FormDataContentType())
			if resp.StatusCode != 200 || got != string(file) || resp.Header.Get("Content-Disposition") != "attachment; filename=a.bin" {
				t.Errorf("%s, %s: got %d, %d bytes and the headers %v, want the %d bytes of the file", kind, mode, resp.StatusCode, len(got), resp.Header, len(file))
			}
		}
	}
}

func TestHTTP_ResponseStreamArrivesInParts(t *testing.T) {
	t.Parallel()
	for kind, streams := range map[string]bool{"url": true, "rest": true, "httpapi": false} {
		release := make(chan struct{})
		rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-release
			io.WriteString(w, "second")
		}))
		s := serveHTTP(t, "-http-kind", kind, "-env", "MODE=stream")
		if !streams {
			close(release)
		}
		resp, err := http.Get(s.url + "/steps?rest=" + rest.URL)
		if err != nil {
			t.Fatal(err)
		}
		body := bufio.NewReader(resp.Body)
		if first, err := body.ReadString(','); err != nil || first != "first," {
			t.Errorf("%s: got %q and the error %v, want first,", kind, first, err)
		}
		if streams { // the client has the first part, and the function waits for the second
			close(release)
		}
		if second, err := io.ReadAll(body); err != nil || string(second) != "second" {
			t.Errorf("%s: got %q and the error %v, want second", kind, second, err)
		}
		resp.Body.Close()
		s.end()
		rest.Close()
		if streams {
			contains(t, s.out.String(), "\"statusCode\": 200", "}\n  first,second\n")
		}
	}
}

func TestHTTP_Failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode, path string
		status     int
		body, out  string
	}{
		{"whole", "/panic", 502, `{"message":"Internal server error"}`, "failed on POST /panic: string"},
		{"stream", "/panic", 502, `{"message":"Internal server error"}`, "failed on POST /panic: string"},
		{"whole", "/exit", 502, `{"message":"Internal server error"}`, "failed on POST /exit: Runtime.ExitError"},
		{"whole", "/down", 503, "down\n", "failed on POST /down: "},
		{"stream", "/down", 503, "down\n", "failed on POST /down: "},
		{"malformed", "/", 502, `{"message":"Internal server error"}`, "POST /: the client gets 502 Bad Gateway: the answer of the function is malformed: it is not a JSON object"},
		{"malformed stream", "/", 502, `{"message":"Internal server error"}`, "the prelude of the stream is malformed: statusCode is not a number"},
		{"no prelude", "/", 502, `{"message":"Internal server error"}`, "the client gets 502 Bad Gateway"},
		{"broken prelude", "/", 502, `{"message":"Internal server error"}`, "failed on POST /: "},
	} {
		s := serveHTTP(t, "-http-kind", "rest", "-env", "MODE="+c.mode)
		resp, text := s.post(c.path, "")
		if resp.StatusCode != c.status || text != c.body {
			t.Errorf("%s %s: got %d %q, want %d %q", c.mode, c.path, resp.StatusCode, text, c.status, c.body)
		}
		if status := s.end(); status != 1 {
			t.Errorf("%s %s: got status %d, want 1", c.mode, c.path, status)
		}
		contains(t, s.out.String(), c.out)
	}
}

func TestHTTP_StreamThatFailsIsCut(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t, "-env", "MODE=stream")
	resp, err := http.Get(s.url + "/cut")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "first," || err == nil {
		t.Errorf("got %q and the error %v, want first, and an error", text, err)
	}
}

func TestHTTP_LargeResponses(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]int{"whole": 500, "stream": 200} {
		s := serveHTTP(t, "-env", "MODE="+mode)
		if resp, text := s.post("/large", ""); resp.StatusCode != want || mode == "stream" && len(text) != 8<<20 {
			t.Errorf("%s: got %d and %d bytes, want %d", mode, resp.StatusCode, len(text), want)
		}
	}
}

func TestHTTP_RequestThatIsTooLarge(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t)
	for _, size := range []int{5 << 20, 7 << 20} { // the base64 of the first, and the second itself
		if resp, _ := s.post("/echo/a", strings.Repeat("x", size), "Content-Type", "image/png"); resp.StatusCode != 413 {
			t.Errorf("got %d for %d bytes, want 413", resp.StatusCode, size)
		}
	}
	if s.end(); strings.Contains(s.out.String(), "REPORT") {
		t.Error("got an invocation, want none")
	}
}

func TestHTTP_RequestsAtOnce(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t, "-concurrency", "4")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if resp, text := s.post("/echo/a", "x"); resp.StatusCode != 201 {
				t.Errorf("got %d %s, want 201", resp.StatusCode, text)
			}
		})
	}
	wg.Wait()
}

func TestHTTP_RefusesWebPagesAndForeignHosts(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t, "-allow-host", "dev.example")
	for want, all := range map[int][][]string{
		403: {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Host", "evil.example"}},
		201: {{"Host", "dev.example"}, {"Sec-Fetch-Site", "same-origin"}},
	} {
		for _, headers := range all {
			if resp, text := s.post("/echo/a", "", headers...); resp.StatusCode != want {
				t.Errorf("%q: got %d %s, want %d", headers, resp.StatusCode, text, want)
			}
		}
	}
}

func TestHTTP_FunctionThatCannotRun(t *testing.T) {
	t.Parallel()
	s := serveHTTP(t, "-env", "MARK="+filepath.Join(t.TempDir(), "started"))
	s.post("/exit", "")
	if resp, text := s.post("/echo/a", ""); resp.StatusCode != 502 {
		t.Errorf("got %d %s, want 502", resp.StatusCode, text)
	}
	contains(t, s.out.String(), "cannot run the function: function exited before asking for its first event: exit status 3\n")
}

func TestHTTP_UsageErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-http names no address":               {"-http", ""},
		"-http-kind needs -http":               {"-http-kind", "rest"},
		"-http-claim needs -http":              {"-http-claim", "sub=u"},
		"-http-claim needs API Gateway":        {"-http", ":0", "-http-claim", "sub=u"},
		`-http-claim "sub" is not of the form`: {"-http", ":0", "-http-kind", "rest", "-http-claim", "sub"},
		"-http and -serve exclude each other":  {"-http", ":0", "-serve", ":0"},
		"-queue and -http exclude each other":  {"-queue", "x", "-http", ":0"},
		`-http-kind "soap" is not one of url,`: {"-http", ":0", "-http-kind", "soap"},
		"listen tcp: address nowhere":          {"-http", "nowhere"},
	} {
		errs := newBuffer()
		if status := command(t.Context(), append(append([]string{"run"}, args...), "./testdata/http"), nil, io.Discard, errs); status != 2 {
			t.Errorf("%q: got status %d, want 2", args, status)
		}
		contains(t, errs.String(), want)
	}
}

func TestHTTP_RequestsAreBounded(t *testing.T) {
	t.Parallel()
	f := &frontEnd{exchanges: &exchanges{runner: &runner{}, slots: make(chan struct{}, 1)}}
	f.slots <- struct{}{}
	w := httptest.NewRecorder()
	if f.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)); w.Code != 429 {
		t.Errorf("got %d, want 429", w.Code)
	}
}

func TestHTTP_EventsFirst(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(file, []byte(`{"version":"2.0","rawPath":"/echo/first","requestContext":{"http":{"method":"GET"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveHTTP(t, "-event", file)
	contains(t, s.out.String(), "response to event.json", "GET first?")
}
