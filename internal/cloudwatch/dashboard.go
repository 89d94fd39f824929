package cloudwatch

// Limits of a dashboard.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
const (
	gridWidth  = 24
	maxWidgets = 500
	maxAlarms  = 100 // of the widget that shows alarms
)

// period of the graphs in seconds. CloudWatch keeps values of one minute for 15 days only.
const graphPeriod = 300

// widget is a part of the dashboard.
type widget struct {
	kind                string // text, alarm, metric, log
	x, y, width, height int
	properties          object
}

// object returns the widget as it stands in the body of a dashboard.
func (w *widget) object() object {
	return object{"type": w.kind, "x": w.x, "y": w.y, "width": w.width, "height": w.height, "properties": w.properties}
}

// place puts widgets on the grid, from the left to the right. A row ends if the next widget does not fit,
// or has another height.
func place(widgets []widget) []widget {
	x, y, height := 0, 0, 0
	for i := range widgets {
		w := &widgets[i]
		if x > 0 && (x+w.width > gridWidth || w.height != height) {
			x, y = 0, y+height
		}
		w.x, w.y = x, y
		x, height = x+w.width, w.height
	}
	return widgets
}

// newWidgets returns the widgets of the dashboard.
func (f *Fragment) newWidgets() []widget {
	list := []widget{f.header(), f.alarmStatus()}
	list = append(list, f.lambdaWidgets()...)
	list = append(list, f.ownWidgets()...)
	list = append(list,
		f.logTable("Failures by kind", &failuresByKind),
		f.logTable("Latest failures", &query{commands: append([]string{
			"fields @timestamp, message, error.type, error.message, function_request_id", filterFailures,
		}, latest(20)...)}),
	)
	return place(list)
}

func (f *Fragment) header() widget {
	return widget{kind: "text", width: gridWidth, height: 2, properties: object{"markdown": textOf(
		"# ", functionName, "\nSaved queries of Logs Insights: folder **", functionName,
		"**. Durations and memory in them need the log format JSON with the system log level INFO, or the log format Text.")}}
}

func (f *Fragment) alarmStatus() widget {
	arns := []any{}
	for _, a := range f.alarms[:min(len(f.alarms), maxAlarms)] {
		arns = append(arns, textOf(arn(a.id+"Alarm")))
	}
	return widget{kind: "alarm", width: gridWidth, height: 3, properties: object{"title": "Alarms", "alarms": arns}}
}

// lambdaWidgets returns the widgets of metrics that AWS writes.
func (f *Fragment) lambdaWidgets() []widget {
	list := []widget{
		graph("Invocations", countAxis,
			lambdaLine("Invocations", "Sum", ""), lambdaLine("Errors", "Sum", ""), lambdaLine("Throttles", "Sum", "")),
		f.durations(),
		f.failures(),
		graph("Concurrent executions", countAxis, lambdaLine("ConcurrentExecutions", "Maximum", "")),
	}
	if lines := f.toolkitLines(metricColdStart); lines != nil {
		list = append(list, graph("Cold starts", countAxis, append(lines, lambdaLine("Invocations", "Sum", ""))...))
	}
	if f.isAsync() {
		list = append(list, graph("Asynchronous events: age and loss", object{"min": 0},
			lambdaLine("AsyncEventAge", "Maximum", "age, ms"), right(lambdaLine("AsyncEventsDropped", "Sum", "dropped")), right(lambdaLine("DeadLetterErrors", "Sum", "dead-letter errors")),
			right(lambdaLine("DestinationDeliveryFailures", "Sum", "delivery failures"))))
	}
	if f.reads(SourceStream) {
		list = append(list, graph("Age of records", millisecondAxis, lambdaLine("IteratorAge", "Maximum", "")))
	}
	if f.reads(SourceKafka) {
		list = append(list, graph("Lag behind the topic", countAxis, lambdaLine("OffsetLag", "Maximum", "")))
	}
	if f.reads(SourceQueue) {
		list = append(list, graph("Queue", object{"min": 0},
			queueLine(sourceQueueName, "ApproximateNumberOfMessagesVisible", "waiting"), queueLine(sourceQueueName, "ApproximateNumberOfMessagesNotVisible", "in progress"),
			right(queueLine(sourceQueueName, "ApproximateAgeOfOldestMessage", "oldest, s"))))
	}
	if f.options.DeadLetterQueue != "" {
		list = append(list, graph("Dead-letter queue", countAxis, queueLine(deadLetterQueueName, "ApproximateNumberOfMessagesVisible", "messages")))
	}
	if lines := f.toolkitLines(metricBatchSize, metricBatchFailures, metricBatchDeadLetters, metricBatchUnprocessed); lines != nil {
		list = append(list, graph("Records of batches", countAxis, lines...))
	}
	return list
}

