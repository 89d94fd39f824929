//go:build integration

package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/viewer"
	"github.com/lambdakit/lambdakit/internal/viewer/browsertest/sample"
)

func TestInvocation_MarksLinesAndBarsAreLinked(t *testing.T) {
	p := open(t, "slow")
	const lit = `[...document.querySelectorAll('.lit')].map(e => e.className.split(' ')[0]).join(' ')`
	// Marks stand at the moments of their lines.
	want(p.tab, `document.querySelectorAll('.mark').length`, 3)
	want(p.tab, `[...document.querySelectorAll('.log .row')].map(e => e.textContent).join(' ')`, "WARN INFO DEBUG")
	far := eval[float64](p.tab, `(() => { const x = e => e.getBoundingClientRect(), lane = x(document.querySelector('.lane:has(.lv.WARN)')), mark = x(document.querySelector('.mark:has(.WARN)')), line = S.details.get(S.pick).log[0];
		const d = S.details.get(S.pick); return Math.abs(mark.x + mark.width / 2 - (lane.x + lane.width * line.at / (d.duration_ms + d.after_ms))) })()`)
	if far > 1 {
		t.Errorf("got a mark that is %v pixels away from the moment of its line, want at most 1", far)
	}

	p.hover(`.mark:has(.WARN)`)
	want(p.tab, lit, "mark log")
	want(p.tab, `document.querySelector('.log.lit').textContent.includes('payment provider is slow')`, true)
	p.hover(`.log button`)
	want(p.tab, lit, "span mark log")
	want(p.tab, `document.querySelector('.span.lit .t').textContent`, "charge card")
	p.hover(`h1`)
	want(p.tab, lit, "")

	p.click(`.mark:has(.WARN)`)
	want(p.tab, `document.querySelector('.log.on .more').textContent.includes('attempt')`, true)
	want(p.tab, `document.activeElement.closest('.log')?.dataset.i`, "0")
	p.click(`.log:nth-child(2) > button`)
	want(p.tab, `document.querySelector('.log.on').textContent.includes('order accepted')`, true)
	want(p.tab, `document.querySelector('.span.on .t').textContent`, "## orders")
	want(p.tab, `document.querySelectorAll('.log.of').length`, 2) // the lines of that span
}

func TestInvocation_BarsOpenTheirDetails(t *testing.T) {
	p := open(t, "failed")
	p.click(`.span:nth-of-type(5) .lane`)
	want(p.tab, `document.querySelector('.span + .more').textContent.includes('payment provider answered 503') && document.querySelector('.more pre').textContent.includes('main.(*payments).Charge\n\texamples/orders/payments.go:66')`, true)
	for _, text := range []string{"begins at", "amount", "EUR", "*errors.errorString"} {
		if got := p.text(".span + .more"); !strings.Contains(got, text) {
			t.Errorf("got %s, want %q in it", got, text)
		}
	}
	p.click(`.span.on > button`)
	want(p.tab, `document.querySelectorAll('.more').length`, 0)
	p.click(`.span > button`)
	want(p.tab, `document.querySelector('.more .doc').textContent.includes('"sku": "mug"')`, true)
	want(p.tab, `document.querySelector('.span button').ariaExpanded`, "true")
	p.keys("Escape")
	want(p.tab, `document.querySelectorAll('.more').length`, 0)
	want(p.tab, `document.querySelector('main .error').textContent`, "wrapError  order o-1001: charge card: payment provider answered 503")
	want(p.tab, `document.querySelectorAll('.log .warn').length`, 2) // held back
}

func TestInvocation_WhatDidNotEndIsHatched(t *testing.T) {
	p := open(t, "timeout", "ok")
	want(p.tab, `document.querySelectorAll('.bar.open').length`, 0)
	want(p.tab, `document.querySelector('.axis .end').textContent`, "response")
	want(p.tab, `document.querySelector('.log ~ .key, .key ~ .log') !== null && document.querySelector('[aria-label="2 log lines"]').textContent.includes('after the response')`, true)
	// The line of the response is at the end of the span around the handler.
	far := eval[float64](p.tab, `(() => { const x = document.querySelector('.grid .end').getBoundingClientRect().x, bar = document.querySelector('.span .bar').getBoundingClientRect(); return Math.abs(x - bar.right) })()`)
	if far > 3 {
		t.Errorf("got the response %v pixels from the end of the handler, want at most 3", far)
	}
	p.pick(1)
	want(p.tab, `document.querySelectorAll('.span .bar.open').length`, 3)
	want(p.tab, `[...document.querySelectorAll('.span .tag')].filter(e => e.textContent === 'in progress').length`, 3)
	want(p.tab, `document.querySelector('main .tag').textContent`, "timed out · Sandbox.Timedout")
}

