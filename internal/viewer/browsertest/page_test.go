//go:build integration

package browsertest

import (
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/viewer"
	"github.com/lambdakit/lambdakit/internal/viewer/browsertest/sample"
)

// page is a tab that shows the page of a server.
type page struct {
	*tab
	store  *viewer.Store
	runner *runner
	addr   string
	server *http.Server
	others map[string]bool // hosts that the test itself goes to
}

// open opens the page of a function whose orders have these kinds.
func open(t *testing.T, kinds ...string) *page {
	t.Helper()
	now := time.Now()
	store := viewer.NewStore(sample.State(now))
	sample.Fill(store, now, 1001, kinds...)
	p := serve(t, store)
	p.visit()
	return p
}

// serve opens a tab and starts a server for it.
func serve(t *testing.T, store *viewer.Store) *page {
	t.Helper()
	p := &page{tab: newTab(t), store: store, runner: &runner{store: store}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	p.check(err)
	p.addr = listener.Addr().String()
	p.start(listener, "secret")
	t.Cleanup(func() {
		p.server.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		for host := range p.hosts {
			if host != p.addr && !p.others[host] {
				t.Errorf("got a request to %q, want none to another host than %s", host, p.addr)
			}
		}
	})
	return p
}

func (p *page) start(listener net.Listener, token string) {
	s := &viewer.Server{Store: p.store, Runner: p.runner, Token: token}
	p.server = &http.Server{Handler: emulator.Protect(s.Handler(listener.Addr().(*net.TCPAddr).Port), listener.Addr(), nil)}
	go p.server.Serve(listener)
}

// allow says that the test itself goes to a host.
func (p *page) allow(host string) { p.others = map[string]bool{host: true} }

// stop ends the server and its connections.
func (p *page) stop() { p.server.Close() }

// restart starts a server at the same address.
func (p *page) restart(token string) {
	p.t.Helper()
	var listener net.Listener
	var err error
	for range 100 {
		if listener, err = net.Listen("tcp", p.addr); err == nil {
			p.start(listener, token)
			return
		}
	}
	p.t.Fatal(err)
}

// visit loads the page with its token, and waits for its list.
func (p *page) visit() {
	p.t.Helper()
	p.do(chromedp.Navigate("http://" + p.addr + "/?token=secret"))
	n := len(p.store.Summaries())
	p.wait(`document.querySelector('.pill').textContent === 'running' && document.querySelectorAll('#list button').length === %s`, min(n, 200))
	if n > 0 {
		p.loaded()
	}
}

// loaded waits until the picked invocation is shown.
func (p *page) loaded() {
	p.t.Helper()
	p.wait(`document.querySelector('[role=tabpanel]').firstElementChild`)
}

// pick clicks on an invocation in the list.
func (p *page) pick(number int) {
	p.t.Helper()
	p.click(fmt.Sprintf(`#list button[data-id="%s"]`, p.id(number)))
	p.wait(`document.querySelector('main').textContent.includes(%s)`, fmt.Sprintf("#%d", number))
	p.loaded()
}

// id returns the id of an invocation.
func (p *page) id(number int) string {
	p.t.Helper()
	for _, s := range p.store.Summaries() {
		if s.Number == number {
			return s.ID
		}
	}
	p.t.Fatalf("got no invocation %d in the store, want one", number)
	return ""
}

// picked is the number of the invocation that is shown.
const picked = `+document.querySelector('main .n').textContent.slice(1)`

// listed is the numbers of the list, as a text.
const listed = `[...document.querySelectorAll('#list button')].map(b => S.byID.get(b.dataset.id).number).join(' ')`

// runner plays the function: each event is taken as an order.
type runner struct {
	store *viewer.Store

	mu     sync.Mutex
	calls  []string
	files  map[string]string
	refuse error
}

func (r *runner) Send(title string, event []byte, times, atOnce int) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return nil, r.refuse
	}
	r.calls = append(r.calls, fmt.Sprintf("send %s %d %d %d bytes", title, times, atOnce, len(event)))
	var ids []string
	for range times {
		n := len(r.store.Summaries())
		sample.Fill(r.store, time.Now().Add(7*time.Second), 3001+n, "ok")
		all := r.store.Summaries()
		ids = append(ids, all[len(all)-1].ID)
	}
	return ids, nil
}

func (r *runner) Restart(kill bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprint("restart ", kill))
}

func (r *runner) Save(name, text string, replace bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.files[name]; ok && !replace {
		return fs.ErrExist
	}
	if r.files == nil {
		r.files = make(map[string]string)
	}
	r.files[name] = text
	return nil
}

func (r *runner) EventFiles() []viewer.Template {
	return []viewer.Template{{Name: "event.json", Group: "This function", Text: `{"id":"from event.json"}`}}
}

// called returns what the page asked for.
func (r *runner) called() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.calls, "; ")
}

func (r *runner) file(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[name]
}
