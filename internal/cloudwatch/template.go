package cloudwatch

import "strings"

// Limits of a template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	MaxTemplateBody = 51_200    // bytes of a template in a request
	MaxTemplate     = 1_000_000 // bytes of a template in S3
)

// dashboardName has the Region, because dashboards of all Regions share their names.
var dashboardName = textOf(functionName, "-", region)

// CloudFormation returns the fragment as a template in JSON. SAM takes it, too.
func (f *Fragment) CloudFormation() []byte {
	resources := object{
		"Dashboard": object{"Type": "AWS::CloudWatch::Dashboard", "Properties": object{
			"DashboardName": dashboardName.cfn(), "DashboardBody": f.cfnBody(),
		}},
	}
	if !f.options.ExistingLogGroup {
		resources[string(newLogGroup)] = object{
			"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
			"Properties": object{
				"LogGroupName": cfn(textOf("/aws/lambda/", functionName)), "RetentionInDays": f.options.Retention,
				"FieldIndexPolicies": []any{object{"Fields": indexes}},
			},
		}
	}
	if f.hasFilter() {
		resources[filterID] = f.cfnFilter()
	}
	for i := range f.alarms {
		a := &f.alarms[i]
		resources[a.id+"Alarm"] = object{"Type": "AWS::CloudWatch::Alarm", "Properties": f.cfnAlarm(a)}
	}
	for i := range f.queries {
		q := &f.queries[i]
		resources[q.id+"Query"] = object{"Type": "AWS::Logs::QueryDefinition", "Properties": object{
			"Name": cfn(textOf(functionName, "/"+q.name)), "LogGroupNames": []any{cfn(f.logGroup())}, "QueryString": q.string(),
		}}
	}
	parameters := object{}
	for _, p := range f.parameters() {
		parameters[string(p.ref)] = p.cfn()
	}
	return formatted(object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "Dashboard, alarms and saved queries, written by lambdakit cloudwatch. Do not edit: run it again.",
		"Metadata":                 object{metadataName: f.metadata()},
		"Parameters":               parameters,
		"Resources":                resources,
		"Outputs": object{"DashboardName": object{
			"Description": "Name of the dashboard", "Value": object{"Ref": "Dashboard"},
		}},
	})
}

func (p *parameter) cfn() object {
	o := object{"Type": "String", "Description": p.description}
	if p.number {
		o["Type"], o["MinValue"] = "Number", 1
	} else {
		o["AllowedPattern"] = p.pattern
	}
	if p.value != nil {
		o["Default"] = p.value
	}
	return o
}

// cfn returns a value of a template: texts and refs become intrinsic functions.
func cfn(v any) any {
	switch v := v.(type) {
	case ref:
		return v.cfn()
	case text:
		return v.cfn()
	}
	return v
}

// cfn returns the reference as a function.
func (r ref) cfn() any {
	if id, ok := strings.CutSuffix(string(r), arnSuffix); ok {
		return object{"Fn::GetAtt": []any{id, "Arn"}}
	}
	return object{"Ref": r}
}

// cfn returns the text as a string, or as a function that makes it.
func (t text) cfn() any {
	if len(t) == 1 {
		if r, ok := t[0].(ref); ok {
			return r.cfn()
		}
	}
	var b strings.Builder
	references := false
	for _, part := range t {
		if r, ok := part.(ref); ok {
			references = true
			b.WriteString("${" + string(r) + "}")
		} else {
			b.WriteString(strings.ReplaceAll(part.(string), "${", "${!"))
		}
	}
	if !references {
		return strings.ReplaceAll(b.String(), "${!", "${")
	}
	return object{"Fn::Sub": b.String()}
}

// cfnBody returns the body of the dashboard with an element for each widget, so that a change of one shows
// in a diff.
func (f *Fragment) cfnBody() any {
	parts := []any{`{"start":"-PT8H","periodOverride":"inherit","widgets":[`}
	for i := range f.widgets {
		t := bodyText(f.widgets[i].object())
		if i > 0 {
			t = append(textOf(","), t...)
		}
		parts = append(parts, t.cfn())
	}
	return object{"Fn::Join": []any{"", append(parts, "]}")}}
}

// cfnAlarm returns the properties of an alarm.
func (f *Fragment) cfnAlarm(a *alarm) object {
	o := object{
		"AlarmName": cfn(textOf(functionName, "-"+a.id)), "AlarmDescription": a.description.cfn(),
		"ComparisonOperator": a.comparison, "EvaluationPeriods": a.periods, "DatapointsToAlarm": a.breaching,
		"TreatMissingData": a.treatMissing(),
	}
	if !f.options.NoTopic {
		o["AlarmActions"], o["OKActions"] = []any{alarmTopic.cfn()}, []any{alarmTopic.cfn()}
	}
	if a.threshold != nil {
		o["Threshold"] = cfn(a.threshold)
	}
	if a.expression == "" {
		m := &a.metrics[0]
		o["Namespace"], o["MetricName"], o["Dimensions"], o["Period"] = m.namespace, cfn(m.name), m.cfnDimensions(), a.period
		if isPercentile(m.stat) {
			o["ExtendedStatistic"], o["EvaluateLowSampleCountPercentile"] = m.stat, "ignore"
		} else {
			o["Statistic"] = m.stat
		}
		return o
	}
	var metrics []any
	for i := range a.metrics {
		m := &a.metrics[i]
		stat := object{"Metric": object{"Namespace": m.namespace, "MetricName": cfn(m.name), "Dimensions": m.cfnDimensions()}, "Period": a.period, "Stat": m.stat}
		metrics = append(metrics, object{"Id": m.id, "MetricStat": stat, "ReturnData": a.band})
	}
	o["Metrics"] = append(metrics, object{"Id": expressionID, "Expression": a.expression, "Label": a.label, "ReturnData": true})
	if a.band {
		o["ThresholdMetricId"] = expressionID
	}
	return o
}

const expressionID = "expression"

func (a *alarm) treatMissing() string {
	if a.missing == "" {
		return "notBreaching"
	}
	return a.missing
}

func isPercentile(stat string) bool { return strings.HasPrefix(stat, "p") }

func (m *alarmMetric) cfnDimensions() []any {
	list := []any{}
	for _, d := range m.dimensions {
		list = append(list, object{"Name": d.name, "Value": cfn(d.value)})
	}
	return list
}
