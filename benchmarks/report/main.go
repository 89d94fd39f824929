package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/lambdakit/lambdakit/benchmarks/internal/checkout"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/counting"
)

// options are the command's flags.
type options struct {
	short, write, node, simulate bool
}

func main() {
	var o options
	flag.BoolVar(&o.short, "short", false, "run fewer rounds, and only the benchmarks that claims need")
	flag.BoolVar(&o.write, "write", false, "write the tables into docs/measurements.md, README.md and, unless the report is short, docs/choosing.md")
	flag.BoolVar(&o.node, "node", false, "optional: also measure Powertools for TypeScript; needs node, and npm to install it")
	flag.BoolVar(&o.simulate, "simulate", false, "optional: count instructions with valgrind, which takes some minutes more; the counts hardly depend on other load")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	held, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !held {
		os.Exit(1)
	}
}

func (o options) pace() pace {
	if o.short {
		return pace{rounds: 8, each: 10 * time.Millisecond, starts: 10, slowStarts: 1}
	}
	return pace{rounds: 45, each: 10 * time.Millisecond, whole: 5, starts: 45, slowStarts: 3}
}

// run reports whether all claims hold.
func run(ctx context.Context, o options) (held bool, err error) {
	if o.simulate && !counting.Simulates() {
		return false, errors.New("report: -simulate needs valgrind")
	}
	root, err := checkout.Root()
	if err != nil {
		return false, err
	}
	tmp, err := os.MkdirTemp("", "report")
	if err != nil {
		return false, fmt.Errorf("report: %w", err)
	}
	defer os.RemoveAll(tmp)

	began := time.Now()
	progress := func(what string) { fmt.Fprintf(os.Stderr, "%5.1f s  %s\n", time.Since(began).Seconds(), what) }
	names := []string{clock}
	for _, c := range claims {
		names = append(names, c.names()...)
	}
	var peer nodeResult
	if o.node {
		progress("Powertools for TypeScript")
		if peer, err = nodeDocument(ctx, root, tmp); err != nil {
			return false, err
		}
		names = append(names, nodePeer)
	}
	groups, functions, backends := plan(names)
	all := groups
	if !o.short {
		all, functions = whole(groups, further), nil
		for _, f := range coldstart.Functions {
			functions = append(functions, f.Name)
		}
	}

	m, p := make(measurements), o.pace()
	binaries, err := compile(ctx, root, tmp, all, progress)
	if err != nil {
		return false, err
	}
	order, err := m.benchmarks(ctx, binaries, groups, all, p, progress)
	if err != nil {
		return false, err
	}
	started, err := m.coldstarts(ctx, root, tmp, functions, p, progress)
	if err != nil {
		return false, err
	}
	answered, err := m.backends(ctx, started, backends, p, progress)
	if err != nil {
		return false, err
	}
	rows, err := m.judge(claims)
	if err != nil {
		return false, err
	}
	if err := m.count(ctx, rows, !o.short, binaries, started, progress); err != nil {
		return false, err
	}
	if o.simulate {
		if err := m.simulate(ctx, binaries, progress); err != nil {
			return false, err
		}
	}
	if rows, err = m.judge(claims); err != nil { // again, with the counted allocations
		return false, err
	}
	held = !slices.ContainsFunc(rows, func(r row) bool { return r.verdict == fails })

	text := machine(began, p) + others(p) + "\n" + table(rows, m) + "\n" + functionsTable(started) + "\n" + backendsTable(answered) + "\n" + mediansTable(order, m)
	if o.node {
		text += "\n" + peer.compared(m.median(nodePeer))
	}
	progress("done")
	fmt.Print(text)
	if o.write {
		choosing := ""
		if !o.short { // which starts only the functions of the claims
			choosing = machine(began, p) + "\n" + choosingTable(started)
		}
		err = write(root, text, machine(began, p)+"\n"+shortTable(rows), choosing)
	}
	return held, err
}

// write writes the tables that are not empty.
func write(root, report, short, choosing string) error {
	for _, part := range []struct{ file, marker, text string }{
		{"docs/measurements.md", "report", report},
		{"README.md", "short", short},
		{"docs/choosing.md", "choosing", choosing},
	} {
		if part.text == "" {
			continue
		}
		if err := rewriteFile(filepath.Join(root, part.file), part.marker, []byte("\n"+part.text+"\n")); err != nil {
			return err
		}
	}
	return nil
}
