package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// cloudwatch runs lambdakit cloudwatch and returns its exit status.
func (c *cli) cloudwatch(ctx context.Context, args []string) int {
	o, err := parseCloudwatch(args, c.stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	upToDate, err := c.runCloudwatch(ctx, o)
	switch {
	case err != nil:
		c.remark("%v", err)
		return 2
	case !upToDate:
		return 1
	}
	return 0
}

// remark shows a message on standard error. It may hold text of the function.
func (c *cli) remark(format string, args ...any) {
	var t text
	t.addf("lambdakit cloudwatch: "+format+"\n", args...)
	io.WriteString(c.stderr, t.String())
}

// runCloudwatch writes a fragment, or checks one and reports whether it is up to date.
func (c *cli) runCloudwatch(ctx context.Context, o *cloudwatchOptions) (upToDate bool, err error) {
	var committed *cloudwatch.Committed
	if o.check != "" {
		text, err := os.ReadFile(o.check)
		if err != nil {
			return false, err
		}
		if committed, err = cloudwatch.ReadCommitted(text); err != nil {
			return false, fmt.Errorf("%s: %w", o.check, err)
		}
		o.merge(committed)
	}
	observed, err := c.observe(ctx, o)
	if err != nil {
		return false, err
	}
	fragment, err := cloudwatch.New(observed, &o.kit)
	if err != nil {
		return false, err
	}
	c.remark("%s", observed.Summary())
	if committed != nil {
		return c.compare(o.check, committed, fragment), nil
	}
	for _, note := range fragment.Notes() {
		c.remark("%s", note)
	}
	out := fragment.CloudFormation()
	if o.format == "terraform" {
		out = fragment.Terraform()
	} else if n := len(out); n > cloudwatch.MaxTemplateBody {
		c.remark("the template has %d bytes; above %d, CloudFormation takes it from S3 only, as sam deploy and aws cloudformation package do", n, cloudwatch.MaxTemplateBody)
	}
	c.remark("%s", fragment.Cost())
	_, err = c.stdout.Write(out)
	return true, err
}

// compare shows the differences of a committed fragment, and reports whether there are none.
func (c *cli) compare(file string, committed *cloudwatch.Committed, fragment *cloudwatch.Fragment) bool {
	differences := committed.Compare(fragment)
	if len(differences) == 0 {
		c.remark("%s is up to date", file)
		return true
	}
	for _, d := range differences {
		c.print("%s: %s", file, d)
	}
	c.remark("%s is not up to date; write it again, and commit it", file)
	return false
}

// observe returns the output of the function in a run, or in a file.
func (c *cli) observe(ctx context.Context, o *cloudwatchOptions) (cloudwatch.Observation, error) {
	if o.from == "" {
		return c.observeRun(ctx, o)
	}
	in := c.stdin
	if o.from != "-" {
		f, err := os.Open(o.from)
		if err != nil {
			return cloudwatch.Observation{}, err
		}
		defer f.Close()
		in = f
	}
	collector := cloudwatch.NewCollector()
	out := collector.Output()
	if _, err := io.Copy(out, in); err != nil {
		return cloudwatch.Observation{}, fmt.Errorf("%s: %w", o.from, err)
	}
	out.Flush()
	observed := collector.Observation()
	if observed.Lines+len(observed.Metrics)+observed.Refused == 0 {
		return observed, fmt.Errorf("%s has no line of JSON; lambdakit run -raw prints them", o.from)
	}
	return observed, nil
}

// observeRun runs the function on its events, and returns its output.
func (c *cli) observeRun(ctx context.Context, o *cloudwatchOptions) (cloudwatch.Observation, error) {
	collector := cloudwatch.NewCollector()
	out, errs := collector.Output(), collector.Output()
	run := o.run
	run.stderr = errs
	shown := emulator.NewTail(64 << 10) // the screen of lambdakit run
	inner := &cli{stdin: c.stdin, stdout: out, stderr: shown}
	if o.verbose {
		inner.stderr = c.stderr
	}
	var name string
	var payloads [][]byte
	inner.build = func(ctx context.Context, pkg, tmp string, _ io.Writer, flags ...string) (*function, error) {
		f, err := c.build(ctx, pkg, tmp, c.stderr, flags...)
		if err != nil || run.queue.file != "" {
			return f, err
		}
		name = f.name
		if len(run.events) == 0 {
			if run.events, err = eventFiles(f.dir); err != nil {
				return nil, err
			}
		}
		payloads, err = inner.payloads(run.events)
		return f, err
	}
	failed, err := inner.runFunction(ctx, &run)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if !o.verbose {
			io.WriteString(c.stderr, shown.String())
		}
		return cloudwatch.Observation{}, err
	}
	out.Flush()
	errs.Flush()
	observed := collector.Observation()
	if name != "" {
		observed.Function = name
	}
	for _, p := range payloads {
		observed.AddEvent(p)
	}
	if run.queue.file != "" {
		observed.AddSource(sourceOf(run.queue.kind))
	}
	if observed.Failed = failed; failed && !o.verbose {
		c.remark("an invocation failed, or was marked as failed; -v shows it")
	}
	return observed, nil
}

// eventFiles returns the events of a package: event.json, event-fails.json and so on.
func eventFiles(dir string) (list, error) {
	files, err := filepath.Glob(filepath.Join(escapeGlob(dir), "event*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no event*.json in %s; name the event's file with -event, or messages with -queue", dir)
	}
	slices.Sort(files)
	return files, nil
}

// escapeGlob returns a path as filepath.Glob takes it. Windows has no escapes, and no such characters.
func escapeGlob(path string) string {
	if filepath.Separator != '/' {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// payloads reads the events. It keeps standard input for the run.
func (c *cli) payloads(files list) ([][]byte, error) {
	var payloads [][]byte
	for _, f := range files {
		var payload []byte
		var err error
		if f == "-" {
			payload, err = io.ReadAll(c.stdin)
			c.stdin = bytes.NewReader(payload)
		} else {
			payload, err = os.ReadFile(f)
		}
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, payload)
	}
	return payloads, nil
}

// sourceOf returns the source of the messages in a file.
func sourceOf(k eventsource.Kind) cloudwatch.Source {
	switch k {
	case eventsource.SQS, eventsource.FIFO:
		return cloudwatch.SourceQueue
	case eventsource.Kafka:
		return cloudwatch.SourceKafka
	}
	return cloudwatch.SourceStream
}
