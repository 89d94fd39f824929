package cloudwatch

// A failure that the function answers, such as a status of 500, is a success for Lambda, so its metric
// Errors does not count it. Package logging writes a line for each failure, and a filter of the log group
// makes a metric of these lines.
const (
	filterNamespace = "LambdakitFailures"
	filterPattern   = `{ $.message = "` + messageFailed + `" }`
	filterID        = "Failed"
)

// hasFilter reports whether the function may answer failures.
func (f *Fragment) hasFilter() bool { return f.reads(SourceHTTP) && f.observation.logs() }

// filterMetric is the metric of the filter. Its name is the name of the function.
func filterMetric(id string) alarmMetric {
	return alarmMetric{id: id, namespace: filterNamespace, name: textOf(functionName), stat: "Sum"}
}

// failedAnswers is ErrorRate for failures that the function answers.
func failedAnswers() alarm {
	return alarm{
		id:          "FailedAnswers",
		description: see("More than 5 percent of the requests failed, in 3 of 5 minutes. For Lambda these invocations are successes.", "Failures by kind"),
		metrics:     []alarmMetric{lambdaMetric("invocations", "Invocations", "Sum"), filterMetric("failed")},
		expression:  "IF(invocations > 0, 100 * failed / invocations, 0)", label: "failed %",
		comparison: greater, threshold: 5, breaching: 3, periods: 5, period: minute,
	}
}

// cfnFilter returns the resource of the filter.
func (f *Fragment) cfnFilter() object {
	return object{"Type": "AWS::Logs::MetricFilter", "Properties": object{
		"LogGroupName": cfn(f.logGroup()), "FilterPattern": filterPattern,
		"MetricTransformations": []any{object{
			"MetricNamespace": filterNamespace, "MetricName": cfn(textOf(functionName)), "MetricValue": "1", "DefaultValue": 0, "Unit": "Count",
		}},
	}}
}

// tfFilter returns the arguments of the filter.
func (f *Fragment) tfFilter() object {
	return object{
		"name": tf(textOf(functionName, "-failed")), "log_group_name": tf(f.logGroup()), "pattern": filterPattern,
		"metric_transformation": []any{object{
			"namespace": filterNamespace, "name": tf(textOf(functionName)), "value": "1", "default_value": "0", "unit": "Count",
		}},
	}
}