// failures are percents.
func (f *Fragment) failures() widget {
	w := graph("Failed invocations", object{"min": 0, "label": "%", "showUnits": false},
		hidden(lambdaMetric("invocations", "Invocations", "Sum")), hidden(lambdaMetric("errors", "Errors", "Sum")),
		[]any{object{"expression": "IF(invocations > 0, 100 * errors / invocations, 0)", "label": "errors %", "id": "rate"}})
	if f.hasFilter() {
		w.properties["metrics"] = append(w.properties["metrics"].([]any), hidden(filterMetric("failed")),
			[]any{object{"expression": "IF(invocations > 0, 100 * failed / invocations, 0)", "label": "failed, answered or not, %", "id": "answers"}})
	}
	return w
}

// durations has the timeout as a line.
func (f *Fragment) durations() widget {
	w := graph("Duration", millisecondAxis,
		lambdaLine("Duration", "p50", "p50"), lambdaLine("Duration", "p95", "p95"), lambdaLine("Duration", "p99", "p99"), lambdaLine("Duration", "Maximum", "max"))
	w.properties["annotations"] = object{"horizontal": []any{object{"label": "timeout", "value": timeoutMilliseconds}}}
	return w
}

var (
	countAxis       = object{"min": 0}
	millisecondAxis = object{"min": 0, "label": "ms", "showUnits": false}
)

// graph returns a graph of lines. A third of the grid is its width.
func graph(title string, axis object, lines ...any) widget {
	return widget{kind: "metric", width: gridWidth / 3, height: 6, properties: object{
		"title": title, "view": "timeSeries", "stacked": false, "region": textOf(region), "period": graphPeriod,
		"metrics": lines, "yAxis": object{"left": axis},
	}}
}

// line returns a line of a graph: the metric, and how to draw it.
func line(m alarmMetric, draw object) []any {
	list := []any{m.namespace, m.name}
	for _, d := range m.dimensions {
		value := d.value
		if r, ok := value.(ref); ok {
			value = textOf(r)
		}
		list = append(list, d.name, value)
	}
	draw["stat"] = m.stat
	return append(list, draw)
}

func lambdaLine(name, stat, label string) []any {
	draw := object{}
	if label != "" {
		draw["label"] = label
	}
	return line(lambdaMetric("", name, stat), draw)
}

// hidden returns a line that only expressions use.
func hidden(m alarmMetric) []any { return line(m, object{"id": m.id, "visible": false}) }

func queueLine(queue ref, name, label string) []any {
	return line(queueMetric(queue, name), object{"label": label})
}

// right moves a line to the right axis.
func right(line []any) []any {
	line[len(line)-1].(object)["yAxis"] = "right"
	return line
}

// logTable returns a table of a query. It runs, and costs money, at each refresh of the dashboard, so a dashboard
// has few of them.
func (f *Fragment) logTable(title string, q *query) widget {
	return widget{kind: "log", width: gridWidth, height: 6, properties: object{
		"title": title, "view": "table", "region": textOf(region),
		"query": textOf("SOURCE '", f.logGroup(), "' | "+q.string()),
	}}
}
