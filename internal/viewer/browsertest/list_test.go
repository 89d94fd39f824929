//go:build integration

package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
	"github.com/lambdakit/lambdakit/internal/viewer/browsertest/sample"
)

func TestList_IsLiveAndKeepsThePickedOne(t *testing.T) {
	p := open(t, "cold", "ok", "failed")
	want(p.tab, listed, "3 2 1")
	want(p.tab, picked, 3)
	p.pick(2)
	sample.Fill(p.store, time.Now(), 1004, "ok", "refused")
	want(p.tab, listed, "5 4 3 2 1")
	want(p.tab, picked, 2)
	want(p.tab, `document.querySelector('#count').textContent.startsWith('5 invocations')`, true)
	want(p.tab, `document.querySelectorAll('#list [aria-current=true]').length`, 1)
	for number, text := range map[int]string{5: "refused POST /orders 422", 4: "succeeded POST /orders 201", 3: "failed POST /orders 500", 1: "succeeded POST /orders 201 cold"} {
		got := eval[string](p.tab, `(b => [b.querySelector('svg').getAttribute('aria-label'), ...[...b.querySelector('.row').children].map(e => e.textContent)].join(' '))(document.querySelector('#list [data-id="' + %s + '"]'))`, p.id(number))
		if got != text {
			t.Errorf("#%d: got %q, want %q", number, got, text)
		}
	}
}

func TestList_AnInvocationThatRunsCompletes(t *testing.T) {
	p := open(t, "ok")
	p.store.Begin("running", "event.json", []byte(`{}`), time.Now())
	want(p.tab, `document.querySelector('#list svg').getAttribute('aria-label')`, "running")
	p.store.End(&emulator.Result{RequestID: "running", Start: time.Now(), Duration: 7 * time.Millisecond, Payload: []byte(`{}`), Size: 2}, nil, 0)
	want(p.tab, `document.querySelector('#list svg').getAttribute('aria-label')`, "succeeded")
	want(p.tab, `document.querySelector('#list .n').textContent`, "7.00 ms")
}

func TestList_NewOnesWaitWhileTheUserScrolls(t *testing.T) {
	p := open(t, strings.Fields(strings.Repeat("ok ", 60))...)
	eval[bool](p.tab, `(document.querySelector('#scroll').scrollTop = 700) > 0`)
	p.wait(`S.upTo < Infinity`)
	sample.Fill(p.store, time.Now(), 2000, "ok", "ok", "failed")
	want(p.tab, `document.querySelector('#fresh').textContent`, "↑ 3 new")
	want(p.tab, `S.byID.get(document.querySelector('#list button').dataset.id).number`, 60)
	if top := eval[int](p.tab, `document.querySelector('#scroll').scrollTop`); top != 700 {
		t.Errorf("got a list that moved to %d, want 700", top)
	}
	p.click("#fresh")
	want(p.tab, `S.byID.get(document.querySelector('#list button').dataset.id).number`, 63)
	want(p.tab, `document.querySelector('#fresh').hidden`, true)
}

