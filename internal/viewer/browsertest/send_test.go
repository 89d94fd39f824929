//go:build integration

package browsertest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

const (
	editorIsOpen = `document.querySelector('#editor').open`
	eventText    = `document.querySelector('#body').value`
	toast        = `document.querySelector('#toast').textContent`
)

func TestSend_ResendPicksTheNewOne(t *testing.T) {
	p := open(t, "ok", "failed", "ok")
	p.pick(2)
	p.keys("r")
	want(p.tab, listed, "4 3 2 1")
	want(p.tab, picked, 4)
	want(p.tab, toast, "✓ sent 1 event")
	p.clickText("Resend")
	want(p.tab, picked, 5)
	first, _, _ := p.store.Event(p.id(2))
	second, _, _ := p.store.Event(p.id(4))
	if got, want := p.runner.called(), fmt.Sprintf("send POST /orders 1 1 %d bytes; send POST /orders 1 1 %d bytes", len(first), len(second)); got != want {
		t.Errorf("got the calls %q, want %q", got, want)
	}
	p.runner.mu.Lock()
	p.runner.refuse = errors.New("the function does not build")
	p.runner.mu.Unlock()
	p.keys("r")
	want(p.tab, toast, "✕ the function does not build")
	want(p.tab, picked, 5)
}

func TestSend_ResendAllShown(t *testing.T) {
	p := open(t, "ok", "failed", "failed", "ok")
	p.clickText("Failed")
	want(p.tab, listed, "3 2")
	p.clickText("Process")
	p.clickText("Resend all shown")
	want(p.tab, `document.querySelector('#ask h1').textContent`, "Send 2 events again?")
	p.keys("Enter") // the button has the focus
	want(p.tab, toast, "✓ sent 2 events again")
	p.clickText("All")
	want(p.tab, listed, "6 5 4 3 2 1")
}

func TestSend_EditorStartsFromTheEvent(t *testing.T) {
	p := open(t, "ok", "failed")
	p.pick(1)
	p.keys("e")
	want(p.tab, editorIsOpen, true)
	want(p.tab, eventText+`.includes('"authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.made-up"')`, true)
	want(p.tab, `document.querySelector('#editor .small').textContent.startsWith('✓ valid JSON · ')`, true)
	p.setText("#body", `{"id": `)
	want(p.tab, `document.querySelector('#editor .small .bad').textContent.startsWith('✕ Unexpected end of JSON')`, true)
	want(p.tab, `document.querySelector('#editor .go').disabled`, true)
	p.chord("Enter", 13)
	p.setText("#body", `{"id": "é"}`)
	want(p.tab, `document.querySelector('#editor .small').textContent`, "✓ valid JSON · 12 bytes of 6 MB")
	p.setText("#editor .wrap:not(:first-child) label input", "3")
	eval[bool](p.tab, `(document.querySelector('#body').focus(), true)`)
	p.chord("Enter", 13)
	want(p.tab, editorIsOpen, false)
	want(p.tab, toast, "✓ sent 3 events")
	want(p.tab, listed, "5 4 3 2 1")
	if got, want := p.runner.called(), "send  3 1 12 bytes"; got != want {
		t.Errorf("got the calls %q, want %q", got, want)
	}
	// Six megabytes are the limit of Lambda.
	p.clickText("Send event")
	want(p.tab, editorIsOpen, true)
	want(p.tab, eventText, `{"id": "é"}`) // the draft
	eval[bool](p.tab, `(b => { b.hidden = true; b.value = JSON.stringify('x'.repeat(6 * 1048576 - 2)); b.dispatchEvent(new Event('input')); return true })(document.querySelector('#body'))`)
	want(p.tab, `document.querySelector('#editor .go').disabled`, false)
	eval[bool](p.tab, `(b => { b.value += ' '; b.dispatchEvent(new Event('input')); return true })(document.querySelector('#body'))`)
	want(p.tab, `document.querySelector('#editor .go').disabled`, true)
	p.keys("Escape")
	want(p.tab, editorIsOpen, false)
}

