package cloudwatch

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options complete the run.
type Options struct {
	Name            string        // of the function; default: the name in the run
	Timeout         time.Duration // of the function; default 3 s, as Lambda's
	SourceQueue     string        // the SQS queue that the function reads; default: the name in the events
	DeadLetterQueue string        // its dead-letter queue; empty: none
	Stream          bool          // the function reads a stream, also if no event shows it
	Async           bool          // the function is invoked asynchronously, also if no event shows it
	Expect          []string      // metrics that must not stay away: NAME or NAME{dimension=value,...}
	Retention       int           // days of logs; default 30

	// ExistingLogGroup says that the log group exists. A parameter names it. Otherwise it is a part of
	// the fragment.
	ExistingLogGroup bool

	NoTopic bool // alarms have no actions; otherwise a parameter names a topic
}

// Retentions are the numbers of days that CloudWatch Logs keeps logs for.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var Retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// indexes are the fields that the log group is indexed by. Queries compare them with =.
var indexes = []string{"function_request_id", "xray_trace_id", "correlation_id", "level"}

// Fragment is a dashboard with its alarms, saved queries and log group.
type Fragment struct {
	observation Observation
	options     Options
	alarms      []alarm
	queries     []query
	widgets     []widget
	notes       []string
}

var (
	functionPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	queuePattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}(\.fifo)?$`)
)

// New returns the fragment of a function.
func New(o Observation, options *Options) (*Fragment, error) {
	f := &Fragment{observation: o}
	if options != nil {
		f.options = *options
	}
	if err := f.complete(); err != nil {
		return nil, fmt.Errorf("cloudwatch: %w", err)
	}
	var err error
	if f.alarms, err = f.newAlarms(); err != nil {
		return nil, fmt.Errorf("cloudwatch: %w", err)
	}
	f.queries = f.newQueries()
	f.widgets = f.newWidgets()
	f.note()
	return f, nil
}

// complete checks the options and sets their defaults.
func (f *Fragment) complete() error {
	o := &f.options
	if o.Name == "" {
		o.Name = f.observation.Function
	}
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Second
	}
	if o.Retention == 0 {
		o.Retention = 30
	}
	if o.SourceQueue == "" && f.reads(SourceQueue) && queuePattern.MatchString(f.observation.Queue) {
		o.SourceQueue = f.observation.Queue
	}
	switch {
	case o.Name == "":
		return errors.New("no line of the run names the function; give its name")
	case !functionPattern.MatchString(o.Name):
		return fmt.Errorf("%q is not the name of a function: 1 to 64 letters, digits, - and _", o.Name)
	case o.Timeout < time.Second || o.Timeout > 15*time.Minute || o.Timeout%time.Second != 0:
		return fmt.Errorf("the timeout %v is not a number of seconds from 1 to 900", o.Timeout)
	case !slices.Contains(Retentions, o.Retention):
		return fmt.Errorf("%d days is not a retention that CloudWatch Logs has: %s", o.Retention, strings.Trim(fmt.Sprint(Retentions), "[]"))
	}
	for _, queue := range []string{o.SourceQueue, o.DeadLetterQueue} {
		if queue != "" && !queuePattern.MatchString(queue) {
			return fmt.Errorf("%q is not the name of a queue: 1 to 80 letters, digits, - and _", queue)
		}
	}
	return nil
}

// reads reports whether the function gets events of a source.
func (f *Fragment) reads(s Source) bool {
	switch {
	case s == SourceQueue && f.options.SourceQueue != "", s == SourceStream && f.options.Stream, s == SourceAsync && f.options.Async:
		return true
	}
	return slices.Contains(f.observation.Sources, s)
}

// logGroup returns the log group of the function.
func (f *Fragment) logGroup() ref {
	if f.options.ExistingLogGroup {
		return existingLogGroup
	}
	return newLogGroup
}

// isAsync reports whether Lambda may invoke the function asynchronously. An event of the user's own form,
// or none, says nothing about that.
func (f *Fragment) isAsync() bool {
	return f.reads(SourceAsync) || f.reads(SourceOther) || len(f.observation.Sources) == 0 && !f.reads(SourceQueue) && !f.reads(SourceStream)
}

// hasDestination reports whether Lambda may fail to deliver to a destination or a dead-letter queue.
func (f *Fragment) hasDestination() bool { return f.isAsync() || f.reads(SourceStream) }

// parameter is a value that the user of a fragment may set.
type parameter struct {
	ref         ref
	description string
	number      bool
	value       any    // the default; nil: the user must set it
	pattern     string // of a string
}

// parameters returns the parameters that the fragment uses.
func (f *Fragment) parameters() []parameter {
	o := &f.options
	ms := int(o.Timeout.Milliseconds())
	list := []parameter{
		{ref: functionName, description: "Name of the function", value: o.Name, pattern: "^[A-Za-z0-9_-]{1,64}$"},
		{ref: timeoutMilliseconds, description: "Timeout of the function in milliseconds", number: true, value: ms},
		{ref: slowMilliseconds, description: "Duration above which the alarm Slow fires, in milliseconds: 80 percent of the timeout", number: true, value: ms / 10 * 8},
	}
	if o.ExistingLogGroup {
		list = append(list, parameter{ref: existingLogGroup, description: "Name of the log group of the function", pattern: `^[.\-_/#A-Za-z0-9]{1,512}$`})
	}
	if !o.NoTopic {
		list = append(list, parameter{ref: alarmTopic, description: "ARN of the SNS topic that gets the alarms", pattern: "^arn:[a-z0-9-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}$"})
	}
	if f.reads(SourceQueue) {
		p := parameter{ref: sourceQueueName, description: "Name of the SQS queue that the function reads", pattern: `^[A-Za-z0-9_-]{1,80}(\.fifo)?$`}
		if o.SourceQueue != "" {
			p.value = o.SourceQueue
		}
		list = append(list, p, parameter{ref: oldestMessageSeconds, description: "Age of the oldest message above which the alarm QueueBehind fires, in seconds: twice the visibility timeout, if it is six times the timeout", number: true, value: 12 * ms / 1000})
	}
	if o.DeadLetterQueue != "" {
		list = append(list, parameter{ref: deadLetterQueueName, description: "Name of the dead-letter queue", value: o.DeadLetterQueue, pattern: `^[A-Za-z0-9_-]{1,80}(\.fifo)?$`})
	}
	return list
}