func TestList_FilterAndChips(t *testing.T) {
	// 1 cold, 2 ok, 3 refused, 4 failed, 5 slow, 6 declined, 7 timeout, 8 cold, 9 to 12 ok
	p := open(t, "cold", "ok", "refused", "failed", "slow", "declined", "timeout", "cold", "ok", "ok", "ok", "ok")
	for filter, numbers := range map[string]string{
		"":                        "12 11 10 9 8 7 6 5 4 3 2 1",
		"level:error":             "7 4",
		"level:warn":              "7 6 5 4 3",
		"level:nonsense":          "",
		"order_id=o-1002":         "2",
		"order_id=o-10":           "12 11 10 9 8 7 6 5 4 3 2 1",
		"ORDER_ID=O-1012":         "12",
		">100ms":                  "7 5",
		">=1s":                    "7",
		"<100ms failed":           "4",
		"<2s >100":                "5",
		"status:5xx":              "4",
		"status:422":              "3",
		"status:4xx":              "6 3",
		"cold":                    "8 1",
		"cold failed":             "",
		"failed":                  "7 4",
		"timeout":                 "7",
		"refused":                 "6 3",
		"-ok -refused":            "7 4",
		"slow":                    "7",
		"error:wrap":              "4",
		"wraperror":               "4",
		"source:http":             "12 11 10 9 8 7 6 5 4 3 2 1",
		"metric:ordersrefused":    "6 3",
		`"post /orders" status:4`: "6 3",
		"#11":                     "11",
		"no such text":            "",
	} {
		p.setText("#q", filter)
		if filter == "" {
			p.keys("Escape")
		}
		want(p.tab, listed, numbers)
	}
	p.keys("Escape")
	for chip, numbers := range map[string]string{"Failed": "7 4", "Cold": "8 1", "Slow": "7", "All": "12 11 10 9 8 7 6 5 4 3 2 1"} {
		p.clickText(chip)
		want(p.tab, listed, numbers)
		want(p.tab, `document.querySelector('.chips [aria-pressed=true]').firstChild.data`, chip)
	}
	want(p.tab, `document.querySelectorAll('.strip i').length`, 12)
	p.setText("#q", "nothing like this")
	want(p.tab, `document.querySelector('#count').textContent.includes('0 of 12 invocations') && document.querySelector('#count').textContent.includes('nothing matches')`, true)
}

func TestList_TenThousandInvocations(t *testing.T) {
	p := open(t, "ok")
	for i := range 100 {
		sample.Fill(p.store, time.Now(), 2000+100*i, strings.Fields(strings.Repeat("ok ok cold refused failed slow ok ok ok ok ", 10))...)
	}
	last := p.store.Summaries()
	newest := last[len(last)-1].Number
	if newest != 10_001 {
		t.Fatalf("got %d invocations, want 10,001", newest)
	}
	want(p.tab, `S.byID.get(document.querySelector('#list button').dataset.id).number`, newest)
	want(p.tab, `S.all.length`, len(last))
	want(p.tab, `document.querySelectorAll('#list button').length`, 200)
	want(p.tab, `document.querySelector('main h1').textContent`, "This invocation is no longer kept")
	p.keys("j", "j", "k")
	want(p.tab, picked, newest)
	eval[bool](p.tab, `(document.querySelector('#scroll').scrollTop = 0) === 0`)
	p.wait(`S.upTo === Infinity`)

	// The page itself has no bound: 10,000 summaries are as many as it gets.
	eval[bool](p.tab, `(() => { const one = S.all.at(-1); for (let i = 1; i <= 10000; i++) put({...one, id: 'more-' + i, number: one.number + i}); settle(); return true })()`)
	want(p.tab, `S.byID.get(document.querySelector('#list button').dataset.id).number`, newest+10_000)
	want(p.tab, `document.querySelectorAll('#list button').length`, 200)
	eval[bool](p.tab, `(document.querySelector('#scroll').scrollTop = 1e9) > 0`)
	want(p.tab, `document.querySelectorAll('#list button').length`, 400)
	p.setText("#q", "#12345")
	want(p.tab, listed, "12345")
}

func TestList_ClearedAndRemoved(t *testing.T) {
	p := open(t, "ok", "failed")
	p.clickText("Process")
	p.clickText("Clear the list")
	p.clickText("Clear")
	want(p.tab, `document.querySelectorAll('#list button').length`, 0)
	want(p.tab, `document.querySelector('main h1').textContent`, "No invocation yet")
	sample.Fill(p.store, time.Now(), 1003, "ok")
	want(p.tab, picked, 3)
}

func TestList_ReloadKeepsThePickedOneAndItsTab(t *testing.T) {
	p := open(t, "ok", "failed", "ok")
	p.pick(2)
	p.keys("3")
	want(p.tab, `document.querySelector('[role=tab][aria-selected=true]').id`, "tab-response")
	before := eval[string](p.tab, `location.hash`)
	if !strings.Contains(before, p.id(2)) {
		t.Errorf("got the hash %q, want the id %s", before, p.id(2))
	}
	p.do(chromedp.Reload())
	want(p.tab, listed, "3 2 1")
	want(p.tab, picked, 2)
	want(p.tab, `document.querySelector('[role=tab][aria-selected=true]').id`, "tab-response")
	if after := eval[string](p.tab, `location.href`); strings.Contains(after, "secret") {
		t.Errorf("got the URL %s, want no token in it", after)
	}
}

