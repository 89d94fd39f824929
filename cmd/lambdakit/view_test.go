package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/viewer"
)

// viewed is a run with a page.
type viewed struct {
	*served
	token string
}

// view starts lambdakit run -view with a builder.
func view(t *testing.T, b builder, args ...string) *viewed {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{t: t, out: newBuffer(), errs: newBuffer()}
	done := make(chan struct{})
	var status int
	go func() {
		defer close(done)
		status = (&cli{strings.NewReader(""), s.out, s.errs, b}).command(ctx, append([]string{"run", "-view"}, args...))
	}()
	s.end = func() int {
		cancel()
		<-done
		return status
	}
	t.Cleanup(func() { s.end() })
	found := s.errs.find(`the page is at (http://127\.0\.0\.1:\d+)/\?token=(\w+)`)
	s.url = found[1]
	return &viewed{s, found[2]}
}

// api makes a request and decodes the answer into v, unless it is nil.
func (p *viewed) api(method, path, body string, v any) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && v != nil && len(text) > 0 {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		p.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	return resp.StatusCode
}

// wait reads the page's stream until an invocation has ended, and returns it.
func (p *viewed) wait(id string) viewer.Invocation {
	p.t.Helper()
	p.until(func(_ viewer.State, list []viewer.Summary) bool {
		for _, s := range list {
			if s.ID == id && s.Outcome != viewer.InvocationRunning {
				return true
			}
		}
		return false
	})
	var inv viewer.Invocation
	p.api("GET", "/api/invocations/"+id, "", &inv)
	return inv
}

// until reads snapshots of the page's stream until one fulfils a condition. Each change of the function is
// followed by a change of the stream.
func (p *viewed) until(condition func(viewer.State, []viewer.Summary) bool) {
	p.t.Helper()
	req, _ := http.NewRequestWithContext(p.t.Context(), "GET", p.url+"/api/stream", nil)
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	part := make([]byte, 64<<10)
	for {
		var s struct{ Invocations []viewer.Summary }
		var state viewer.State
		p.api("GET", "/api/state", "", &state)
		p.api("GET", "/api/invocations", "", &s)
		if condition(state, s.Invocations) {
			return
		}
		if _, err := resp.Body.Read(part); err != nil {
			p.t.Fatalf("the stream ended: %v\n%s%s", err, p.out, p.errs)
		}
	}
}

// send sends an event and returns the id of its invocation.
func (p *viewed) send(event string) string {
	p.t.Helper()
	body, _ := json.Marshal(viewer.SendRequest{Event: event})
	var answer struct{ IDs []string }
	if status := p.api("POST", "/api/invocations", string(body), &answer); status != http.StatusAccepted || len(answer.IDs) != 1 {
		p.t.Fatalf("got %d and the ids %q, want 202 and one id", status, answer.IDs)
	}
	return answer.IDs[0]
}

