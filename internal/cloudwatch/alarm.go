package cloudwatch

// alarm is an alarm of CloudWatch. It looks at one metric, or at an expression of several.
type alarm struct {
	id          string // of the resource, and the end of the alarm's name
	description text
	metrics     []alarmMetric
	expression  string // of the ids of metrics; empty: the one metric
	label       string // of the expression
	band        bool   // the expression is a band that an anomaly detector learns
	comparison  string
	threshold   any // int or ref; of a band nil
	breaching   int // periods of the last periods that must be beyond the threshold
	periods     int
	period      int    // seconds
	missing     string // default: notBreaching
}

// alarmMetric is a metric of an alarm.
type alarmMetric struct {
	id, namespace string
	name          any // string or text
	stat          string
	dimensions    []dimensionRef
}

// dimensionRef is a dimension whose value may be a reference.
type dimensionRef struct {
	name  string
	value any // string or ref
}

const (
	greater        = "GreaterThanThreshold"
	greaterOrEqual = "GreaterThanOrEqualToThreshold"
	belowBand      = "LessThanLowerThreshold"

	minute = 60
)

// lambdaMetric is a metric that Lambda writes for the function.
func lambdaMetric(id, name, stat string) alarmMetric {
	return alarmMetric{id, "AWS/Lambda", name, stat, []dimensionRef{{"FunctionName", functionName}}}
}

func queueMetric(queue ref, name string) alarmMetric {
	return alarmMetric{"m1", "AWS/SQS", name, "Maximum", []dimensionRef{{"QueueName", queue}}}
}

func (f *Fragment) logsMetric(id, name string) alarmMetric {
	return alarmMetric{id, "AWS/Logs", name, "Sum", []dimensionRef{{"LogGroupName", f.logGroup()}}}
}

// newAlarms returns the alarms that apply to the function.
func (f *Fragment) newAlarms() ([]alarm, error) {
	list := []alarm{
		{
			// A rate and not a count, and not the last minute alone, because it is incomplete.
			id:          "ErrorRate",
			description: see("More than 5 percent of the invocations failed, in 3 of 5 minutes.", "Failures by kind"),
			metrics:     []alarmMetric{lambdaMetric("invocations", "Invocations", "Sum"), lambdaMetric("errors", "Errors", "Sum")},
			expression:  "IF(invocations > 0, 100 * errors / invocations, 0)", label: "failed %",
			comparison: greater, threshold: 5, breaching: 3, periods: 5, period: minute,
		},
		{
			// Below ten invocations a minute, p99 says nothing, and the alarm keeps its state.
			id:          "Slow",
			description: see("The slowest percent of the invocations comes near the timeout, in 3 of 5 minutes.", "Duration by hour"),
			metrics:     []alarmMetric{lambdaMetric("m1", "Duration", "p99")},
			comparison:  greater, threshold: slowMilliseconds, breaching: 3, periods: 5, period: minute,
		},
		{
			id:          "Timeouts",
			description: see("Invocations ran into the timeout, in 2 of 5 minutes. Something that they call hangs.", "Timeouts"),
			metrics:     []alarmMetric{lambdaMetric("m1", "Duration", "Maximum")},
			comparison:  greaterOrEqual, threshold: timeoutMilliseconds, breaching: 2, periods: 5, period: minute,
		},
		{
			id:          "Throttled",
			description: textOf("Lambda refused invocations in 2 of 3 minutes. The reserved concurrency of the function, or the concurrency of the account, is used up."),
			metrics:     []alarmMetric{lambdaMetric("m1", "Throttles", "Sum")},
			comparison:  greater, threshold: 0, breaching: 2, periods: 3, period: minute,
		},
	}
	if f.hasFilter() {
		list = append(list, failedAnswers())
	}
	if f.hasDestination() {
		list = append(list, f.eventsLost())
	}
	if f.options.DeadLetterQueue != "" {
		list = append(list, alarm{
			id:          "QueueDead",
			description: textOf("The dead-letter queue has messages. A person must look at them, and send them again or delete them."),
			metrics:     []alarmMetric{queueMetric(deadLetterQueueName, "ApproximateNumberOfMessagesVisible")},
			comparison:  greater, threshold: 0, breaching: 1, periods: 1, period: minute,
		})
	}
	if f.reads(SourceStream) {
		list = append(list, alarm{
			id:          "StreamBehind",
			description: see("The function is more than a minute behind its stream, for 5 minutes.", "Duration by hour"),
			metrics:     []alarmMetric{lambdaMetric("m1", "IteratorAge", "Maximum")},
			comparison:  greater, threshold: 60_000, breaching: 5, periods: 5, period: minute,
		})
	}
	if f.reads(SourceQueue) {
		list = append(list, alarm{
			id:          "QueueBehind",
			description: see("The oldest message has waited longer than twice the visibility timeout, for 5 minutes.", "Failures by kind"),
			metrics:     []alarmMetric{queueMetric(sourceQueueName, "ApproximateAgeOfOldestMessage")},
			comparison:  greater, threshold: oldestMessageSeconds, breaching: 5, periods: 5, period: minute,
		})
	}
	if len(f.observation.Metrics) > 0 {
		list = append(list, alarm{
			id:          "MetricsLost",
			description: textOf("CloudWatch refused metrics of the function. It says so nowhere else. lambdakit run shows the reasons."),
			metrics:     []alarmMetric{f.logsMetric("parsing", "EMFParsingErrors"), f.logsMetric("validation", "EMFValidationErrors")},
			expression:  "FILL(parsing, 0) + FILL(validation, 0)", label: "refused metrics",
			comparison: greater, threshold: 0, breaching: 1, periods: 1, period: minute,
		})
	}
	expected, err := f.expected()
	return append(list, expected...), err
}

// eventsLost counts events and records that are gone for good.
func (f *Fragment) eventsLost() alarm {
	a := alarm{
		id:          "EventsLost",
		description: textOf("Lambda dropped events, or could not deliver them to the dead-letter queue or the destination. The data is gone."),
		metrics:     []alarmMetric{lambdaMetric("destination", "DestinationDeliveryFailures", "Sum")},
		expression:  "FILL(destination, 0)", label: "lost events",
		comparison: greater, threshold: 0, breaching: 1, periods: 1, period: minute,
	}
	if f.isAsync() {
		a.metrics = append([]alarmMetric{lambdaMetric("dropped", "AsyncEventsDropped", "Sum"), lambdaMetric("dlq", "DeadLetterErrors", "Sum")}, a.metrics...)
		a.expression = "FILL(dropped, 0) + FILL(dlq, 0) + " + a.expression
	}
	return a
}

// see returns a description that names the saved query to open.
func see(description, query string) text {
	return textOf(description+" Saved query: ", functionName, "/"+query)
}
