//go:build integration

package browsertest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// axeVariable names the file axe.min.js of axe-core.
const axeVariable = "LAMBDAKIT_AXE"

// violation is a rule of axe-core that the page breaks, or that it cannot decide.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// wantAccessible checks the page with axe-core. It does not accept that the contrast of a text cannot be
// decided.
func (p *page) wantAccessible(state string) {
	p.t.Helper()
	p.shot(state)
	if !eval[bool](p.tab, `'axe' in window`) {
		source, err := os.ReadFile(os.Getenv(axeVariable))
		if err != nil {
			p.t.Fatalf("%s must name the file axe.min.js of axe-core; .ci/browser sets it: %v", axeVariable, err)
		}
		eval[bool](p.tab, string(source)+`; 'axe' in window`)
	}
	found := eval[map[string][]violation](p.tab, `axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(r => ({violations: r.violations, contrast: r.incomplete.filter(v => v.id === 'color-contrast')}))`)
	for kind, list := range found {
		for _, v := range list {
			for _, node := range v.Nodes {
				p.t.Errorf("%s: got %s: %s: %s: %.300s\n%s", state, kind, v.ID, v.Help, node.HTML, node.Summary)
			}
		}
	}
}

func TestAccess_States(t *testing.T) {
	kinds := strings.Fields("cold ok ok refused ok failed ok ok slow ok declined timeout cold ok ok")
	for _, theme := range []string{"light", "dark"} {
		p := open(t, kinds...)
		p.prefer(theme)
		p.wantAccessible("list and timeline, " + theme)
		p.pick(6)
		p.click(`.log:last-child > button`)
		p.click(`.span:nth-of-type(5) > button`)
		p.wait(`document.querySelectorAll('.more').length === 2`)
		p.wantAccessible("failed invocation, " + theme)
		p.keys("Escape")
		p.pick(12)
		p.wantAccessible("timeout, " + theme)
		for i, tab := range []string{"event", "response", "metrics", "raw"} {
			p.keys(fmt.Sprint(i + 2))
			want(p.tab, `document.querySelector('[role=tab][aria-selected=true]').id`, "tab-"+tab)
			p.wantAccessible(tab + ", " + theme)
		}
		p.keys("1", "c", "j")
		want(p.tab, `document.querySelector('main h1').textContent.startsWith('Compare')`, true)
		p.wait(`document.querySelectorAll('main table').length === 3`)
		p.wantAccessible("comparison, " + theme)
		p.keys("Escape", "e")
		want(p.tab, editorIsOpen, true)
		p.wantAccessible("editor, " + theme)
		p.keys("Escape", "?")
		want(p.tab, `document.querySelector('#help').open`, true)
		p.wantAccessible("help, " + theme)
		p.keys("Escape")
		p.stop()
		want(p.tab, `document.querySelector('#note').textContent.startsWith('The server is gone')`, true)
		p.wantAccessible("server gone, " + theme)
	}
}