func TestInvocation_EventHidesCredentials(t *testing.T) {
	p := open(t, "ok")
	p.keys("2")
	want(p.tab, `document.querySelectorAll('.doc button').length`, 3) // authorization, x-api-key, cookies
	if got := p.text("main"); strings.Contains(got, "Bearer") || strings.Contains(got, "key-made-up") || strings.Contains(got, "session=") {
		t.Errorf("got %s, want no credentials in it", got)
	}
	if got := p.text("main"); !strings.Contains(got, `"sku": "mug"`) {
		t.Errorf("got %s, want the decoded body in it", got)
	}
	for _, value := range []string{`["session=made-up"]`, `"Bearer eyJhbGciOiJIUzI1NiJ9.e30.made-up"`, `"key-made-up"`} {
		p.click(`.doc button`)
		want(p.tab, fmt.Sprintf(`document.querySelector('main').textContent.includes(%q)`, value), true)
	}
	p.keys("3")
	want(p.tab, `document.querySelector('[role=tabpanel]').textContent.includes('"payment_id": "pay-o-1001"')`, true)
}

func TestInvocation_Batch(t *testing.T) {
	p := serve(t, viewer.NewStore(sample.State(time.Now())))
	event := viewer.Templates(120)[5]
	var batch struct {
		Records []struct{ MessageID string }
	}
	if err := json.Unmarshal([]byte(event.Text), &batch); err != nil {
		t.Fatal(err)
	}
	begin(p, "batch", event.Text)
	end(p, "batch", fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, batch.Records[2].MessageID))
	p.visit()
	want(p.tab, `document.querySelector('#list .tag').textContent`, "1/120 failed")
	p.keys("2")
	want(p.tab, `document.querySelector('main table').rows.length`, 121)
	want(p.tab, `[...document.querySelectorAll('main table tr')].findIndex(r => r.querySelector('[aria-label=failed]'))`, 3)
	want(p.tab, `document.querySelector('main table tr:nth-child(4)').textContent.includes(`+quoted(batch.Records[2].MessageID)+`) && document.querySelector('main table tr:nth-child(4)').textContent.includes('"order": "o-1003"')`, true)
}

func TestInvocation_MetricsDocumentsAndTheirProblems(t *testing.T) {
	p := open(t, "cold")
	p.keys("4")
	want(p.tab, `document.querySelectorAll('main table').length`, 4)
	want(p.tab, `document.querySelectorAll('main .box .tag.ok').length`, 4)
	begin(p, "bad", `{}`)
	p.store.Line(fmt.Appendf(nil, `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"Sold","Unit":"Dozen"}]}]},"service":"orders","Sold":1}`, time.Now().UnixMilli()), false, time.Now())
	end(p, "bad", `{}`)
	want(p.tab, listed, "2 1")
	p.pick(2)
	want(p.tab, `document.querySelector('main .box .tag').textContent`, "1 problem")
	want(p.tab, `/Dozen/.test(document.querySelector('main .key.bad').textContent)`, true)
	want(p.tab, `document.querySelector('main .box details').open`, true)
}

func TestInvocation_RawIsWhatTheFunctionWrote(t *testing.T) {
	p := open(t, "ok")
	p.keys("5")
	want(p.tab, `[...document.querySelectorAll('.doc > div')].map(e => e.textContent).filter(t => t.startsWith('{"level":')).length`, 2)
	want(p.tab, `[...document.querySelectorAll('.doc > div')].map(e => e.textContent).filter(t => t.includes('"_aws"')).length`, 3)
	want(p.tab, `document.querySelector('.doc > div:last-child').textContent.startsWith('REPORT RequestId: ')`, true)
}

func TestInvocation_CommonFields(t *testing.T) {
	p := open(t, "ok")
	want(p.tab, `document.querySelector('.log').textContent.includes('function_request_id')`, false)
	p.keys("f")
	want(p.tab, `document.querySelector('.log').textContent.includes('function_request_id')`, true)
	want(p.tab, `document.querySelector('.head [aria-pressed]').ariaPressed`, "true")
	p.clickText("common fields")
	want(p.tab, `document.querySelector('.log').textContent.includes('function_request_id')`, false)
}

