//go:build integration

package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/viewer"
	"github.com/lambdakit/lambdakit/internal/viewer/browsertest/sample"
)

// hostile are texts that become markup or code on a page that is not careful, and texts that reorder
// or hide others.
var hostile = []string{
	`<img src=x onerror=window.ran=1>`, `"><svg onload=window.ran=1>`, `</script><script>window.ran=1</script>`, `<script>window.ran=1</script>`,
	`javascript:window.ran=1`, `' onclick='window.ran=1`, `{{nonce}}`, `${window.ran=1}`, `<style>*{display:none}</style>`, "\u202egnp.exe", "a\u2066b\u200bc", "</textarea></title><b>",
}

// fillHostile adds an invocation that has a text in each of its fields.
func fillHostile(store *viewer.Store, id, text string) {
	now := time.Now()
	encode := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return b
	}
	inner := map[string]any{text: text}
	event := encode(map[string]any{
		"version": "2.0", "rawPath": "/" + text, "rawQueryString": text, "headers": map[string]string{text: text, "authorization": text},
		"requestContext": map[string]any{"http": map[string]string{"method": text, "path": text}}, "body": string(encode(inner)), text: inner,
	})
	store.Begin(id, text, event, now)
	for _, level := range []string{"INFO", text} {
		store.Line(encode(map[string]any{"level": level, "message": text, text: text, "function_request_id": id, "span_id": text, "service": text,
			"error": map[string]any{"message": text, "type": text, "stack": text, "cause": inner}, "nested": inner}), false, now)
	}
	store.Line([]byte(text), true, now)
	document := map[string]any{"_aws": map[string]any{"Timestamp": now.UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
		"Namespace": "Shop", "Dimensions": [][]string{{"service"}}, "Metrics": []any{map[string]string{"Name": "N " + text, "Unit": text}, map[string]string{"Name": "Good " + text}}}}},
		"service": text, "N " + text: 1, "Good " + text: 1}
	store.Line(encode(document), false, now)
	span := segment.Document{ID: text, Name: text, Namespace: text, StartTime: seconds(now), EndTime: seconds(now.Add(time.Millisecond)), Fault: true,
		Annotations: map[string]any{text: text, "object": inner}, RawMetadata: encode(inner), Cause: segment.Cause{Exceptions: []segment.Exception{{Type: text, Message: text, Trace: text}}}}
	span.AWS.Operation, span.HTTP.Request.Method = text, text
	store.End(&emulator.Result{
		RequestID: id, TraceHeader: "Root=" + text, Start: now, Duration: 2 * time.Millisecond, After: time.Millisecond, ErrorType: text, ErrorMessage: text,
		Payload: encode(map[string]any{"statusCode": 200, "body": string(encode(inner)), "headers": map[string]string{text: text}}), ContentType: text,
	}, []segment.Document{span}, 0)
}

func TestSecurity_HostileTexts(t *testing.T) {
	state := sample.State(time.Now())
	all := strings.Join(hostile, " ")
	state.Function, state.Message, state.URL, state.Package, state.Version = all, all, "http://127.0.0.1/"+all, all, all
	store := viewer.NewStore(state)
	for i, text := range hostile {
		fillHostile(store, fmt.Sprint("id ", i, " ", text), text)
	}
	batch := map[string]any{"Records": []any{map[string]any{"eventSource": "aws:sqs", "messageId": all, "body": all, "eventSourceARN": "arn:aws:sqs:r:1:" + all, "attributes": map[string]string{"MessageGroupId": all}}}}
	text, err := json.Marshal(batch)
	if err != nil {
		t.Fatal(err)
	}
	store.Begin("batch", all, text, time.Now())
	store.End(&emulator.Result{RequestID: "batch", Start: time.Now(), Payload: text, Size: int64(len(text)), ContentType: all}, nil, 0)
	p := serve(t, store)
	p.visit()
	eval[bool](p.tab, `(window.violations = [], document.addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.sample)), true)`)
	for i := range hostile {
		p.do(chromedp.MouseClickXY(p.locate(fmt.Sprintf(`document.querySelectorAll('#list button')[%d]`, len(hostile)-i))))
		want(p.tab, picked, i+1)
		p.loaded()
		p.keys("1", "f")
		eval[bool](p.tab, `(document.querySelectorAll('.span > button, .log > button').forEach(b => b.click()), true)`)
		want(p.tab, `document.querySelectorAll('.more').length >= 4`, true)
		for _, key := range []string{"2", "3", "4", "5"} {
			p.keys(key)
			want(p.tab, `document.querySelector('[role=tab][aria-selected=true] kbd').textContent`, key)
			eval[bool](p.tab, `(document.querySelectorAll('.doc button').forEach(b => b.click()), true)`)
		}
		p.keys("e")
		want(p.tab, editorIsOpen, true)
		p.keys("Escape")
		p.keys("1", "c", "k")
		want(p.tab, `document.querySelector('main h1').textContent.startsWith('Compare')`, true)
		p.wait(`document.querySelectorAll('main table').length >= 2`)
		p.keys("Escape")
		p.wantNoMarkup()
	}
	p.click(`#list li:first-child button`)
	p.keys("2")
	want(p.tab, `document.querySelector('main table') !== null`, true)
	p.wantNoMarkup()
	// The texts are there, as texts. Controls that reorder are shown as escapes.
	for _, text := range []string{hostile[0], hostile[2], `\u202egnp.exe`, `a\u2066b\u200bc`} {
		want(p.tab, fmt.Sprintf(`document.querySelector('main').textContent.includes(%s)`, quoted(text)), true)
	}
	if controls := eval[bool](p.tab, `/[\u202e\u2066\u200b]/.test(document.body.textContent + document.title)`); controls {
		t.Error("got controls that reorder text, want escapes")
	}
}

