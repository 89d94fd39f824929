package cloudwatch

import (
	"regexp"
	"strings"
)

// Terraform returns the fragment as a configuration in JSON, a file *.tf.json.
func (f *Fragment) Terraform() []byte {
	var widgets []any
	for i := range f.widgets {
		widgets = append(widgets, tf(f.widgets[i].object()))
	}
	alarms, queries := object{}, object{}
	for i := range f.alarms {
		a := &f.alarms[i]
		alarms[snake(a.id)] = f.tfAlarm(a)
	}
	for i := range f.queries {
		q := &f.queries[i]
		queries[snake(q.id)] = object{
			"name": tf(textOf(functionName, "/"+q.name)), "log_group_names": []any{tf(f.logGroup())}, "query_string": tf(q.string()),
		}
	}
	variables := object{}
	for _, p := range f.parameters() {
		variables[snake(string(p.ref))] = p.tf()
	}
	resources := object{
		"aws_cloudwatch_dashboard": object{"dashboard": object{
			"dashboard_name": tf(dashboardName),
			"dashboard_body": `${jsonencode({start = local.dashboard_start, periodOverride = "inherit", widgets = local.widgets})}`,
		}},
		"aws_cloudwatch_metric_alarm":     alarms,
		"aws_cloudwatch_query_definition": queries,
	}
	if !f.options.ExistingLogGroup {
		resources["aws_cloudwatch_log_group"] = object{"logs": object{
			"name": tf(textOf("/aws/lambda/", functionName)), "retention_in_days": f.options.Retention, "skip_destroy": true,
		}}
		resources["aws_cloudwatch_log_index_policy"] = object{"logs": object{
			"log_group_name":  tf(f.logGroup()),
			"policy_document": tf(`{"Fields":["` + strings.Join(indexes, `","`) + `"]}`),
		}}
	}
	if f.hasFilter() {
		resources["aws_cloudwatch_log_metric_filter"] = object{snake(filterID): f.tfFilter()}
	}
	return formatted(object{
		"//":       object{metadataName: f.metadata()},
		"variable": variables,
		"data":     object{"aws_region": object{"current": object{}}},
		"locals":   object{"dashboard_start": "-PT8H", "widgets": widgets},
		"resource": resources,
	})
}

func (p *parameter) tf() object {
	o := object{"type": "string", "description": p.description}
	if p.number {
		o["type"] = "number"
	}
	if p.value != nil {
		o["default"] = p.value
	}
	return o
}

// tf returns a value of a configuration: in strings, references are templates.
func tf(v any) any {
	switch v := v.(type) {
	case string:
		return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(v)
	case ref:
		return "${" + v.tf() + "}"
	case text:
		var b strings.Builder
		for _, part := range v {
			b.WriteString(tf(part).(string))
		}
		return b.String()
	case object:
		o := object{}
		for name, value := range v {
			o[tf(name).(string)] = tf(value)
		}
		return o
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, tf(e))
		}
		return list
	}
	return v
}

// tf returns the reference as an expression.
func (r ref) tf() string {
	if id, ok := strings.CutSuffix(string(r), arnSuffix); ok {
		return "aws_cloudwatch_metric_alarm." + snake(strings.TrimSuffix(id, "Alarm")) + ".arn"
	}
	switch r {
	case region:
		return "data.aws_region.current.id"
	case newLogGroup:
		return "aws_cloudwatch_log_group.logs.name"
	}
	return "var." + snake(string(r))
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake returns the name of a variable or a resource: FunctionName becomes function_name.
func snake(name string) string {
	return strings.ToLower(wordStart.ReplaceAllString(name, "${1}_${2}"))
}

// tfAlarm returns the arguments of an alarm.
func (f *Fragment) tfAlarm(a *alarm) object {
	o := object{
		"alarm_name": tf(textOf(functionName, "-"+a.id)), "alarm_description": tf(a.description),
		"comparison_operator": a.comparison, "evaluation_periods": a.periods, "datapoints_to_alarm": a.breaching,
		"treat_missing_data": a.treatMissing(),
	}
	if !f.options.NoTopic {
		o["alarm_actions"], o["ok_actions"] = []any{tf(alarmTopic)}, []any{tf(alarmTopic)}
	}
	if a.threshold != nil {
		o["threshold"] = tf(a.threshold)
	}
	if a.expression == "" {
		m := &a.metrics[0]
		o["namespace"], o["metric_name"], o["dimensions"], o["period"] = tf(m.namespace), tf(m.name), m.tfDimensions(), a.period
		if isPercentile(m.stat) {
			o["extended_statistic"], o["evaluate_low_sample_count_percentiles"] = m.stat, "ignore"
		} else {
			o["statistic"] = m.stat
		}
		return o
	}
	var queries []any
	for i := range a.metrics {
		m := &a.metrics[i]
		queries = append(queries, object{"id": m.id, "return_data": a.band, "metric": []any{object{
			"namespace": tf(m.namespace), "metric_name": tf(m.name), "dimensions": m.tfDimensions(), "period": a.period, "stat": m.stat,
		}}})
	}
	o["metric_query"] = append(queries, object{"id": expressionID, "expression": a.expression, "label": a.label, "return_data": true})
	if a.band {
		o["threshold_metric_id"] = expressionID
	}
	return o
}

func (m *alarmMetric) tfDimensions() object {
	o := object{}
	for _, d := range m.dimensions {
		o[tf(d.name).(string)] = tf(d.value)
	}
	return o
}
