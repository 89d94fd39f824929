package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// queueOptions are the flags of a queue or a stream.
type queueOptions struct {
	file       string // empty: no queue
	source     string
	kind       eventsource.Kind
	batchSize  int
	maxReceive int
	visibility time.Duration
	bisect     bool
	reports    bool
}

func (q *queueOptions) add(fs *flag.FlagSet) {
	fs.StringVar(&q.file, "queue", "", "`file` of messages, - for standard input: they are delivered as an event source mapping does, with retries")
	fs.StringVar(&q.source, "source", "", "with -queue, the `kind` of the source: sqs, fifo, kinesis, dynamodb or kafka (default: fifo if the file's name contains .fifo, else sqs)")
	fs.IntVar(&q.batchSize, "batch-size", 0, "with -queue or -events, the messages of an invocation (default: as on AWS, 10 of a queue and 100 of a stream)")
	fs.IntVar(&q.maxReceive, "max-receive", 3, "with -queue or -events, how often a message is delivered before it goes to the dead-letter queue")
	fs.DurationVar(&q.visibility, "visibility", 0, "with -queue or -events, wait this long before a failed message comes again (default: do not wait for the visibility timeout)")
	fs.BoolVar(&q.bisect, "bisect", false, "with -queue, split a batch of a stream that fails (BisectBatchOnFunctionError)")
	fs.BoolVar(&q.reports, "report-failures", true, "with -queue or -events, the mapping has ReportBatchItemFailures; if false, it ignores batchItemFailures")
}

// queueFlags are the flags that need -queue.
var queueFlags = []string{"source", "batch-size", "max-receive", "visibility", "bisect", "report-failures"}

// check completes the flags, and returns an error for values and combinations that make no sense.
// given are the flags of the command line.
func (q *queueOptions) check(given map[string]bool, timeout time.Duration) error {
	if !given["queue"] {
		for _, name := range queueFlags {
			if given[name] && !given["events"] {
				return fmt.Errorf("-%s needs -queue", name)
			}
		}
		for _, name := range []string{"source", "bisect"} {
			if given[name] {
				return fmt.Errorf("-%s needs -queue; the queues of -events are FIFO queues if their names end in .fifo", name)
			}
		}
		q.kind = eventsource.SQS
		return q.checkValues(given, timeout)
	}
	if q.file == "" {
		return errors.New("-queue names no file")
	}
	for _, name := range []string{"event", "n", "serve", "http"} {
		if given[name] {
			return fmt.Errorf("-queue and -%s exclude each other", name)
		}
	}
	if q.source == "" {
		q.source = "sqs"
		if strings.Contains(filepath.Base(q.file), ".fifo") {
			q.source = "fifo"
		}
	}
	var err error
	if q.kind, err = eventsource.ParseKind(q.source); err != nil {
		return fmt.Errorf("-source %w", err)
	}
	return q.checkValues(given, timeout)
}

func (q *queueOptions) checkValues(given map[string]bool, timeout time.Duration) error {
	_, most := q.kind.BatchSize()
	switch {
	case given["batch-size"] && (q.batchSize < 1 || q.batchSize > most):
		return fmt.Errorf("-batch-size %d is not between 1 and %d, the limits of %v", q.batchSize, most, q.kind)
	case q.maxReceive < 1:
		return fmt.Errorf("-max-receive %d is not a positive number", q.maxReceive)
	case given["visibility"] && !q.kind.IsQueue():
		return fmt.Errorf("-visibility is for queues, and the source is %v", q.kind)
	case given["visibility"] && q.visibility < timeout:
		return fmt.Errorf("-visibility %v is shorter than -timeout %v, and Lambda refuses such a mapping", q.visibility, timeout)
	case q.bisect && q.kind.IsQueue():
		return fmt.Errorf("-bisect is for streams, and the source is %v", q.kind)
	}
	return nil
}

// mapping reads the file and returns its event source mapping.
func (q *queueOptions) mapping(o *options, stdin io.Reader) (*eventsource.Mapping, error) {
	var text []byte
	var err error
	file := q.file
	if file == "-" {
		file = "standard input"
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*eventsource.Mapping, error) {
		return nil, fmt.Errorf("the messages in %s: %w", file, err)
	}
	messages, err := eventsource.Parse(q.kind, text)
	if err != nil {
		return fail(err)
	}
	if len(messages) == 0 {
		return fail(errors.New("there are none"))
	}
	m, err := q.mappingOf(q.kind, queueName(q.file), messages, o)
	if err != nil {
		return fail(err)
	}
	return m, nil
}

// mappingOf returns the event source mapping of a source with the messages.
func (q *queueOptions) mappingOf(kind eventsource.Kind, name string, messages []eventsource.Message, o *options) (*eventsource.Mapping, error) {
	return eventsource.New(kind, time.Now(), messages, &eventsource.Options{
		Name:           name,
		Region:         emulator.DefaultRegion(),
		BatchSize:      q.batchSize,
		Concurrency:    o.concurrency,
		Shards:         o.concurrency,
		MaxAttempts:    q.maxReceive,
		Visibility:     cmp.Or(q.visibility, 6*o.timeout), // AWS recommends six times the timeout
		ReportFailures: q.reports,
		Bisect:         q.bisect,
	})
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// queueName returns a name for the source of a file.
func queueName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	return strings.Trim(notInName.ReplaceAllString(name, "-"), "-")
}