func TestInvocation_ALineOfAMegabyte(t *testing.T) {
	p := open(t, "ok")
	begin(p, "long", `{}`)
	text := strings.Repeat("0123456789", 100_000)
	p.store.Line(fmt.Appendf(nil, `{"level":"INFO","message":%q,"field":%q,"function_request_id":"long"}`, text, text), false, time.Now())
	p.store.Line([]byte(strings.Repeat("x", 1<<20)), false, time.Now())
	end(p, "long", `{}`)
	want(p.tab, listed, "2 1")
	p.pick(2)
	want(p.tab, `document.querySelector('main').textContent.length < 20000`, true)
	p.click(`.log > button`)
	want(p.tab, `document.querySelectorAll('.log .more').length`, 1)
	want(p.tab, `document.querySelector('main').textContent.length < 50000`, true)
	p.clickText("show all 976.6 KB")
	want(p.tab, `document.querySelector('.log .more pre').textContent.length`, len(text))
	p.keys("5")
	want(p.tab, `document.querySelector('main').textContent.length < 50000`, true)
	p.clickText("show all 1.0 MB")
	want(p.tab, `document.querySelector('main').textContent.length > (1 << 20)`, true)
	p.keys("1")
	p.loaded()
}

func TestInvocation_ManyLinesAndSpans(t *testing.T) {
	p := open(t, "ok")
	begin(p, "many", `{}`)
	now := time.Now()
	var spans []segment.Document
	for i := range 1000 {
		at := now.Add(time.Duration(i) * time.Millisecond)
		p.store.Line(fmt.Appendf(nil, `{"level":"DEBUG","message":"line %d","timestamp":%q,"function_request_id":"many"}`, i, at.Format(time.RFC3339Nano)), false, at)
		spans = append(spans, segment.Document{ID: fmt.Sprintf("%016x", i+1), Name: fmt.Sprint("span ", i), StartTime: seconds(at), EndTime: seconds(at.Add(time.Millisecond))})
	}
	p.store.End(&emulator.Result{RequestID: "many", Start: now, Duration: time.Second, Payload: []byte(`{}`), Size: 2}, spans, 0)
	want(p.tab, listed, "2 1")
	p.pick(2)
	want(p.tab, `document.querySelectorAll('.log').length`, 200)
	want(p.tab, `document.querySelectorAll('.span').length`, 300)
	want(p.tab, `document.querySelectorAll('.mark').length`, 101) // one for each hundredth of the bar
	p.clickText("show all 1,000")
	want(p.tab, `document.querySelectorAll('.span').length`, 1000)
	p.click(`.mark:last-child`)
	want(p.tab, `document.querySelectorAll('.log').length`, 1000)
	want(p.tab, `document.activeElement.textContent.includes('line 995')`, true)
}

func TestInvocation_Streams(t *testing.T) {
	p := serve(t, viewer.NewStore(sample.State(time.Now())))
	begin(p, "stream", viewer.Templates(0)[2].Text)
	payload := `{"statusCode":200,"headers":{"Content-Type":"text/html"}}` + strings.Repeat("\x00", 8) + "<p>one</p>"
	p.store.End(&emulator.Result{RequestID: "stream", Start: time.Now(), Payload: []byte(payload), Size: int64(len(payload)), ContentType: "application/vnd.awslambda.http-integration-response"}, nil, 0)
	p.visit()
	p.keys("3")
	want(p.tab, `[...document.querySelectorAll('main h2')].map(e => e.textContent).join(', ')`, "Prelude of the stream, Body of the stream")
	want(p.tab, `document.querySelector('[aria-label="Body of the stream"].doc').textContent`, "<p>one</p>")
}

func TestInvocation_Compare(t *testing.T) {
	p := open(t, "ok", "slow", "failed")
	p.pick(2)
	p.keys("c")
	want(p.tab, `document.querySelector('#note').textContent`, "Pick another invocation to compare with #2. Esc ends it.")
	p.click(`#list li:first-child button`)
	want(p.tab, `document.querySelector('main h1').textContent`, "Compare #2 with #3")
	want(p.tab, `[...document.querySelectorAll('main h2')].map(e => e.textContent).join(', ')`, "Totals, Spans, Metrics")
	row := func(name string) string {
		return eval[string](p.tab, `[...document.querySelectorAll('main tr')].filter(r => r.textContent.startsWith(%s)).map(r => [...r.cells].map(c => c.textContent).join(' | ')).join(' / ')`, name)
	}
	if got, want := row("OrdersAccepted"), "OrdersAcceptedShop  service=orders | 1 | – | only #2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := row("payments.internal"); strings.Count(got, "/") != 1 || !strings.Contains(got, "only #2") || !strings.Contains(got, " | −") {
		t.Errorf("got %q, want two spans: one in both with a difference, and one only in #2", got)
	}
	p.keys("j") // back to the one that it was compared with
	want(p.tab, `document.querySelector('main h1').textContent`, "POST /orders")
	p.keys("k")
	p.keys("c", "j", "Escape")
	want(p.tab, `document.querySelector('main h1').textContent`, "POST /orders")
}

