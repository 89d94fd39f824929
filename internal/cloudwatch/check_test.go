package cloudwatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

func committed(t *testing.T, text []byte) *cloudwatch.Committed {
	t.Helper()
	c, err := cloudwatch.ReadCommitted(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompare_UpToDate(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		for form, text := range map[string][]byte{"CloudFormation": f.CloudFormation(), "Terraform": f.Terraform()} {
			c := committed(t, text)
			if c.IsTerraform != (form == "Terraform") {
				t.Errorf("%s: got IsTerraform %v for %s", name, c.IsTerraform, form)
			}
			if got := c.Compare(f); got != nil {
				t.Errorf("%s: %s: got the differences %q, want none", name, form, got)
			}
		}
	}
}

func TestCompare_OptionsOfTheFile(t *testing.T) {
	t.Parallel()
	all := everything
	f := newFragment(t, recorded(t), &all)
	options := committed(t, f.CloudFormation()).Options()
	again := newFragment(t, recorded(t), &options)
	if got := committed(t, f.CloudFormation()).Compare(again); got != nil {
		t.Errorf("got the differences %q with the options of the file, want none", got)
	}
}

func TestCompare_Differences(t *testing.T) {
	t.Parallel()
	base := newFragment(t, recorded(t), nil)
	text := string(base.CloudFormation())
	with := func(lines string, options *cloudwatch.Options) *cloudwatch.Fragment {
		c := cloudwatch.NewCollector()
		out := c.Output()
		out.Write([]byte(lines))
		more := c.Observation()
		o := recorded(t)
		o.Metrics = append(o.Metrics, more.Metrics...)
		o.Fields = append(o.Fields, more.Fields...)
		return newFragment(t, o, options)
	}
	less := recorded(t)
	less.Fields, less.Metrics, less.Sources = less.Fields[1:], less.Metrics[1:], less.Sources[1:]
	quiet := recorded(t)
	quiet.Toolkit = slices.DeleteFunc(quiet.Toolkit, func(name string) bool { return name == "http_route" })
	for name, c := range map[string]struct {
		committed string
		is        *cloudwatch.Fragment
		want      []string
	}{
		"a new metric":        {text, with(document("New", "Count", "service", "shop"), nil), []string{"the metric Shop New {service=shop} Count is new"}},
		"a new dimension":     {text, with(document("OrderTotal", "None", "service", "shop", "tier", "gold"), nil), []string{"the metric Shop OrderTotal {service=shop, tier=gold} None is new"}},
		"a new unit":          {text, with(document("OrderTotal", "Bytes", "service", "shop"), nil), []string{"the metric Shop OrderTotal {service=shop} Bytes is new"}},
		"a new field":         {text, with(`{"message":"m","zone":1}`+"\n", nil), []string{"the field zone is new"}},
		"less":                {text, newFragment(t, less, nil), []string{"BatchDeadLetters {service=shop} Count is gone", "the field customer.id is gone", "the event source http is gone"}},
		"a query less":        {text, newFragment(t, quiet, nil), []string{"the field http_route is gone"}},
		"other flags":         {text, newFragment(t, recorded(t), &cloudwatch.Options{Timeout: time.Minute}), []string{"TimeoutSeconds was 3 and is 60"}},
		"an edited alarm":     {strings.Replace(text, `"Threshold": 5`, `"Threshold": 6`, 1), base, []string{"Resources.ErrorRateAlarm.Properties differs"}},
		"an edited parameter": {strings.Replace(text, `"Default": "cloudwatch"`, `"Default": "x"`, 1), base, []string{"Parameters.FunctionName.Default differs"}},
		"a removed alarm":     {strings.Replace(text, `"SlowAlarm": {`, `"OtherAlarm": {`, 1), base, []string{"Resources.SlowAlarm is missing", "Resources.OtherAlarm is not a part"}},
		"a new section":       {strings.Replace(text, `"Parameters"`, `"Mappings": {}, "Parameters"`, 1), base, []string{"Mappings is not a part"}},
	} {
		got := committed(t, []byte(c.committed)).Compare(c.is)
		for _, want := range c.want {
			if !slices.ContainsFunc(got, func(d string) bool { return strings.Contains(d, want) }) {
				t.Errorf("%s: got the differences %q, want %q among them", name, got, want)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: got %d differences, %q, want %d", name, len(got), got, len(c.want))
		}
	}
}

func TestCompare_ManyDifferencesAreBounded(t *testing.T) {
	t.Parallel()
	got := committed(t, fragments(t)["nothing"].CloudFormation()).Compare(fragments(t)["many"])
	if len(got) != 51 || got[50] != "51 more differences" {
		t.Errorf("got %d differences, the last %q, want 51 and 51 more", len(got), got[len(got)-1])
	}
}

func TestReadCommitted_OtherFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "not a fragment",
		"AWSTemplateFormatVersion: 2010":    "not a fragment",
		"[]":                                "not a fragment",
		`{"Resources":{}}`:                  "not written by lambdakit cloudwatch",
		`{"Metadata":{"Lambdakit":1}}`:      "not written by lambdakit cloudwatch",
		`{"Metadata":1}`:                    "not a fragment",
		`{"//":{"Other":{}},"resource":{}}`: "not written by lambdakit cloudwatch",
		`{"//":"a comment","resource":{}}`:  "not a fragment",
	} {
		if _, err := cloudwatch.ReadCommitted([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got the error %v, want %q in it", text, err, want)
		}
	}
}
