package viewer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeRunner keeps what the page asks for.
type fakeRunner struct {
	mu    sync.Mutex
	calls []string
}

func (f *fakeRunner) call(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, text)
}

func (f *fakeRunner) Send(title string, event []byte, times, atOnce int) ([]string, error) {
	if title == "refused" {
		return nil, errors.New("it is closed")
	}
	f.call(fmt.Sprint(title, " ", string(event), " ", times, " ", atOnce))
	return make([]string, times), nil
}
func (f *fakeRunner) Restart(kill bool) {
	f.call(map[bool]string{true: "kill", false: "restart"}[kill])
}
func (f *fakeRunner) Save(name, text string, replace bool) error {
	if name == "event.json" && !replace {
		return fs.ErrExist
	}
	if name == "full.json" {
		return errors.New("no space left")
	}
	f.call(name + " " + text)
	return nil
}
func (f *fakeRunner) EventFiles() []Template {
	return []Template{{"event.json", "This function", "{}"}}
}

// serve returns a server with a token and an invocation a.
func serve(t *testing.T) (*httptest.Server, *Server, *fakeRunner) {
	t.Helper()
	f := new(fakeRunner)
	s := &Server{Store: NewStore(State{Function: "orders", State: Running}), Runner: f, Token: "secret"}
	s.Store.Begin("a", "event.json", []byte(`{"id":1}`), start)
	s.Store.End(result("a", `{"ok":true}`), nil, 0)
	srv := httptest.NewServer(s.Handler(1))
	t.Cleanup(srv.Close)
	return srv, s, f
}

// do sends a request with the token and returns status and body.
func do(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServer_TokenBecomesACookie(t *testing.T) {
	t.Parallel()
	srv, _, _ := serve(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(url string, header ...string) *http.Response {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	resp := get(srv.URL + "/?token=secret")
	cookie := resp.Header.Get("Set-Cookie")
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/" || cookie != "lambdakit-1=secret; Path=/; HttpOnly; SameSite=Strict" {
		t.Errorf("got %s to %q with the cookie %q, want a redirect to / with a cookie", resp.Status, resp.Header.Get("Location"), cookie)
	}
	for _, path := range []string{"/", "/api/state", "/api/invocations", "/api/stream", "/api/invocations/a"} {
		for _, header := range [][]string{nil, {"Cookie", "lambdakit-1=wrong"}, {"Cookie", "lambdakit-1="}, {"Authorization", "Bearer wrong"}, {"Authorization", "Bearer wrong", "Cookie", "lambdakit-1=secret"}} {
			if resp := get(srv.URL+path, header...); resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with %q: got %s, want 401", path, header, resp.Status)
			}
		}
	}
	if resp := get(srv.URL + "/?token=wrong"); resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: got %s and a cookie %q, want 401", resp.Status, resp.Header.Get("Set-Cookie"))
	}
	resp = get(srv.URL+"/", "Cookie", "lambdakit-1=secret")
	if kind := resp.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("got the content type %s, want HTML in UTF-8", kind)
	}
	if resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'nonce-") {
		t.Errorf("got %s with the policy %q, want the page", resp.Status, resp.Header.Get("Content-Security-Policy"))
	}
	for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cache-Control"} {
		if resp.Header.Get(name) == "" {
			t.Errorf("got no header %s", name)
		}
	}
}

func TestNewToken(t *testing.T) {
	t.Parallel()
	if a, b := NewToken(), NewToken(); len(a) < 26 || a == b {
		t.Errorf("got the tokens %q and %q, want two long ones", a, b)
	}
}

func TestServer_HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	srv, _, _ := serve(t)
	for path, want := range map[string]string{"/api/state": "application/json", "/api/invocations/a/test": "text/plain; charset=utf-8", "/other": "text/plain; charset=utf-8"} {
		resp, err := http.DefaultClient.Do(authorized(t, srv.URL+path))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		for name, want := range map[string]string{
			"Content-Type": want, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: got the header %s: %s, want %s", path, name, got, want)
			}
		}
	}
}

