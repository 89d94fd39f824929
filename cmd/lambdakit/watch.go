package main

import (
	"bufio"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/viewer"
)

// watchInterval is the time between two looks at the files.
const watchInterval = 300 * time.Millisecond

// stamp is the state of a file.
type stamp struct {
	modified time.Time
	size     int64
}

// watch builds the function again after each change, until ctx is done. The old process goes on if the
// build fails. If nothing is served, or with -resend, the events are sent again.
func (r *runner) watch(ctx context.Context, b *building, events []event) {
	w := &watched{runner: r}
	w.find(ctx)
	known := w.stamps()
	for _, s := range known {
		if s.modified.After(b.began) { // since the first build
			r.rebuild(ctx, b, events)
			break
		}
	}
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := w.stamps()
		if maps.Equal(now, known) {
			continue
		}
		known = now
		r.rebuild(ctx, b, events)
		w.find(ctx) // imports may have changed
		for name, s := range w.stamps() {
			if _, ok := known[name]; !ok { // a new folder is no change
				known[name] = s
			}
		}
	}
}

// rebuild builds the function and puts the new program in the place of the old one.
func (r *runner) rebuild(ctx context.Context, b *building, events []event) {
	r.setState(viewer.Building, "")
	f, err := b.build(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.setState(viewer.BuildFailed, strings.TrimSpace(b.words.String()))
		r.cli.say("%v; waiting for a change", err)
		return
	}
	r.built(b.began, b.took)
	old := r.config.Command[0]
	r.config.Command = []string{f.program}
	if e := r.current(); e != nil {
		e.Replace(r.config.Command)
		os.Remove(old) // the process has its program; Windows keeps the file until the end
		r.setState(viewer.Running, "")
	} else if err := r.start(ctx, b); err != nil || r.current() == nil {
		return
	}
	r.cli.say("built in %.1f s", b.took.Seconds())
	if r.options.resend || !r.options.serves() {
		r.sendAll(ctx, r.fresh(events))
	}
}

// built tells the page of a build.
func (r *runner) built(began time.Time, took time.Duration) {
	if r.view != nil {
		r.view.SetState(func(s *viewer.State) {
			s.Built, s.BuildMS = float64(began.Add(took).UnixMilli()), float64(took.Milliseconds())
		})
	}
}

// fresh reads the files of events again. A file that cannot be read keeps its event.
func (r *runner) fresh(events []event) []event {
	now, err := r.options.readEvents(r.function.dir, strings.NewReader(""))
	if err != nil || len(now) != len(events) || slices.Contains(r.options.events, "-") {
		return events
	}
	return now
}

// watched are the files that a function is made of.
type watched struct {
	*runner
	dirs  []string
	files []string
}

// find looks up the folders of the packages outside the standard library and the module cache, the files
// that they embed, and the files of their modules.
func (w *watched) find(ctx context.Context) {
	const format = `{{if not .Standard}}{{with .Module}}{{.GoMod}}{{end}}{{"\n"}}{{.Dir}}/{{"\n"}}{{range .EmbedFiles}}{{$.Dir}}{{"/"}}{{.}}{{"\n"}}{{end}}{{end}}`
	out, err := packageCommand(ctx, w.options.pkg, nil, "list", "-e", "-deps", "-f", format).Output()
	if err != nil {
		return // the files that are known still count
	}
	cache, _ := goCommand(ctx, nil, "env", "GOMODCACHE", "GOWORK").Output()
	modules, work, _ := strings.Cut(strings.TrimSpace(string(cache)), "\n")
	w.dirs, w.files = []string{w.function.dir}, w.options.eventFiles()
	if work != "" && work != "off" {
		w.files = append(w.files, work)
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || modules != "" && strings.HasPrefix(line, modules):
		case strings.HasSuffix(line, "/"):
			w.dirs = append(w.dirs, filepath.Clean(line))
		case strings.HasSuffix(line, "go.mod"):
			w.files = append(w.files, line, strings.TrimSuffix(line, "mod")+"sum")
		default:
			w.files = append(w.files, line)
		}
	}
	slices.Sort(w.dirs)
	w.dirs = slices.Compact(w.dirs)
}

// stamps returns the state of all files.
func (w *watched) stamps() map[string]stamp {
	all := make(map[string]stamp)
	add := func(name string, info fs.FileInfo) {
		if info.Mode().IsRegular() {
			all[name] = stamp{info.ModTime(), info.Size()}
		}
	}
	for _, dir := range w.dirs {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if name := e.Name(); !isSource(name) {
				continue
			}
			if info, err := e.Info(); err == nil {
				add(filepath.Join(dir, e.Name()), info)
			}
		}
	}
	for _, name := range w.files {
		if info, err := os.Stat(name); err == nil {
			add(name, info)
		}
	}
	return all
}

// isSource reports whether the go command compiles files with this name.
func isSource(name string) bool {
	if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return false
	}
	switch filepath.Ext(name) {
	case ".go", ".s", ".c", ".h", ".cc", ".cpp", ".hpp", ".S":
		return true
	}
	return false
}

// takesEnter reports whether a line on standard input sends the events again.
func (r *runner) takesEnter() bool {
	return (r.options.watch || r.options.attach != "") && !slices.Contains(r.options.events, "-")
}

// sendOnEnter sends the events again for each line on standard input.
func (r *runner) sendOnEnter(ctx context.Context, events []event) {
	if isTerminal(r.cli.stdin) {
		r.cli.say("Enter sends the events again")
	}
	lines := bufio.NewScanner(r.cli.stdin)
	for lines.Scan() && ctx.Err() == nil {
		r.sendAll(ctx, r.fresh(events))
	}
}
