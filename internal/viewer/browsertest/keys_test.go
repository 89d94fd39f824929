//go:build integration

package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const theme = `document.documentElement.dataset.theme || ''`

func TestKeys(t *testing.T) {
	p := open(t, "ok", "failed", "slow", "ok")
	want(p.tab, picked, 4)
	for _, c := range []struct {
		keys string
		want int
	}{{"j", 3}, {"j j j", 1}, {"k", 2}, {"ArrowUp", 3}, {"ArrowUp ArrowUp", 4}, {"ArrowDown", 3}} {
		p.keys(strings.Fields(c.keys)...)
		want(p.tab, picked, c.want)
	}
	for key, tab := range map[string]string{"1": "timeline", "2": "event", "3": "response", "4": "metrics", "5": "raw"} {
		p.keys(key)
		want(p.tab, `document.querySelector('[role=tab][aria-selected=true]').id`, "tab-"+tab)
		want(p.tab, `document.querySelector('[role=tabpanel]').getAttribute('aria-labelledby')`, "tab-"+tab)
	}
	p.keys("/")
	want(p.tab, `document.activeElement.id`, "q")
	p.keys("f", "a", "i", "l", "e", "d")
	want(p.tab, `document.querySelector('#q').value`, "failed") // no "/" and no commands
	want(p.tab, listed, "2")
	p.keys("Escape")
	want(p.tab, listed, "4 3 2 1")
	want(p.tab, `document.activeElement === document.body`, true)
	p.keys("/", "ArrowDown")
	want(p.tab, `document.activeElement.closest('#list') !== null`, true)
	p.keys("Escape", "?")
	want(p.tab, `document.querySelector('#help').open`, true)
	p.keys("j") // keys do not work behind a dialog
	before := eval[int](p.tab, picked)
	p.keys("Escape")
	want(p.tab, `document.querySelector('#help').open`, false)
	want(p.tab, picked, before)
}

func TestKeys_AllIsReachableByTab(t *testing.T) {
	p := open(t, "ok", "failed")
	p.pick(1)
	eval[bool](p.tab, `(document.activeElement.blur(), true)`)
	seen := map[string]bool{}
	for range 60 {
		p.keys("Tab")
		seen[eval[string](p.tab, `(e => e.id || e.closest('[role=tab]')?.id || e.dataset.id && 'row' || e.closest('.span') && 'span' || e.closest('.log') && 'line' || e.textContent)(document.activeElement)`)] = true
	}
	for _, name := range []string{"q", "All", "Failed1", "row", "Process", "?", "Send event", "Resendr", "Edit & sende", "More", "tab-timeline", "span", "line", "common fieldsf", "Copy"} {
		if !seen[name] {
			t.Errorf("got no focus on %q among %v, want it", name, seen)
		}
	}
}

func TestKeys_TabsMoveWithArrows(t *testing.T) {
	p := open(t, "ok")
	p.click("#tab-timeline")
	p.keys("ArrowRight")
	want(p.tab, `document.activeElement.id + document.activeElement.ariaSelected`, "tab-eventtrue")
	p.keys("ArrowLeft", "ArrowLeft")
	want(p.tab, `document.activeElement.id + document.activeElement.ariaSelected`, "tab-rawtrue")
	want(p.tab, `document.querySelectorAll('[role=tab][tabindex="0"]').length`, 1)
}

func TestKeys_ThemeIsKept(t *testing.T) {
	p := open(t, "ok")
	background := `getComputedStyle(document.body).backgroundColor`
	light := eval[string](p.tab, background)
	p.prefer("dark")
	p.wait(background+` !== %s`, light)
	dark := eval[string](p.tab, background)
	p.keys("d")
	want(p.tab, background, light)
	p.do(chromedp.Reload())
	want(p.tab, theme, "light")
	want(p.tab, background, light)
	want(p.tab, listed, "1")
	p.click(`header [title^="Theme"]`)
	want(p.tab, background, dark)
	want(p.tab, theme, "dark")
	p.prefer("light")
	want(p.tab, background, dark)
}

func TestKeys_MotionIsReduced(t *testing.T) {
	p := open(t, "ok")
	begin(p, "running", `{}`)
	name := `getComputedStyle(document.querySelector('.spin')).animationName`
	want(p.tab, name, "beat")
	p.prefer("light", "prefers-reduced-motion", "reduce")
	want(p.tab, name, "none")
}