func TestServer_API(t *testing.T) {
	t.Parallel()
	srv, _, f := serve(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/api/state", "", 200, `"function":"orders"`},
		{"GET", "/api/invocations", "", 200, `{"invocations":[{"id":"a"`},
		{"GET", "/api/invocations/a", "", 200, `"event":{"text":"{\"id\":1}"`},
		{"GET", "/api/invocations/none", "", 404, `{"error":"there is no such invocation`},
		{"GET", "/api/invocations/a/test", "", 200, "func TestEventJson(t *testing.T) {\n\tconst event = `{\"id\":1}`\n"},
		{"GET", "/api/templates", "", 200, `[{"name":"event.json","group":"This function","text":"{}"},{`},
		{"POST", "/api/invocations", `{"event":"{}","title":"mine","times":3}`, 202, `{"accepted":3,`},
		{"POST", "/api/invocations", `{"event":"{}","title":"many","times":1000,"at_once":7}`, 202, `{"accepted":1000,"ids":[` + strings.Repeat(`"",`, 99) + `""]}`},
		{"POST", "/api/invocations", `{"event":"{}","times":1001}`, 400, "at most 1000"},
		{"POST", "/api/invocations", `{"event":"{}","title":"refused"}`, 503, `{"error":"it is closed"}`},
		{"POST", "/api/invocations", `{"event":"` + strings.Repeat("x", maxRequest) + `"}`, 413, "the request has more than"},
		{"POST", "/api/files", `{"name":"full.json","text":"[]"}`, 500, `{"error":"no space left"}`},
		{"POST", "/api/files", `{`, 400, "not the JSON that is expected"},
		{"POST", "/api/restart", `{`, 400, "not the JSON that is expected"},
		{"GET", "/api/invocations/none/test", "", 404, `{"error":"there is no such invocation`},
		{"GET", "/api/templates?records=7", "", 200, `SQS`},
		{"POST", "/api/invocations", `{"event":"{"}`, 400, `{"error":"`},
		{"POST", "/api/invocations", `{`, 400, `{"error":"`},
		{"POST", "/api/invocations/a/resend", "", 202, `"accepted":1`},
		{"POST", "/api/invocations/none/resend", "", 404, `{"error":"`},
		{"POST", "/api/files", `{"name":"new.json","text":"[]"}`, 201, `"name":"new.json"`},
		{"POST", "/api/files", `{"name":"event.json","text":"[]"}`, 409, "event.json exists"},
		{"POST", "/api/files", `{"name":"event.json","text":"[]","replace":true}`, 201, ""},
		{"POST", "/api/files", `{"name":"../x.json","text":"[]"}`, 400, "the name of a file"},
		{"POST", "/api/files", `{"name":".x.json","text":"[]"}`, 400, "the name of a file"},
		{"POST", "/api/files", `{"name":"x.go","text":"[]"}`, 400, "the name of a file"},
		{"POST", "/api/files", `{"name":"x.json","text":"["}`, 400, "not JSON"},
		{"POST", "/api/restart", `{}`, 202, ""},
		{"POST", "/api/restart", `{"kill":true}`, 202, ""},
		{"DELETE", "/api/invocations", "", 204, ""},
		{"GET", "/api/invocations", "", 200, `{"invocations":[]}`},
		{"GET", "/api/other", "", 404, ""},
		{"PUT", "/api/restart", "", 405, ""},
	} {
		status, body := do(t, c.method, srv.URL+c.path, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: got %d %s, want %d %s", c.method, c.path, c.body, status, body, c.status, c.want)
		}
	}
	want := `mine {} 3 1; many {} 1000 7; event.json {"id":1} 1 1; new.json []; event.json []; restart; kill`
	if got := strings.Join(f.calls, "; "); got != want {
		t.Errorf("got the calls %s, want %s", got, want)
	}
}

// events reads the events of a stream.
type events struct{ *bufio.Scanner }

// next returns the name and the data of the next event.
func (e events) next(t *testing.T) (name, data string) {
	t.Helper()
	for e.Scan() {
		switch line := e.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		case strings.HasPrefix(line, ": "):
			return line, ""
		case line == "" && name != "":
			return name, data
		}
	}
	t.Fatalf("got the end of the stream (%v), want an event", e.Err())
	return "", ""
}

func TestServer_Stream(t *testing.T) {
	t.Parallel()
	srv, s, _ := serve(t)
	s.Heartbeat = time.Millisecond
	req, _ := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/api/stream", nil)
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	e := events{bufio.NewScanner(resp.Body)}
	next := func() (name, data string) {
		for name == "" || name[0] == ':' {
			name, data = e.next(t)
		}
		return name, data
	}
	name, data := next()
	var snapshot struct {
		State       State
		Invocations []Summary
	}
	if err := json.Unmarshal([]byte(data), &snapshot); err != nil || name != "snapshot" || snapshot.State.Function != "orders" || len(snapshot.Invocations) != 1 {
		t.Fatalf("got %s %s (%v), want a snapshot", name, data, err)
	}
	if name, _ := e.next(t); name != ": alive" {
		t.Errorf("got %s, want a heartbeat", name)
	}
	s.Store.Begin("b", "", []byte("{}"), start)
	if name, data := next(); name != "invocation" || !strings.Contains(data, `"id":"b"`) || !strings.Contains(data, `"outcome":"running"`) {
		t.Errorf("got %s %s, want the invocation that begins", name, data)
	}
	s.Store.SetState(func(st *State) { st.State = Building })
	if name, data := next(); name != "state" || !strings.Contains(data, `"building"`) {
		t.Errorf("got %s %s, want the state", name, data)
	}
	s.Store.Clear()
	if name, data := next(); name != "removed" || data != `{"ids":["a"]}` {
		t.Errorf("got %s %s, want the removal of a", name, data)
	}
}
