package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/events/schema"
)

const eventsUsage = `usage: lambdakit events check [flags] OLD NEW
       lambdakit events schema [flags] [PACKAGES]

check tells whether schemas of events changed compatibly, and schema writes the schemas of the events
that packages define. lambdakit events check -h and lambdakit events schema -h list the flags.
`

// events runs a command about the schemas of events.
func (c *cli) events(ctx context.Context, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.stderr, eventsUsage)
		return 2
	}
	switch args[0] {
	case "check":
		return c.checkEvents(args[1:])
	case "schema":
		return c.writeSchemas(ctx, args[1:])
	case "help", "-h", "-help", "--help":
		fmt.Fprint(c.stdout, eventsUsage)
		return 0
	}
	fmt.Fprintf(c.stderr, "lambdakit events: unknown command %q\n%s", args[0], eventsUsage)
	return 2
}

// checkEvents compares schemas and returns the exit status.
func (c *cli) checkEvents(args []string) int {
	fs := flag.NewFlagSet("lambdakit events check", flag.ContinueOnError)
	fs.SetOutput(c.stderr)
	fs.Usage = func() {
		fmt.Fprintln(c.stderr, "usage: lambdakit events check [flags] OLD NEW\n\nOLD and NEW are schemas, or folders with schemas of the same file names.")
		fs.PrintDefaults()
	}
	require := fs.String("require", "backward", "`compatibility` without which the exit status is 1: backward (the new schema reads old data), forward (the old schema reads new data) or full")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	complain := func(format string, a ...any) int {
		fmt.Fprintf(c.stderr, "lambdakit events check: %s\n", oneLine(fmt.Sprintf(format, a...)))
		return 2
	}
	if !slices.Contains([]string{"backward", "forward", "full"}, *require) {
		return complain("-require %q is not backward, forward or full", *require)
	}
	if fs.NArg() != 2 {
		return complain("want two files or folders, and flags before them; got %q", fs.Args())
	}
	pairs, err := schemaPairs(fs.Arg(0), fs.Arg(1))
	if err != nil {
		return complain("%v", err)
	}
	status := 0
	for _, p := range pairs {
		if p.successor != "" {
			c.print("%s: superseded by %s", p.name, p.successor)
			continue
		}
		r, err := p.compare()
		if err != nil {
			return complain("%s: %v", p.name, err)
		}
		if *require != "forward" && !r.Backward || *require != "backward" && !r.Forward {
			status = 1
		}
		c.print("%s: %s", p.name, r.Verdict())
		for _, b := range r.Breaks {
			c.print("%s: %s", p.name, b)
		}
	}
	return status
}

// print writes a line, with escapes for control characters.
func (c *cli) print(format string, args ...any) {
	fmt.Fprintln(c.stdout, oneLine(fmt.Sprintf(format, args...)))
}

// schemaPair is a schema in two versions.
type schemaPair struct {
	name         string
	old, current string // files; current is empty if it was removed
	successor    string // the name of the schema of a newer version, if the file was removed
}

// schemaPairs returns the files to compare. Files that only the new folder has need no comparison.
func schemaPairs(old, current string) ([]schemaPair, error) {
	isDir := [2]bool{}
	for i, path := range []string{old, current} {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		isDir[i] = info.IsDir()
	}
	switch {
	case isDir[0] != isDir[1]:
		return nil, fmt.Errorf("%s and %s are a file and a folder; want two of a kind", old, current)
	case !isDir[0]:
		return []schemaPair{{name: filepath.Base(current), old: old, current: current}}, nil
	}
	names, err := schemaFiles(old)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no .json files", old)
	}
	kept, err := schemaFiles(current)
	if err != nil {
		return nil, err
	}
	var pairs []schemaPair
	for _, name := range names {
		p := schemaPair{name: name, old: filepath.Join(old, name)}
		if slices.Contains(kept, name) {
			p.current = filepath.Join(current, name)
		} else {
			p.successor = successor(name, kept)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

var versioned = regexp.MustCompile(`^(.+)\.v(\d+)\.json$`)

// successor returns the file of the newest version of an event that is newer than the version of a file,
// or "".
func successor(name string, files []string) string {
	old := versioned.FindStringSubmatch(name)
	newest, found := 0, ""
	for _, f := range files {
		m := versioned.FindStringSubmatch(f)
		if old == nil || m == nil || m[1] != old[1] {
			continue
		}
		before, _ := strconv.Atoi(old[2])
		if v, _ := strconv.Atoi(m[2]); v > before && v > newest {
			newest, found = v, f
		}
	}
	return found
}

// schemaFiles returns the names of the .json files of a folder, without the folders in it.
func schemaFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (p *schemaPair) compare() (*schema.Report, error) {
	if p.current == "" {
		return &schema.Report{Breaks: []schema.Break{{Change: "the file was removed", Backward: true, Forward: true}}}, nil
	}
	old, err := os.ReadFile(p.old)
	if err != nil {
		return nil, err
	}
	current, err := os.ReadFile(p.current)
	if err != nil {
		return nil, err
	}
	return schema.Compare(old, current)
}
