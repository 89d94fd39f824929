package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/benchmarks/internal/backend"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/gobench"
)

// group is a set of benchmarks that one process runs: they belong to one function of a package.
type group struct {
	pkg   string // as in names of measurements: "logging", "own/metrics"
	names []string
}

// The prefixes of measurements of functions: "coldstart/FUNCTION/init" and
// "backend/KIND/FUNCTION/response".
const (
	coldstartPrefix = "coldstart/"
	backendPrefix   = "backend/"
)

// plan splits names into groups of benchmarks, in the order of their first name, and into the
// functions of cold starts and of backends.
func plan(names []string) (groups []*group, coldstarts, backends []string) {
	byFunction := make(map[string]*group)
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, coldstartPrefix); ok {
			function, _, _ := strings.Cut(rest, "/")
			coldstarts = add(coldstarts, function)
			continue
		}
		if rest, ok := strings.CutPrefix(name, backendPrefix); ok {
			function := strings.Split(rest, "/")[1]
			coldstarts, backends = add(coldstarts, function), add(backends, function)
			continue
		}
		pkg, bench := split(name)
		top, _, _ := strings.Cut(bench, "/")
		g := byFunction[pkg+"/"+top]
		if g == nil {
			g = &group{pkg: pkg}
			byFunction[pkg+"/"+top] = g
			groups = append(groups, g)
		}
		if !slices.Contains(g.names, bench) {
			g.names = append(g.names, bench)
		}
	}
	return groups, coldstarts, backends
}

// add appends name to names unless they have it.
func add(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

const ownPrefix = "own/"

// split splits name into the package and the benchmark.
func split(name string) (pkg, bench string) {
	rest, own := strings.CutPrefix(name, ownPrefix)
	pkg, bench, _ = strings.Cut(rest, "/")
	if own {
		pkg = ownPrefix + pkg
	}
	return pkg, bench
}

// whole extends each group to all benchmarks of its function, and adds a group for each of the
// further functions.
func whole(groups []*group, further []string) []*group {
	var all []*group
	for _, g := range groups {
		top, _, _ := strings.Cut(g.names[0], "/")
		all = append(all, &group{g.pkg, []string{top}})
	}
	for _, name := range further {
		pkg, bench := split(name)
		if !slices.ContainsFunc(all, func(g *group) bool { return g.pkg == pkg && g.names[0] == bench }) {
			all = append(all, &group{pkg, []string{bench}})
		}
	}
	return all
}

// importPath returns the path of pkg for the go command, in the module of the benchmarks.
func importPath(pkg string) string {
	if own, ok := strings.CutPrefix(pkg, ownPrefix); ok {
		return "github.com/lambdakit/lambdakit/" + own
	}
	return "./" + pkg
}

// pace is the extent of a measurement.
type pace struct {
	rounds int
	each   time.Duration // for one benchmark in one round
	whole  int           // every so many rounds all benchmarks run; 0: never
	starts int           // of each function

	slowStarts int // of each function whose backend is slow
}

// compile compiles the benchmarks of groups, and returns the binaries by package.
func compile(ctx context.Context, root, tmp string, groups []*group, progress func(string)) (map[string]*gobench.Binary, error) {
	binaries := make(map[string]*gobench.Binary)
	for _, g := range groups {
		if binaries[g.pkg] != nil {
			continue
		}
		progress("compiling " + g.pkg)
		path := filepath.Join(tmp, strings.ReplaceAll(g.pkg, "/", "-")+".test")
		b, err := gobench.Compile(ctx, filepath.Join(root, "benchmarks"), importPath(g.pkg), path)
		if err != nil {
			return nil, err
		}
		binaries[g.pkg] = b
	}
	return binaries, nil
}

// benchmarks runs groups in rounds, and all groups in some of them. It returns the names of the
// measurements in order. The benchmarks of a group run equally often, so they can be compared round by
// round.
func (m measurements) benchmarks(ctx context.Context, binaries map[string]*gobench.Binary, groups, all []*group, p pace, progress func(string)) ([]string, error) {
	var order []string
	for round := range p.rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, p.rounds))
		now := groups
		if p.whole > 0 && round%p.whole == 0 {
			now = all
		}
		for _, g := range now {
			results, err := binaries[g.pkg].Run(ctx, g.names, p.each)
			if err != nil {
				return nil, err
			}
			for _, r := range results {
				name := g.pkg + "/" + r.Name
				if m[name] == nil {
					order = append(order, name)
				}
				s := m.add(name, r.NS)
				s.allocs, s.bytes = append(s.allocs, r.Allocs), append(s.bytes, r.Bytes)
			}
		}
	}
	return order, nil
}

// coldstarts builds and starts functions.
func (m measurements) coldstarts(ctx context.Context, root, tmp string, names []string, p pace, progress func(string)) ([]coldstart.Measurement, error) {
	progress("building functions")
	binaries, err := coldstart.Build(ctx, root, tmp, coldstart.Named(names...))
	if err != nil {
		return nil, err
	}
	progress("starting functions")
	all, err := coldstart.Measure(ctx, binaries, &coldstart.Options{Starts: p.starts})
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		name := coldstartPrefix + f.Name
		m[name+"/bytes"] = &series{values: []float64{float64(f.Bytes)}}
		m[name+"/init"] = &series{values: f.Init}
		m[name+"/first"] = &series{values: f.First}
		m[name+"/warm"] = &series{values: f.Warm}
		m[name+"/whole"] = &series{values: f.Whole}
		m[name+"/memory"] = &series{values: f.Memory}
	}
	return all, nil
}

// backends measures functions with OTLP backends. They were built before.
func (m measurements) backends(ctx context.Context, started []coldstart.Measurement, names []string, p pace, progress func(string)) ([]backend.Measurement, error) {
	progress("functions with slow backends")
	var binaries []coldstart.Binary
	for _, f := range started {
		if slices.Contains(names, f.Name) {
			binaries = append(binaries, f.Binary)
		}
	}
	all, err := backend.Measure(ctx, binaries, backend.Options{Starts: p.starts / 5, SlowStarts: p.slowStarts, Invocations: 5})
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		name := backendPrefix + f.Kind.Name + "/" + f.Name
		m[name+"/first"] = &series{values: f.FirstResponse}
		m[name+"/response"] = &series{values: f.Response}
	}
	return all, nil
}