// wantNoMarkup checks that no script ran, and that the page has no elements but its own.
func (p *page) wantNoMarkup() {
	p.t.Helper()
	got := eval[string](p.tab, `JSON.stringify({ran: window.ran, violations, scripts: document.scripts.length, styles: document.styleSheets.length,
		odd: [...document.querySelectorAll('img, iframe, object, embed, link:not([rel=icon]), a, form, base, [onerror], [onload], [onclick], [href^=javascript], [style*=url]')].map(e => e.outerHTML)})`)
	if want := `{"violations":[],"scripts":1,"styles":1,"odd":[]}`; got != want {
		p.t.Fatalf("got %s, want %s", got, want)
	}
}

// attack is a page of another origin that tries to invoke the function and to read from the server.
const attack = `<!doctype html><meta charset="utf-8"><body><script>
const target = %q, tried = [];
const note = (what, promise) => tried.push(Promise.resolve(promise).then(x => [what, String(x)], e => [what, 'refused']));
const read = r => r.type === 'opaque' ? 'opaque' : r.text();
const body = '{"event":"{}"}';
for (const mode of ['no-cors', 'cors']) for (const type of ['text/plain', 'application/json']) {
	note('invoke ' + mode + ' ' + type, fetch(target + '/api/invocations', {method: 'POST', mode, credentials: 'include', headers: {'Content-Type': type}, body}).then(read));
	note('restart ' + mode, fetch(target + '/api/restart', {method: 'POST', mode, credentials: 'include', body: '{"kill":true}'}).then(read));
	note('save ' + mode, fetch(target + '/api/files', {method: 'POST', mode, credentials: 'include', body: '{"name":"x.json","text":"{}"}'}).then(read));
}
note('clear', fetch(target + '/api/invocations', {method: 'DELETE', credentials: 'include'}).then(read));
note('read', fetch(target + '/api/invocations', {credentials: 'include'}).then(read));
note('page', fetch(target + '/', {credentials: 'include'}).then(read));
note('beacon', navigator.sendBeacon(target + '/api/invocations', body) && 'sent');
note('stream', new Promise((done, fail) => { const s = new EventSource(target + '/api/stream', {withCredentials: true}); s.addEventListener('snapshot', e => done(e.data)); s.onerror = fail }));
note('script', new Promise((done, fail) => { const s = document.createElement('script'); s.src = target + '/api/state'; s.onload = () => done('loaded'); s.onerror = fail; document.body.append(s) }));
note('frame', new Promise(done => { const f = document.createElement('iframe'); f.name = 'frame'; f.src = target + '/'; f.onload = () => { let inside; try { inside = f.contentDocument?.body?.textContent } catch {} done(inside ? 'read ' + inside : 'opaque') }; document.body.append(f) }));
note('form', new Promise(done => { const i = document.createElement('iframe'), f = document.createElement('form'); i.name = 'target'; i.onload = () => done('opaque'); f.method = 'POST'; f.action = target + '/api/restart'; f.target = 'target'; f.enctype = 'text/plain'; const x = document.createElement('input'); x.name = '{"kill":true,"x":"'; x.value = '"}'; f.append(x); document.body.append(i, f); f.submit() }));
window.tried = Promise.all(tried);
</script>`

func TestSecurity_ForeignPages(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "localhost"} {
		t.Run(host, func(t *testing.T) {
			p := open(t, "ok", "failed") // the browser has the cookie
			foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprintf(w, attack, "http://"+p.addr)
			}))
			t.Cleanup(foreign.Close)
			address := strings.Replace(foreign.URL, "127.0.0.1", host, 1)
			p.allow(strings.TrimPrefix(address, "http://"))
			p.do(chromedp.Navigate(address))
			for _, result := range eval[[][]string](p.tab, `window.tried`) {
				switch what, got := result[0], result[1]; {
				case got == "refused", got == "opaque", what == "beacon":
				default:
					t.Errorf("%s: got %q, want a refusal", what, got)
				}
			}
			if got := p.runner.called(); got != "" {
				t.Errorf("got the calls %q, want none", got)
			}
			if n := len(p.store.Summaries()); n != 2 || p.runner.file("x.json") != "" {
				t.Errorf("got %d invocations and the file %q, want 2 and none", n, p.runner.file("x.json"))
			}
			p.visit() // the page works as before
			p.keys("r")
			want(p.tab, picked, 3)
		})
	}
}

func TestSecurity_WithoutTheToken(t *testing.T) {
	p := open(t, "ok")
	other := newTab(t) // a tab without the cookie
	for _, path := range []string{"/", "/?token=wrong", "/api/invocations", "/api/stream"} {
		other.do(chromedp.Navigate("http://" + p.addr + path))
		if got := other.text("body"); !strings.Contains(got, "token") || strings.Contains(got, "POST /orders") {
			t.Errorf("%s: got %q, want a refusal", path, got)
		}
	}
	if cookie := eval[string](p.tab, `document.cookie`); cookie != "" {
		t.Errorf("got the cookie %q in a script, want none", cookie)
	}
}