// note lists the remarks for the user, such as parts that are left out.
func (f *Fragment) note() {
	o := &f.observation
	add := func(format string, a ...any) { f.notes = append(f.notes, fmt.Sprintf(format, a...)) }
	if !o.logs() {
		add("no log line has the fields of package logging, so the queries about failures, panics and timeouts find nothing")
	}
	if len(o.Metrics) == 0 {
		add("the function wrote no metrics, so the dashboard has the metrics of Lambda only")
	}
	if o.Refused > 0 {
		add("%s left out, because CloudWatch refuses them; lambdakit run shows why", are(o.Refused, "metric"))
	}
	if o.Dropped > 0 {
		add("more than %d metrics or %d fields: %s left out", maxSeries, maxFields, are(o.Dropped, "value"))
	}
	if o.Odd > 0 {
		add("%s left out, because a query cannot name them", are(o.Odd, "field"))
	}
	if o.Unsafe > 0 {
		add("%s left out, because CloudFormation would replace the text %s in them", are(o.Unsafe, "value"), dynamicReference)
	}
	if o.Skipped > 0 {
		add("%s left out, because CloudWatch takes no line over 1 MB", are(o.Skipped, "line"))
	}
	if more := len(o.Fields) - maxOwnFields; more > 0 {
		add("the query Failures shows %d own fields and leaves %d out", maxOwnFields, more)
	}
	if f.reads(SourceQueue) {
		switch f.options.SourceQueue {
		case "":
			add("the function reads a queue whose name no event tells: set the parameter SourceQueueName, or the flag -source-queue")
		case o.Queue:
			add("the queue is %s, by eventSourceARN of the events; -source-queue names another", strconv.Quote(o.Queue))
		}
		if f.options.DeadLetterQueue == "" {
			add("-dead-letter-queue NAME adds the alarm QueueDead")
		}
	}
	if f.reads(SourceHTTP) && !o.has("http_route") {
		add("with logging.Options.LogRequest there is a line for each request, and then a query by route")
	}
}

// are returns a number with its noun and the verb.
func are(n int, noun string) string {
	if n == 1 {
		return plural(n, noun) + " is"
	}
	return plural(n, noun) + " are"
}

// Notes are remarks for the user, one a line.
func (f *Fragment) Notes() []string { return f.notes }
