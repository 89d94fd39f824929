package cloudwatch_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// terraform evaluates a configuration with all variables at their defaults.
type terraform struct {
	t   testing.TB
	doc map[string]any
}

// at returns a value of the configuration.
func (c *terraform) at(path ...string) any {
	var v any = c.doc
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	return v
}

// evaluate replaces the templates in strings. A string that is one template gets the value's type.
func (c *terraform) evaluate(v any) any {
	switch v := v.(type) {
	case string:
		return c.template(v)
	case []any:
		var list []any
		for _, e := range v {
			list = append(list, c.evaluate(e))
		}
		return list
	case map[string]any:
		o := make(map[string]any)
		for name, e := range v {
			o[fmt.Sprint(c.template(name))] = c.evaluate(e)
		}
		return o
	}
	return v
}

func (c *terraform) template(s string) any {
	var b strings.Builder
	for i := 0; i < len(s); {
		rest := s[i:]
		switch {
		case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "%%{"):
			b.WriteString(rest[1:3])
			i += 3
		case strings.HasPrefix(rest, "%{"):
			c.t.Fatalf("got a directive in %q, want none", s)
		case strings.HasPrefix(rest, "${"):
			end := strings.LastIndexByte(rest, '}') // of the only template with braces in it, jsonencode
			if !strings.Contains(rest, "jsonencode") {
				end = strings.IndexByte(rest, '}')
			}
			v := c.expression(rest[2:end])
			if i == 0 && end == len(s)-1 {
				return v
			}
			if n, ok := v.(float64); ok {
				v = strconv.FormatFloat(n, 'f', -1, 64)
			}
			b.WriteString(v.(string))
			i += end + 1
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

func (c *terraform) expression(e string) any {
	switch e {
	case "data.aws_region.current.id":
		return "eu-west-1"
	case "aws_cloudwatch_log_group.logs.name":
		return c.evaluate(c.at("resource", "aws_cloudwatch_log_group", "logs", "name"))
	case `jsonencode({start = local.dashboard_start, periodOverride = "inherit", widgets = local.widgets})`:
		text, err := json.Marshal(map[string]any{"start": c.at("locals", "dashboard_start"), "periodOverride": "inherit", "widgets": c.evaluate(c.at("locals", "widgets"))})
		if err != nil {
			c.t.Fatal(err)
		}
		return string(text)
	}
	if name, ok := strings.CutPrefix(e, "var."); ok {
		v, ok := c.at("variable", name).(map[string]any)
		if !ok {
			c.t.Fatalf("got the variable %s, want one of the configuration", name)
		}
		if v["default"] == nil {
			return "PARAMETER-" + map[string]string{"alarm_topic": "AlarmTopic", "log_group": "LogGroup"}[name]
		}
		return v["default"]
	}
	if name, ok := strings.CutPrefix(e, "aws_cloudwatch_metric_alarm."); ok {
		alarm, ok := c.at("resource", "aws_cloudwatch_metric_alarm", strings.TrimSuffix(name, ".arn")).(map[string]any)
		if !ok {
			c.t.Fatalf("got the alarm %s, want one of the configuration", name)
		}
		return "arn:alarm:" + c.evaluate(alarm["alarm_name"]).(string)
	}
	c.t.Fatalf("got the expression %s, want one that the test knows", e)
	return nil
}

// cfnNames are the properties of CloudFormation by the arguments of Terraform.
var cfnNames = map[string]string{
	"alarm_name": "AlarmName", "alarm_description": "AlarmDescription", "comparison_operator": "ComparisonOperator", "evaluation_periods": "EvaluationPeriods",
	"datapoints_to_alarm": "DatapointsToAlarm", "treat_missing_data": "TreatMissingData", "alarm_actions": "AlarmActions", "ok_actions": "OKActions", "threshold": "Threshold",
	"namespace": "Namespace", "metric_name": "MetricName", "period": "Period", "statistic": "Statistic", "extended_statistic": "ExtendedStatistic",
	"evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile", "threshold_metric_id": "ThresholdMetricId",
}

// asCFN returns the arguments of an alarm as the properties that CloudFormation has.
func asCFN(t *testing.T, alarm map[string]any) map[string]any {
	o := make(map[string]any)
	for name, v := range alarm {
		switch {
		case name == "dimensions":
			o["Dimensions"] = v
		case name == "metric_query":
			var list []any
			for _, q := range v.([]any) {
				q := q.(map[string]any)
				m := map[string]any{"Id": q["id"], "ReturnData": q["return_data"]}
				if metrics, ok := q["metric"].([]any); ok {
					x := metrics[0].(map[string]any)
					m["MetricStat"] = map[string]any{"Period": x["period"], "Stat": x["stat"], "Metric": map[string]any{
						"Namespace": x["namespace"], "MetricName": x["metric_name"], "Dimensions": x["dimensions"],
					}}
				} else {
					m["Expression"], m["Label"] = q["expression"], q["label"]
				}
				list = append(list, m)
			}
			o["Metrics"] = list
		case cfnNames[name] == "":
			t.Errorf("got the argument %s, want one that the resource has", name)
		default:
			o[cfnNames[name]] = v
		}
	}
	return o
}

// dimensionMaps replaces the lists of dimensions by maps, as Terraform has them.
func dimensionMaps(v any) any {
	switch v := v.(type) {
	case []any:
		var list []any
		for _, e := range v {
			list = append(list, dimensionMaps(e))
		}
		return list
	case map[string]any:
		o := make(map[string]any)
		for name, e := range v {
			o[name] = dimensionMaps(e)
			if dimensions, ok := e.([]any); ok && name == "Dimensions" {
				m := make(map[string]any)
				for _, d := range dimensions {
					d := d.(map[string]any)
					m[d["Name"].(string)] = d["Value"]
				}
				o[name] = m
			}
		}
		return o
	}
	return v
}

// TestTerraform_DeploysTheSameAsCloudFormation evaluates both forms and compares what CloudWatch gets.
func TestTerraform_DeploysTheSameAsCloudFormation(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		c := &terraform{t, decode(t, f.Terraform())}
		d := deployCFN(t, f.CloudFormation())

		var body, want any
		got := c.evaluate(c.at("resource", "aws_cloudwatch_dashboard", "dashboard", "dashboard_body")).(string)
		if err := json.Unmarshal([]byte(got), &body); err != nil {
			t.Fatalf("%s: got the error %v, want a body in JSON", name, err)
		}
		resources := d.doc["Resources"].(map[string]any)
		properties := resources["Dashboard"].(map[string]any)["Properties"].(map[string]any)
		if err := json.Unmarshal([]byte(d.resolve(properties["DashboardBody"]).(string)), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(body, want) {
			t.Errorf("%s: got another dashboard, %v, want %v", name, body, want)
		}
		if got, want := c.evaluate(c.at("resource", "aws_cloudwatch_dashboard", "dashboard", "dashboard_name")), d.resolve(properties["DashboardName"]); got != want {
			t.Errorf("%s: got the dashboard %v, want %v", name, got, want)
		}

		queries := c.at("resource", "aws_cloudwatch_query_definition").(map[string]any)
		if len(queries) != len(d.queries) {
			t.Errorf("%s: got %d queries, want %d", name, len(queries), len(d.queries))
		}
		for id, q := range queries {
			q := c.evaluate(q).(map[string]any)
			if title := q["name"].(string); q["query_string"] != d.queries[title] || fmt.Sprint(q["log_group_names"]) != "["+d.logGroup+"]" {
				t.Errorf("%s: %s: got %v, want the query %s", name, id, q, d.queries[title])
			}
		}

		alarms := c.at("resource", "aws_cloudwatch_metric_alarm").(map[string]any)
		if len(alarms) != len(d.alarms) {
			t.Errorf("%s: got %d alarms, want %d", name, len(alarms), len(d.alarms))
		}
		for id, a := range alarms {
			got := asCFN(t, c.evaluate(a).(map[string]any))
			if want := dimensionMaps(d.alarms[got["AlarmName"].(string)]); !reflect.DeepEqual(any(got), want) {
				t.Errorf("%s: %s: got %v, want %v", name, id, got, want)
			}
		}

		filters, _ := c.at("resource", "aws_cloudwatch_log_metric_filter").(map[string]any)
		if (d.filter != nil) != (len(filters) == 1) {
			t.Errorf("%s: got the filters %v, want one like %v", name, filters, d.filter)
		}
		for _, f := range filters {
			got := c.evaluate(f).(map[string]any)
			metric, want := got["metric_transformation"].([]any)[0].(map[string]any), d.filter["MetricTransformations"].([]any)[0].(map[string]any)
			if got["pattern"] != d.filter["FilterPattern"] || got["log_group_name"] != d.logGroup || metric["namespace"] != want["MetricNamespace"] || metric["name"] != want["MetricName"] || metric["value"] != want["MetricValue"] {
				t.Errorf("%s: got the filter %v, want %v", name, got, d.filter)
			}
		}
		if resources["Logs"] == nil {
			if logs := c.at("resource", "aws_cloudwatch_log_group"); logs != nil {
				t.Errorf("%s: got the log group %v, want none", name, logs)
			}
			continue
		}
		group := c.evaluate(c.at("resource", "aws_cloudwatch_log_group", "logs")).(map[string]any)
		logs := resources["Logs"].(map[string]any)["Properties"].(map[string]any)
		if group["name"] != d.logGroup || group["retention_in_days"] != logs["RetentionInDays"] {
			t.Errorf("%s: got the log group %v, want %v", name, group, logs)
		}
		var policy any
		document := c.evaluate(c.at("resource", "aws_cloudwatch_log_index_policy", "logs", "policy_document")).(string)
		if err := json.Unmarshal([]byte(document), &policy); err != nil || !reflect.DeepEqual([]any{policy}, logs["FieldIndexPolicies"]) {
			t.Errorf("%s: got the index policy %s, want %v", name, document, logs["FieldIndexPolicies"])
		}
	}
}

// wantJSON decodes a text.
func wantJSON(t *testing.T, text, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text.(string)), v); err != nil {
		t.Fatalf("got the error %v, want JSON: %s", err, text)
	}
}