func TestView_ShowsInvocations(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "trace.json")
	if err := os.WriteFile(file, []byte(`{"Do":"trace"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := view(t, buildOnce, "-timeout", "1m", "-event", file, "./testdata/function")
	var first viewer.Summary
	p.until(func(state viewer.State, list []viewer.Summary) bool {
		if len(list) == 0 || list[0].Outcome == viewer.InvocationRunning {
			return false
		}
		first = list[0]
		return state.State == viewer.Running && state.PID > 0
	})
	if first.Title != "trace.json" || !first.Cold || first.Spans != 2 || first.Outcome != viewer.InvocationOK {
		t.Errorf("got %+v, want the event of -event with two spans", first)
	}
	inv := p.wait(p.send(`{"Do":"log"}`))
	var lines []string
	for _, l := range inv.Log {
		lines = append(lines, l.Message)
	}
	if got := strings.Join(lines, "; "); !strings.Contains(got, "a library's line; a plain line") || !strings.Contains(got, "on standard error") || !strings.Contains(got, "without an end") || inv.Title != "event" {
		t.Errorf("got the lines %q of %s, want all that the function wrote", got, inv.Title)
	}
	if inv := p.wait(p.send(`{"Do":"emf"}`)); len(inv.Documents) != 1 || len(inv.Metrics) == 0 || len(inv.Log) != 0 {
		t.Errorf("got %d documents, %d metrics and %d lines, want one document", len(inv.Documents), len(inv.Metrics), len(inv.Log))
	}
	failed := p.wait(p.send(`{"Do":"error","Text":"boom"}`))
	if failed.Outcome != viewer.InvocationFailed || failed.ErrorMessage != "boom" || !strings.Contains(failed.Report, "REPORT RequestId: "+failed.ID) {
		t.Errorf("got %+v, want the failure", failed)
	}
	var again struct{ IDs []string }
	p.api("POST", "/api/invocations/"+failed.ID+"/resend", "", &again)
	if inv := p.wait(again.IDs[0]); inv.ErrorMessage != "boom" || inv.ID == failed.ID {
		t.Errorf("got %+v, want the same failure anew", inv.Summary)
	}
	contains(t, p.out.String(), "failed on event: errorString") // the terminal shows it, too
	if status := p.end(); status != 1 {
		t.Errorf("got status %d, want 1 since an invocation failed", status)
	}
}

func TestView_KillAndRestart(t *testing.T) {
	t.Parallel()
	p := view(t, buildOnce, "-timeout", "1m", "./testdata/function")
	p.until(func(s viewer.State, _ []viewer.Summary) bool { return s.State == viewer.Running })
	id := p.send(`{"Do":"sleep"}`)
	p.until(func(_ viewer.State, list []viewer.Summary) bool { return len(list) == 1 && list[0].Lines == 1 })
	if status := p.api("POST", "/api/restart", `{"kill":true}`, new(any)); status != http.StatusAccepted {
		t.Errorf("got %d, want 202", status)
	}
	if inv := p.wait(id); inv.Error != "Runtime.ExitError" {
		t.Errorf("got %+v, want an exit", inv.Summary)
	}
	if inv := p.wait(p.send(`{"Text":"new"}`)); !inv.Cold || inv.Response.Text != `"new"` {
		t.Errorf("got %+v, want a cold start", inv.Summary)
	}
	p.api("POST", "/api/restart", `{}`, new(any))
	if inv := p.wait(p.send(`{"Text":"new"}`)); !inv.Cold {
		t.Errorf("got %+v, want a cold start", inv.Summary)
	}
}

// Without -watch, a function that does not start ends the run.
func TestView_StartFails(t *testing.T) {
	t.Parallel()
	errs := newBuffer()
	if status := command(t.Context(), []string{"run", "-view", "-env", "INIT=exit", "./testdata/function"}, nil, io.Discard, errs); status != 2 {
		t.Errorf("got status %d, want 2: %s", status, errs)
	}
}

func TestView_Files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "event-a.json"), []byte(`{"Text":"a"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := func(ctx context.Context, pkg, tmp string, stderr io.Writer, _ ...string) (*function, error) {
		f, err := buildOnce(ctx, "./testdata/function", tmp, stderr)
		if err != nil {
			return nil, err
		}
		return &function{name: f.name, dir: dir, program: f.program}, nil
	}
	p := view(t, b, "-timeout", "1m", "./testdata/function")
	if status := p.api("POST", "/api/files", `{"name":"event-b.json","text":"{}"}`, new(any)); status != http.StatusCreated {
		t.Errorf("got %d, want 201", status)
	}
	if status := p.api("POST", "/api/files", `{"name":"event-b.json","text":"[]"}`, new(any)); status != http.StatusConflict {
		t.Errorf("got %d for a file that exists, want 409", status)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link.json")); err != nil {
		t.Fatal(err)
	}
	if status := p.api("POST", "/api/files", `{"name":"link.json","text":"{}","replace":true}`, new(any)); status != http.StatusInternalServerError {
		t.Errorf("got %d for a link out of the folder, want 500", status)
	}
	var templates []viewer.Template
	p.api("GET", "/api/templates", "", &templates)
	if len(templates) < 3 || templates[0].Name != "event-a.json" || templates[1].Name != "event-b.json" || templates[1].Text != "{}" {
		t.Errorf("got the templates %.200v, want the files of the function first", templates)
	}
}

func TestView_RefusesPagesOfOthers(t *testing.T) {
	t.Parallel()
	p := view(t, buildOnce, "-timeout", "1m", "./testdata/function")
	for name, headers := range map[string][]string{
		"another origin": {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"another host":   {"Host", "evil.example"},
		"no token":       {"Authorization", ""},
	} {
		resp, text := p.post("/api/invocations", `{"event":"{}"}`, append([]string{"Authorization", "Bearer " + p.token}, headers...)...)
		if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: got %s %s, want a refusal", name, resp.Status, text)
		}
	}
	if n := strings.Count(p.out.String(), "REPORT"); n != 0 {
		t.Errorf("got %d invocations, want none", n)
	}
}

// Messages of a queue and requests over HTTP are shown like all others.
func TestView_QueuesAndHTTP(t *testing.T) {
	t.Parallel()
	p := view(t, buildOnce, "-timeout", "1m", "-http", ":0", "./testdata/http")
	url := p.errs.find(`serving (http://\S+/);`)[1]
	resp, err := http.Get(url + "orders/1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.until(func(s viewer.State, list []viewer.Summary) bool {
		return s.URL == url && s.URLKind == "url" && len(list) == 1 && list[0].Title == "GET /orders/1" && list[0].Source == "function URL" && list[0].HTTPStatus == resp.StatusCode
	})

	file := filepath.Join(t.TempDir(), "queue.jsonl")
	if err := os.WriteFile(file, []byte("\"a\"\n\"b\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	q := view(t, buildOnce, "-timeout", "1m", "-queue", file, "./testdata/queue")
	q.until(func(_ viewer.State, list []viewer.Summary) bool {
		return len(list) == 1 && list[0].Records == 2 && list[0].Source == "SQS" && list[0].Outcome == viewer.InvocationOK
	})
}
