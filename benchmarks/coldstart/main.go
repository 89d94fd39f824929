// Command coldstart measures the cost of functions before their first invocation, with the
// toolkit and with other libraries: the size of the program, the time until it asks for its
// first event, and memory. Run it from the root of the repository:
//
//	go run ./benchmarks/coldstart
//	go run ./benchmarks/coldstart -starts 120 -functions bare,core,full
//	go run ./benchmarks/coldstart -json
//
// The column whole is the time of a warm invocation with the work after its answer.
//
// Package internal/coldstart of this module describes the measurement and has the table of
// functions.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"github.com/lambdakit/lambdakit/benchmarks/internal/checkout"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

func main() {
	starts := flag.Int("starts", 30, "starts of each function")
	names := flag.String("functions", "", "`names` of functions, separated by commas; default: all")
	asJSON := flag.Bool("json", false, "print JSON, with the figures of each start")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *names, *starts, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, names string, starts int, asJSON bool) error {
	functions := coldstart.Functions
	if names != "" {
		wanted := strings.Split(names, ",")
		if functions = coldstart.Named(wanted...); len(functions) != len(wanted) {
			return fmt.Errorf("coldstart: not all of %q are functions", names)
		}
	}
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "coldstart")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binaries, err := coldstart.Build(ctx, root, dir, functions)
	if err != nil {
		return err
	}
	all, err := coldstart.Measure(ctx, binaries, &coldstart.Options{Starts: starts})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(w, all)
	}
	return writeTable(w, all, starts)
}

// bareBytes returns the size of the function bare, 0 if it was not built.
func bareBytes(all []coldstart.Measurement) int64 {
	for _, m := range all {
		if m.Name == coldstart.Bare {
			return m.Bytes
		}
	}
	return 0
}

func writeTable(w io.Writer, all []coldstart.Measurement, starts int) error {
	bare := bareBytes(all)
	fmt.Fprintf(w, "medians of %d starts in turn; warm: the median of the medians of each start\n\n", starts)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "function\tbytes\tover bare\tpackages\tmodules\tinit\tfirst\twarm\twhole\tmemory\t")
	for _, m := range all {
		growth := "-"
		if bare > 0 {
			growth = fmt.Sprintf("%+.2f MB", float64(m.Bytes-bare)/1e6)
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%d\t%d\t%.2f ms\t%.2f ms\t%.0f us\t%.0f us\t%.1f MB\t\n", m.Name, m.Bytes, growth, m.Packages, m.Modules,
			stats.Median(m.Init)/1e6, stats.Median(m.First)/1e6, stats.Median(m.Warm)/1e3, stats.Median(m.Whole)/1e3, stats.Median(m.Memory)/1e6)
	}
	return tw.Flush()
}

// row is a function in JSON. Times are medians in nanoseconds, sizes are in bytes. Starts has
// the values of each start.
type row struct {
	Name     string  `json:"name"`
	What     string  `json:"what"`
	Peer     bool    `json:"peer"`
	Bytes    int64   `json:"bytes"`
	OverBare *int64  `json:"over_bare,omitempty"`
	Packages int     `json:"packages"`
	Modules  int     `json:"modules"`
	Init     float64 `json:"init_ns"`
	First    float64 `json:"first_ns"`
	Warm     float64 `json:"warm_ns"`
	Whole    float64 `json:"whole_ns"` // with the work after the answer
	Memory   float64 `json:"memory_bytes"`
	Starts   struct {
		Init   []float64 `json:"init_ns"`
		First  []float64 `json:"first_ns"`
		Warm   []float64 `json:"warm_ns"`
		Whole  []float64 `json:"whole_ns"`
		Memory []float64 `json:"memory_bytes"`
	} `json:"starts"`
}

func writeJSON(w io.Writer, all []coldstart.Measurement) error {
	bare := bareBytes(all)
	rows := make([]row, len(all))
	for i, m := range all {
		r := &rows[i]
		*r = row{
			Name: m.Name, What: m.What, Peer: m.Peer, Bytes: m.Bytes, Packages: m.Packages, Modules: m.Modules,
			Init: stats.Median(m.Init), First: stats.Median(m.First), Warm: stats.Median(m.Warm), Whole: stats.Median(m.Whole), Memory: stats.Median(m.Memory),
		}
		if bare > 0 {
			r.OverBare = new(m.Bytes - bare)
		}
		r.Starts.Init, r.Starts.First, r.Starts.Warm, r.Starts.Whole, r.Starts.Memory = m.Init, m.First, m.Warm, m.Whole, m.Memory
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}
