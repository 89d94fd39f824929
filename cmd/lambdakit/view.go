package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// viewOptions are the flags of the page.
type viewOptions struct {
	on      bool
	address string
	open    bool
}

// newStore returns the store of the page.
func (r *runner) newStore() *viewer.Store {
	o := r.options
	s := viewer.State{
		Function: r.function.name, Package: r.function.dir, State: viewer.Starting, MemoryMB: o.memory,
		TimeoutMS: float64(o.timeout) / float64(time.Millisecond), Concurrency: o.concurrency, Watch: o.watch, Version: version(),
	}
	if o.attach != "" {
		s.State, s.TimeoutMS = viewer.Waiting, 0
	}
	return viewer.NewStore(s)
}

// setState tells the page about the function.
func (r *runner) setState(state, message string) {
	if r.view == nil {
		return
	}
	pid := 0
	if e := r.current(); e != nil {
		pid = e.PID()
	}
	if s := r.view.State(); s.State == state && s.Message == message && s.PID == pid {
		return
	}
	r.view.SetState(func(s *viewer.State) { s.State, s.Message, s.PID = state, message, pid })
}

// observed returns an event whose invocation the page shows when it begins.
func (r *runner) observed(name string, ev emulator.Event) emulator.Event {
	if r.view != nil {
		ev.Taken = func() { r.view.Begin(ev.RequestID, name, ev.Payload, time.Now()) }
	}
	return ev
}

// notRun tells the page of an invocation that did not take place, or whose caller left.
func (r *runner) notRun(id string, err error) {
	if r.view == nil {
		return
	}
	why := reason(err)
	if errors.Is(err, context.Canceled) {
		why = errCallerLeft
	}
	r.view.Fail(id, why, time.Now())
	if init := (*emulator.InitError)(nil); errors.As(err, &init) {
		r.setState(viewer.StartFailed, init.Error())
	}
}

var errCallerLeft = errors.New("the caller left before the function answered")

// serveView serves the page.
func (r *runner) serveView(ctx context.Context) (func() error, error) {
	token := viewer.NewToken()
	listener, err := r.bind(r.options.view.address, nil)
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	s := &viewer.Server{Store: r.view, Runner: &viewRunner{r, ctx}, Token: token}
	url := fmt.Sprintf("http://%s/?token=%s", hostOf(listener), token)
	r.cli.say("the page is at %s", url)
	if r.options.view.open && os.Getenv("CI") == "" && isTerminal(r.cli.stdout) {
		openBrowser(url)
	}
	return func() error { return r.serveOn(ctx, listener, s.Handler(port)) }, nil
}

// openBrowser opens a URL. A machine without a browser has the printed one.
func openBrowser(url string) {
	command := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", url}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(command[0], command[1:]...)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}

// viewRunner does what the page asks for.
type viewRunner struct {
	*runner
	ctx context.Context
}

// Send implements viewer.Runner.
func (v *viewRunner) Send(title string, ev []byte, times, atOnce int) ([]string, error) {
	if v.current() == nil {
		return nil, errNotRunning
	}
	if title == "" {
		title = "event"
	}
	ids := make([]string, times)
	for i := range ids {
		ids[i] = execenv.NewRequestID()
	}
	next := make(chan string)
	for range min(atOnce, v.options.concurrency, times) {
		v.servers.Go(func() {
			for id := range next {
				v.sendOrSay(v.ctx, title, emulator.Event{Payload: ev, RequestID: id})
			}
		})
	}
	v.servers.Go(func() {
		defer close(next)
		for _, id := range ids {
			select {
			case next <- id:
			case <-v.ctx.Done():
				return
			}
		}
	})
	return ids, nil
}

// Restart implements viewer.Runner.
func (v *viewRunner) Restart(kill bool) {
	if e := v.current(); e != nil {
		e.Restart(kill)
		v.setState(v.view.State().State, "")
	}
}

// Save implements viewer.Runner.
func (v *viewRunner) Save(name, text string, replace bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if replace {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	root, err := os.OpenRoot(v.function.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.OpenFile(name, flags, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// maxEventFiles bounds the event files that the page offers.
const maxEventFiles = 50

// EventFiles implements viewer.Runner.
func (v *viewRunner) EventFiles() []viewer.Template {
	list := []viewer.Template{}
	names, _ := filepath.Glob(filepath.Join(v.function.dir, "*.json"))
	slices.Sort(names)
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > emulator.MaxEvent || len(list) == maxEventFiles {
			continue
		}
		if text, err := os.ReadFile(name); err == nil && emulator.CheckEvent(text) == nil {
			list = append(list, viewer.Template{Name: filepath.Base(name), Group: "This function", Text: string(text)})
		}
	}
	return list
}
