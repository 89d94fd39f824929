package cloudwatch_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// deployed is a fragment as CloudWatch gets it: with all parameters at their defaults.
type deployed struct {
	t         testing.TB
	doc       map[string]any
	region    string
	dashboard struct {
		Start, PeriodOverride string
		Widgets               []deployedWidget
	}
	filter   map[string]any            // properties of the filter of the log group
	alarms   map[string]map[string]any // properties as in CloudFormation, by the name of the alarm
	queries  map[string]string         // by name
	logGroup string
}

type deployedWidget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Markdown, Title, View, Region, Query string
		Period                               int
		Alarms                               []string
		Metrics                              [][]any
		Annotations                          struct {
			Horizontal []struct {
				Label string
				Value float64
			}
		}
	}
}

func decode(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("got no JSON: %v", err)
	}
	return doc
}

// deployCFN resolves the functions of a template.
func deployCFN(t testing.TB, text []byte) *deployed {
	t.Helper()
	d := &deployed{t: t, doc: decode(t, text), region: "eu-west-1", alarms: make(map[string]map[string]any), queries: make(map[string]string)}
	for id, r := range d.doc["Resources"].(map[string]any) {
		resource := r.(map[string]any)
		properties := resource["Properties"].(map[string]any)
		switch resource["Type"] {
		case "AWS::CloudWatch::Alarm":
			p := d.resolve(properties).(map[string]any)
			d.alarms[p["AlarmName"].(string)] = p
		case "AWS::Logs::QueryDefinition":
			p := d.resolve(properties).(map[string]any)
			if groups := p["LogGroupNames"].([]any); len(groups) != 1 || groups[0] != d.group() {
				t.Errorf("%s: got the log groups %v, want the function's", id, groups)
			}
			d.queries[p["Name"].(string)] = p["QueryString"].(string)
		case "AWS::CloudWatch::Dashboard":
			body := d.resolve(properties["DashboardBody"]).(string)
			if err := json.Unmarshal([]byte(body), &d.dashboard); err != nil {
				t.Fatalf("got the error %v of the body, want JSON:\n%s", err, body)
			}
		case "AWS::Logs::MetricFilter":
			d.filter = d.resolve(properties).(map[string]any)
		case "AWS::Logs::LogGroup":
			if properties["RetentionInDays"].(float64) < 1 || resource["DeletionPolicy"] == nil {
				t.Errorf("%s: got %v, want a retention, and logs that outlive the stack", id, resource)
			}
		default:
			t.Errorf("%s: got the type %v, want one of five", id, resource["Type"])
		}
	}
	d.logGroup = d.group()
	return d
}

// group is the log group of the function.
func (d *deployed) group() string {
	if d.doc["Resources"].(map[string]any)["Logs"] != nil {
		return d.reference("Logs").(string)
	}
	return d.reference("LogGroup").(string)
}

var subReference = regexp.MustCompile(`\$\{[^!][^}]*\}`)

// resolve replaces intrinsic functions.
func (d *deployed) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		var list []any
		for _, e := range v {
			list = append(list, d.resolve(e))
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return d.function(name, argument)
				}
			}
		}
		o := make(map[string]any)
		for name, e := range v {
			o[name] = d.resolve(e)
		}
		return o
	}
	return v
}

func (d *deployed) function(name string, argument any) any {
	switch name {
	case "Ref":
		return d.reference(argument.(string))
	case "Fn::GetAtt":
		return d.reference(argument.([]any)[0].(string) + "." + argument.([]any)[1].(string))
	case "Fn::Join":
		var parts []string
		for _, e := range argument.([]any)[1].([]any) {
			parts = append(parts, d.resolve(e).(string))
		}
		return strings.Join(parts, argument.([]any)[0].(string))
	case "Fn::Sub":
		text := subReference.ReplaceAllStringFunc(argument.(string), func(s string) string {
			name := s[2 : len(s)-1]
			switch v := d.reference(name).(type) {
			case float64:
				return strconv.FormatFloat(v, 'f', -1, 64)
			default:
				return v.(string)
			}
		})
		return strings.ReplaceAll(text, "${!", "${")
	}
	d.t.Fatalf("got the function %s, want one that the test knows", name)
	return nil
}

func (d *deployed) reference(name string) any {
	if name == "AWS::Region" {
		return d.region
	}
	id, attribute, isAttribute := strings.Cut(name, ".")
	if r, ok := d.doc["Resources"].(map[string]any)[id].(map[string]any); ok {
		properties := r["Properties"].(map[string]any)
		switch {
		case isAttribute && attribute == "Arn" && r["Type"] == "AWS::CloudWatch::Alarm":
			return "arn:alarm:" + d.resolve(properties["AlarmName"]).(string)
		case r["Type"] == "AWS::Logs::LogGroup":
			return d.resolve(properties["LogGroupName"])
		}
	}
	if p, ok := d.doc["Parameters"].(map[string]any)[name].(map[string]any); ok {
		if v, ok := p["Default"]; ok {
			return v
		}
		return "PARAMETER-" + name
	}
	d.t.Fatalf("got a reference to %q, which the template does not have", name)
	return nil
}
