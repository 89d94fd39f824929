//go:build integration

package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds how long a test waits for a condition in the page.
const patience = 10 * time.Second

var screenshots = flag.String("screenshots", "", "folder for pictures of the page")

// chromium is the context of the browser that all tests share.
var chromium context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	path, err := findChromium()
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // no skip: who sets the tag wants the tests
		return 1
	}
	dir, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	chromium, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(chromium); err != nil {
		fmt.Fprintf(os.Stderr, "start %s: %v\n", path, err)
		return 1
	}
	return m.Run()
}

func findChromium() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("browsertest: there is no Chromium; .ci/browser installs it, and CHROMIUM names another one")
}

// tab is a tab of the browser, with cookies of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string // exceptions and errors of the console
	hosts    map[string]bool
}

// newTab opens an empty tab. When the test ends, the tab fails it if a script failed.
func newTab(t *testing.T) *tab {
	t.Helper()
	p := &tab{t: t, hosts: make(map[string]bool)}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p.ctx = ctx
	p.check(chromedp.Do(ctx)) // the tab lives as long as the context of the first call
	p.size(1440, 900)
	p.check(chromedp.Listen(ctx, p.event))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	p.check(err)
	p.prefer("light")
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Errorf("the browser reports: %s", problem)
		}
	})
	return p
}

func (p *tab) event(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, fmt.Sprint(ev.ExceptionDetails.Text, " ", ev.ExceptionDetails.Exception.Description))
	case *runtime.EventConsoleAPICalled:
		p.problems = append(p.problems, fmt.Sprintf("console.%s", ev.Type))
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(ev.Request.URL); err == nil && u.Scheme != "data" {
			p.hosts[u.Host] = true
		}
	}
}

func (p *tab) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.check(chromedp.Do(ctx, steps...))
}

// prefer sets the theme of the system.
func (p *tab) prefer(theme string, more ...string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
	for i := 0; i < len(more); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: more[i], Value: more[i+1]})
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	p.check(err)
}

// eval returns the value of an expression in the page. It waits for a promise.
func eval[T any](p *tab, expression string, args ...any) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](fill(expression, args), chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", fill(expression, args), err)
	}
	return v
}

// fill puts values into an expression, as JSON, for each %s.
func fill(expression string, args []any) string {
	if len(args) == 0 {
		return expression
	}
	var list []any
	for _, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		list = append(list, string(b))
	}
	return fmt.Sprintf(expression, list...)
}

// wait waits until an expression in the page is true.
func (p *tab) wait(condition string, args ...any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	condition = fill(condition, args)
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => {
		const check = () => { let ok = false; try { ok = `+condition+` } catch {} ok ? done(true) : requestAnimationFrame(check) };
		check();
	})`, chromedp.EvalAwaitPromise))
	if err == nil {
		return
	}
	if p.ctx.Err() == nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 4000)`))
		p.t.Fatalf("got a page in which this does not become true: %s\n%v\n%s", condition, err, text)
	}
	p.t.Fatalf("%s: %v", condition, err)
}

// want checks the value of an expression in the page, once it is there.
func want[T comparable](p *tab, expression string, want T) {
	p.t.Helper()
	b, err := json.Marshal(want)
	p.check(err)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => {
		const check = () => { let got; try { got = (`+expression+`) } catch {} got === `+string(b)+` ? done(true) : requestAnimationFrame(check) };
		check();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: got %v, want %v", expression, eval[any](p, `(() => { try { return `+expression+` } catch (e) { return String(e) } })()`), want)
	}
}

// keys presses keys. A name such as Escape is a key, and any other text is typed.
func (p *tab) keys(names ...string) {
	p.t.Helper()
	for _, name := range names {
		params := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name}
		if code, ok := map[string]int64{"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}[name]; ok {
			params.Type, params.WindowsVirtualKeyCode, params.Code = input.DispatchKeyEventTypeRawKeyDown, code, name
		} else {
			params.Text = name // the browser types it unless the page prevents that
		}
		if name == "Enter" {
			params.Type, params.Text = input.DispatchKeyEventTypeKeyDown, "\r"
		}
		p.dispatch(params)
	}
}

// chord presses a key with Ctrl.
func (p *tab) chord(name string, code int64) {
	p.t.Helper()
	p.dispatch(input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: name, Code: name, WindowsVirtualKeyCode: code, Modifiers: 2})
}

func (p *tab) dispatch(params input.DispatchKeyEventParams) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params)
	p.check(err)
	params.Type, params.Text = input.DispatchKeyEventTypeKeyUp, ""
	_, err = chromedp.Call(p.ctx, input.DispatchKeyEvent, params)
	p.check(err)
}

// locate scrolls to the element that an expression gives, once it is there, and returns its middle. It
// fails the test if another element covers it.
func (p *tab) locate(element string) (x, y float64) {
	p.t.Helper()
	type place struct {
		X, Y    float64
		Covered string
	}
	found := eval[place](p, `new Promise(done => {
		const look = () => {
			const e = `+element+`, r = e && e.checkVisibility() && e.getBoundingClientRect();
			if (!r || !r.width) return requestAnimationFrame(look);
			e.scrollIntoView({block: 'nearest'});
			const s = e.getBoundingClientRect(), x = s.x + s.width / 2, y = s.y + s.height / 2, at = document.elementFromPoint(x, y);
			done({X: x, Y: y, Covered: at && (e.contains(at) || at.contains(e)) ? '' : String(at && at.outerHTML.slice(0, 200))});
		};
		look();
	})`)
	if found.Covered != "" {
		p.t.Fatalf("%s: got an element that is covered by %s, want one to point at", element, found.Covered)
	}
	return found.X, found.Y
}

func selected(selector string) string { return fill(`document.querySelector(%s)`, []any{selector}) }

// click clicks with the mouse on an element.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.MouseClickXY(p.locate(selected(selector))))
}

// hover moves the mouse to an element.
func (p *tab) hover(selector string) {
	p.t.Helper()
	x, y := p.locate(selected(selector))
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
}

// clickText clicks on the first button or summary whose text begins so.
func (p *tab) clickText(text string) {
	p.t.Helper()
	p.do(chromedp.MouseClickXY(p.locate(fill(`[...document.querySelectorAll('button, summary')].find(b => b.checkVisibility() && b.textContent.startsWith(%s))`, []any{text}))))
}

// setText replaces the text of a field, as if it was pasted.
func (p *tab) setText(selector, text string) {
	p.t.Helper()
	eval[bool](p, `(e => { e.focus(); e.select(); return document.execCommand('insertText', false, %[2]s) })(document.querySelector(%[1]s))`, selector, text)
}

// shot saves a picture of the page if the flag -screenshots is set.
func (p *tab) shot(name string) {
	p.t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.check(err)
	p.check(os.WriteFile(filepath.Join(*screenshots, strings.ReplaceAll(name, ", ", "-")+".png"), png, 0o644))
}

// text returns the text of an element.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(eval[string](p, `document.querySelector(%s).textContent`, selector))
}

// size changes the size of the window.
func (p *tab) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}