func TestSend_Templates(t *testing.T) {
	p := open(t)
	want(p.tab, `document.querySelector('main h1').textContent`, "No invocation yet")
	p.clickText("Send event")
	want(p.tab, eventText, `{"id":"from event.json"}`)
	want(p.tab, `[...document.querySelectorAll('#editor optgroup')].map(g => g.label).join(', ')`, "This function, HTTP, Queues and streams, Events")
	want(p.tab, `document.querySelectorAll('#editor option').length`, 20)
	choose := func(name string) {
		eval[bool](p.tab, `(s => { s.value = [...s.options].find(o => o.text === %s).value; s.dispatchEvent(new Event('change')); return true })(document.querySelector('#editor select'))`, name)
	}
	choose("API Gateway REST API")
	want(p.tab, `JSON.parse(`+eventText+`).httpMethod`, "POST")
	want(p.tab, `document.querySelector('#editor .wrap label').hidden`, true)
	choose("SQS")
	want(p.tab, `JSON.parse(`+eventText+`).Records.length`, 3)
	want(p.tab, `document.querySelector('#editor .wrap label').hidden`, false)
	p.setText("#editor .wrap label input", "25")
	eval[bool](p.tab, `document.querySelector('#editor .wrap label input').dispatchEvent(new Event('change'))`)
	want(p.tab, `new Set(JSON.parse(`+eventText+`).Records.map(r => r.messageId)).size`, 25)
	p.click("#editor .go")
	want(p.tab, listed, "1")
}

func TestSend_SavesAnEventFile(t *testing.T) {
	p := open(t, "ok")
	p.clickText("Edit & send")
	want(p.tab, editorIsOpen, true)
	p.setText("#body", `{"saved":1}`)
	p.setText(`[aria-label="File name"]`, "event-1.json")
	p.clickText("Save as event file")
	want(p.tab, toast, "✓ saved event-1.json")
	p.setText("#body", `{"saved":2}`)
	p.clickText("Save as event file")
	want(p.tab, `document.querySelector('#ask').open && document.querySelector('#ask h1').textContent`, "Replace event-1.json?")
	if got, want := p.runner.file("event-1.json"), `{"saved":1}`; got != want {
		t.Errorf("got the file %s, want %s", got, want)
	}
	p.clickText("Replace")
	want(p.tab, `document.querySelector('#ask').open`, false)
	want(p.tab, toast, "✓ saved event-1.json")
	if got, want := p.runner.file("event-1.json"), `{"saved":2}`; got != want {
		t.Errorf("got the file %s, want %s", got, want)
	}
	p.setText(`[aria-label="File name"]`, "../event.json")
	p.clickText("Save as event file")
	want(p.tab, toast+`.startsWith('✕ the name of a file is letters')`, true)
}

func TestSend_RestartAndKill(t *testing.T) {
	p := open(t, "ok")
	for _, c := range []struct{ command, want string }{{"Restart", "restart false"}, {"Kill", "restart true"}} {
		p.clickText("Process")
		p.clickText(c.command)
		want(p.tab, toast, "✓ the next event starts a new process")
		if got := p.runner.called(); !strings.HasSuffix(got, c.want) {
			t.Errorf("got the calls %q, want %q as the last", got, c.want)
		}
		eval[bool](p.tab, `(document.querySelector('#toast').textContent = '') === ''`)
	}
}

func TestSend_Copies(t *testing.T) {
	p := open(t, "ok")
	eval[bool](p.tab, `(navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }, true)`)
	for _, c := range []struct{ command, want string }{{"Copy as test", "func TestPOSTOrders(t *testing.T) {"}, {"Copy as curl", "echo '"}} {
		p.clickText("More")
		p.clickText(c.command)
		p.wait(`window.copied?.startsWith(%s)`, c.want)
	}
	want(p.tab, toast, "✓ copied the curl")
	if got := eval[string](p.tab, `window.copied`); !strings.Contains(got, "curl --globoff --path-as-is -X 'POST' 'http://127.0.0.1:8080/orders'") {
		t.Errorf("got %s, want a request to the front end", got)
	}
	p.keys("2")
	p.click(`[aria-label="Copy event, as the function got it"]`)
	p.wait(`window.copied === S.details.get(S.pick).event.text`)
}

func TestSend_Export(t *testing.T) {
	p := open(t, "ok")
	dir := t.TempDir()
	events := true
	_, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: &events, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	})
	p.check(err)
	progress := chromedp.BrowserEvents(p.ctx, browser.DownloadProgress)
	p.clickText("More")
	p.clickText("Export")
	for ev, err := range progress {
		p.check(err)
		if ev.State == browser.DownloadProgressStateCompleted {
			break
		}
		if ev.State == browser.DownloadProgressStateCanceled {
			t.Fatal("got a download that was canceled")
		}
	}
	file, err := os.ReadFile(filepath.Join(dir, "orders-1.json"))
	p.check(err)
	if text := string(file); !strings.Contains(text, p.id(1)) || !strings.Contains(text, "order accepted") || strings.Contains(text, "Bearer") || strings.Contains(text, "key-made-up") {
		t.Errorf("got the file %s, want the invocation without credentials", text)
	}
	if got := eval[string](p.tab, `location.pathname`); got != "/" {
		t.Errorf("got the page %s, want /", got)
	}
}
