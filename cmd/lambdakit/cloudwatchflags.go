package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

// cloudwatchOptions are the flags of lambdakit cloudwatch.
type cloudwatchOptions struct {
	run     options
	kit     cloudwatch.Options
	from    string
	check   string
	format  string
	verbose bool
	given   map[string]bool
}

func parseCloudwatch(args []string, stderr io.Writer) (*cloudwatchOptions, error) {
	o := &cloudwatchOptions{given: make(map[string]bool)}
	o.run.n, o.run.concurrency, o.run.raw = 1, 1, true
	fs := flag.NewFlagSet("lambdakit cloudwatch", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintln(stderr, "usage: lambdakit cloudwatch [flags] PACKAGE > observability.json\n       lambdakit cloudwatch [flags] -from run.ndjson > observability.json\n       lambdakit cloudwatch -check observability.json PACKAGE")
		fs.PrintDefaults()
	}
	fs.StringVar(&o.from, "from", "", "`file` with what lambdakit run -raw printed, - for standard input; nothing is run")
	fs.StringVar(&o.check, "check", "", "write nothing; the exit status is 1 if this `file`, made by an earlier run, is not up to date")
	fs.StringVar(&o.format, "format", "cfn", "`kind` of the file: cfn (CloudFormation and SAM) or terraform")
	fs.StringVar(&o.kit.Name, "name", "", "`name` of the function on AWS (default: of its folder)")
	fs.DurationVar(&o.kit.Timeout, "timeout", 3*time.Second, "of the function, here and on AWS")
	fs.StringVar(&o.kit.SourceQueue, "source-queue", "", "`name` of the SQS queue that the function reads (default: by the events)")
	fs.StringVar(&o.kit.DeadLetterQueue, "dead-letter-queue", "", "`name` of the dead-letter queue; adds the alarm QueueDead")
	fs.BoolVar(&o.kit.Stream, "stream", false, "the function reads a Kinesis or DynamoDB stream, also if no event shows it")
	fs.BoolVar(&o.kit.Async, "async", false, "the function is invoked asynchronously, also if no event shows it")
	fs.Var((*list)(&o.kit.Expect), "expect", "`metric` that must not stay away, NAME or NAME{dimension=value,...}; adds an alarm that learns what is usual; may be repeated")
	fs.IntVar(&o.kit.Retention, "retention", 30, "`days` for which the log group keeps its lines")
	fs.BoolVar(&o.kit.ExistingLogGroup, "existing-log-group", false, "the log group exists, and a parameter names it (default: it is a part of the file)")
	fs.BoolVar(&o.kit.NoTopic, "no-topic", false, "alarms have no actions (default: a parameter names their SNS topic)")
	fs.BoolVar(&o.verbose, "v", false, "show the run on standard error")
	fs.Var(&o.run.events, "event", "`file` with an event, - for standard input; may be repeated (default: event*.json of the package)")
	fs.IntVar(&o.run.memory, "memory", 128, "memory that the function is told it has, in MB")
	fs.Var(&o.run.env, "env", "`K=V` for the function's environment; may be repeated")
	fs.BoolVar(&o.run.credentials, "aws-credentials", false, "pass the AWS credentials of this shell to the function, which gets dummies otherwise")
	o.run.queue.add(fs)
	o.run.published.add(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	fs.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if err := o.checkFlags(fs.Args()); err != nil {
		fmt.Fprintf(stderr, "lambdakit cloudwatch: %s\n", oneLine(err.Error()))
		fs.Usage()
		return nil, err
	}
	return o, nil
}

// runFlags are the flags that need a run.
var runFlags = []string{"event", "queue", "events", "memory", "env", "aws-credentials", "v"}

func (o *cloudwatchOptions) checkFlags(args []string) error {
	switch {
	case o.from == "" && len(args) == 0:
		return fmt.Errorf("which package?")
	case len(args) > 1:
		return fmt.Errorf("one package at a time, and flags before it; got %q", args)
	case o.from != "" && len(args) > 0:
		return fmt.Errorf("-from and a package exclude each other")
	case !slices.Contains([]string{"cfn", "terraform"}, o.format):
		return fmt.Errorf("-format %q is not cfn or terraform", o.format)
	case o.check != "" && o.given["format"]:
		return fmt.Errorf("-check and -format exclude each other: the file has its format")
	case o.run.memory < 1:
		return fmt.Errorf("-memory %d is not a positive number", o.run.memory)
	case o.kit.Timeout <= 0:
		return fmt.Errorf("-timeout %v is not a positive duration", o.kit.Timeout)
	}
	if o.from != "" {
		for _, name := range runFlags {
			if o.given[name] {
				return fmt.Errorf("-from and -%s exclude each other", name)
			}
		}
	}
	for _, kv := range o.run.env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" {
			return fmt.Errorf("-env %q is not of the form K=V", kv)
		}
	}
	if len(args) > 0 {
		o.run.pkg = args[0]
	}
	o.run.timeout = o.kit.Timeout
	if err := o.run.published.check(o.given); err != nil {
		return err
	}
	return o.run.queue.check(o.given, o.kit.Timeout)
}

// merge takes the options of a committed fragment, except those that the command line gives.
func (o *cloudwatchOptions) merge(c *cloudwatch.Committed) {
	was, is := c.Options(), &o.kit
	take(o, "name", &is.Name, was.Name)
	take(o, "timeout", &is.Timeout, was.Timeout)
	take(o, "source-queue", &is.SourceQueue, was.SourceQueue)
	take(o, "dead-letter-queue", &is.DeadLetterQueue, was.DeadLetterQueue)
	take(o, "stream", &is.Stream, was.Stream)
	take(o, "async", &is.Async, was.Async)
	take(o, "expect", &is.Expect, was.Expect)
	take(o, "retention", &is.Retention, was.Retention)
	take(o, "existing-log-group", &is.ExistingLogGroup, was.ExistingLogGroup)
	take(o, "no-topic", &is.NoTopic, was.NoTopic)
	o.run.timeout = is.Timeout
}

func take[T any](o *cloudwatchOptions, name string, v *T, was T) {
	if !o.given[name] {
		*v = was
	}
}