func TestList_StatesOfTheFunction(t *testing.T) {
	p := open(t, "ok")
	for _, c := range []struct{ state, message, pill string }{
		{viewer.Building, "", "building"},
		{viewer.BuildFailed, "./api.go:12:2: undefined: orders\n./api.go:14:9: too many arguments", "build failed"},
		{viewer.StartFailed, "function exited before asking for its first event: exit status 1", "start failed"},
		{viewer.Waiting, "", "waiting"},
		{viewer.Running, "", "running"},
	} {
		p.store.SetState(func(s *viewer.State) { s.State, s.Message = c.state, c.message })
		want(p.tab, `document.querySelector('.pill').textContent`, c.pill)
		note := ""
		if c.message != "" {
			note = c.state + c.message
		}
		want(p.tab, `document.querySelector('#note').textContent`, note)
	}
	want(p.tab, `document.querySelector('.facts').textContent.includes('pid 41207') && document.querySelector('.facts').textContent.includes('timeout 3 s')`, true)
	want(p.tab, `document.title`, "orders · lambdakit")
}

func TestList_ServerGoneAndBack(t *testing.T) {
	p := open(t, "ok", "failed")
	p.stop()
	want(p.tab, `document.querySelector('.pill').textContent`, "not connected")
	want(p.tab, `document.querySelector('#note').textContent.startsWith('The server is gone')`, true)
	p.clickText("Resend")
	want(p.tab, `document.querySelector('#toast').textContent`, "✕ the server does not answer")
	p.click(`#list li:nth-child(2) button`)
	want(p.tab, `document.querySelector('main .error').textContent`, "Not loaded  the server does not answer")
	sample.Fill(p.store, time.Now(), 1003, "refused")
	p.restart("secret")
	want(p.tab, listed, "3 2 1")
	want(p.tab, picked, 1)
	p.loaded()
	want(p.tab, `document.querySelector('.pill').textContent + document.querySelector('#note').textContent`, "running")

	// Another process has another token and another list.
	p.stop()
	want(p.tab, `document.querySelector('.pill').textContent`, "not connected")
	p.restart("another")
	if status := eval[int](p.tab, `fetch('/api/state').then(r => r.status)`); status != http.StatusUnauthorized {
		t.Errorf("got the status %d with the token of another server, want 401", status)
	}
	want(p.tab, `document.querySelector('#note').textContent.includes('open the URL that it printed')`, true)

	// It goes on trying.
	p.stop()
	p.restart("secret")
	want(p.tab, `document.querySelector('.pill').textContent`, "running")
}

func TestList_NarrowWindows(t *testing.T) {
	p := open(t, "ok", "failed")
	fits := `document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('header, main, #scroll, aside')].every(e => !e.checkVisibility() || e.scrollWidth <= e.clientWidth)`
	for _, width := range []int64{1440, 1240, 1024, 761, 390} {
		p.size(width, 800)
		want(p.tab, fmt.Sprintf(`innerWidth === %d && %s`, width, fits), true)
		p.shot(fmt.Sprint("width ", width))
	}
	p.click(`#list button`)
	p.shot("width 390, one")
	p.clickText("‹ List")
	want(p.tab, `document.querySelector('#list').checkVisibility() && !document.querySelector('main').checkVisibility()`, true)
	want(p.tab, fits, true)
	p.click(`#list button`)
	want(p.tab, `!document.querySelector('#list').checkVisibility() && document.querySelector('main').checkVisibility()`, true)
	p.clickText("Metrics")
	want(p.tab, `document.querySelector('aside').checkVisibility()`, true)
	p.clickText("Close")
	want(p.tab, `document.querySelector('aside').checkVisibility()`, false)
	for _, tab := range []string{"event", "response", "metrics", "raw", "timeline"} {
		p.click("#tab-" + tab)
		want(p.tab, fmt.Sprintf(`document.querySelector('#tab-%s').ariaSelected === 'true' && %s`, tab, fits), true)
	}
}