func TestInvocation_MetricsOfAllThatAreShown(t *testing.T) {
	p := open(t, "cold", "ok", "refused", "declined", "slow", "failed")
	p.wait(`document.querySelectorAll('aside .metric').length === 5`)
	want(p.tab, `document.querySelector('.bill b').textContent`, "6 custom metrics")
	want(p.tab, `document.querySelector('.bill b:last-child').textContent`, "$1.80 a month")
	metric := func(name, rest string) {
		t.Helper()
		want(p.tab, fmt.Sprintf(`[...[...document.querySelectorAll('.metric')].find(e => e.querySelector('b').textContent === %q).querySelector('.row').children].map(e => e.textContent).join(' ')`, name), name+rest)
	}
	metric("OrdersAccepted", " 3")
	metric("OrdersRefused", " 2")
	metric("ColdStart", " 1")
	p50 := eval[string](p.tab, `(() => { const v = S.all.flatMap(s => s.metrics.filter(m => m.name === 'ChargeTime').flatMap(m => m.values)).sort((a, b) => a - b); return ' p50 ' + ms(v[2]) + ' p99 ' + ms(v[4]) })()`)
	metric("ChargeTime", p50)
	want(p.tab, `document.querySelectorAll('.metric rect.on').length`, 1) // of the picked one, which failed
	p.clickText("Failed")
	want(p.tab, `document.querySelectorAll('aside .metric').length`, 1)
	want(p.tab, `document.querySelector('.bill b').textContent`, "6 custom metrics") // the bill is of all
}

func begin(p *page, id, event string) { p.store.Begin(id, "event.json", []byte(event), time.Now()) }

func end(p *page, id, response string) {
	p.store.End(&emulator.Result{RequestID: id, Start: time.Now(), Duration: 3 * time.Millisecond, Payload: []byte(response), Size: int64(len(response))}, nil, 0)
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// quoted returns a text as a literal of JavaScript.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestInvocation_LoadsAgainAfterAFailure(t *testing.T) {
	p := open(t)
	p.store.Begin("slow", "event.json", []byte(`{}`), time.Now())
	want(p.tab, picked, 1)
	p.loaded()
	eval[bool](p.tab, `(S.details.set('slow', {...S.details.get('slow'), failure: 'lost'}), draw(drawMain), true)`)
	want(p.tab, `document.querySelector('main .error').textContent`, "Not loaded  lost")
	p.store.Line([]byte(`{"level":"INFO","message":"one","function_request_id":"slow"}`), false, time.Now())
	want(p.tab, `document.querySelectorAll('.log').length`, 1)
	want(p.tab, `document.querySelector('main .error')`, any(nil))
}

// TestInvocation_AClickSurvivesNewData presses the mouse on a line, changes the invocation, and releases
// the mouse.
func TestInvocation_AClickSurvivesNewData(t *testing.T) {
	p := open(t, "ok")
	p.store.Begin("slow", "event.json", []byte(`{}`), time.Now())
	p.store.Line([]byte(`{"level":"INFO","message":"one","function_request_id":"slow"}`), false, time.Now())
	want(p.tab, listed, "2 1")
	p.pick(2)
	x, y := p.locate(selected(`.log > button`))
	p.do(chromedp.MouseEvent(chromedp.MousePressed, x, y, chromedp.ButtonLeft, clickCount))
	p.store.Line([]byte(`{"level":"INFO","message":"two","function_request_id":"slow"}`), false, time.Now())
	p.wait(`S.byID.get('slow').lines === 2`)
	p.do(chromedp.MouseEvent(chromedp.MouseReleased, x, y, chromedp.ButtonLeft, clickCount))
	want(p.tab, `document.querySelectorAll('.log').length`, 2)
	want(p.tab, `document.querySelector('.log.on').textContent.includes('one')`, true)
}

func clickCount(p *input.DispatchMouseEventParams) { p.ClickCount = 1 }
