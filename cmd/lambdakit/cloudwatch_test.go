package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of lambdakit cloudwatch")

// lambdakitCloudwatch runs lambdakit cloudwatch.
func lambdakitCloudwatch(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), append([]string{"cloudwatch"}, args...), strings.NewReader(stdin), out, errs)
	return status, out.String(), errs.String()
}

// writeTemp writes a file that the test removes.
func writeTemp(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	cloudwatchFunction = "./testdata/cloudwatch"
	cloudwatchGolden   = "testdata/cloudwatch/observability.json"
)

func TestCloudwatch_WritesTheFragmentOfAFunction(t *testing.T) {
	status, out, errs := lambdakitCloudwatch(t, "", "-timeout", "1m", "-dead-letter-queue", "orders-dead", "-expect", "OrdersAccepted{channel=web}", cloudwatchFunction)
	if status != 0 {
		t.Fatalf("got status %d, want 0: %s", status, errs)
	}
	contains(t, errs,
		"8 metrics in 3 dimension sets, 5 own fields, 5 events; 2 lines about failures\n",
		"an invocation failed, or was marked as failed; -v shows it\n",
		`the queue is "orders", by eventSourceARN of the events`,
		"10 alarms with 15 metrics $1.70, 9 own metrics that the run showed and 1 of failure lines $3.00")
	if *update {
		if err := os.WriteFile(cloudwatchGolden, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(cloudwatchGolden)
	if err != nil {
		t.Fatal(err)
	}
	if out != string(want) {
		t.Errorf("got another fragment than %s has; after a change that is meant, run the test with -update. Got:\n%s", cloudwatchGolden, out)
	}
}

func TestCloudwatch_Check(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile(cloudwatchGolden)
	if err != nil {
		t.Fatal(err)
	}
	edited := writeTemp(t, "edited.json", strings.Replace(string(golden), `"Threshold": 5,`, `"Threshold": 50,`, 1))
	for name, c := range map[string]struct {
		args      []string
		status    int
		out, errs string
	}{
		"up to date":      {[]string{"-check", cloudwatchGolden}, 0, "", "is up to date\n"},
		"a new dimension": {[]string{"-check", cloudwatchGolden, "-env", "NEW_METRIC=tier"}, 1, "the metric Shop OrdersAccepted {service=shop, tier=value} Count is new: the fragment does not know it\n", "is not up to date"},
		"fewer events":    {[]string{"-check", cloudwatchGolden, "-event", "testdata/cloudwatch/event.json"}, 1, "the field http_route is gone: the run does not show it\n", "is not up to date"},
		"another timeout": {[]string{"-check", cloudwatchGolden, "-timeout", "2m"}, 1, "TimeoutSeconds was 60 and is 120", ""},
		"edited":          {[]string{"-check", edited}, 1, "Resources.ErrorRateAlarm.Properties differs from the fragment that lambdakit writes\n", ""},
		"no file":         {[]string{"-check", "nowhere.json"}, 2, "", "no such file"},
		"another file":    {[]string{"-check", "testdata/cloudwatch/event.json"}, 2, "", "not written by lambdakit cloudwatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errs := lambdakitCloudwatch(t, "", append(c.args, cloudwatchFunction)...)
			if status != c.status {
				t.Errorf("got status %d, want %d: %s%s", status, c.status, out, errs)
			}
			contains(t, out, c.out)
			contains(t, errs, c.errs)
			if c.status == 0 && out != "" {
				t.Errorf("got the output %s, want none", out)
			}
		})
	}
}

func TestCloudwatch_TerraformAndItsCheck(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitCloudwatch(t, "", "-format", "terraform", "-timeout", "1m", "-name", "shop", cloudwatchFunction)
	if status != 0 {
		t.Fatalf("got status %d, want 0: %s", status, errs)
	}
	var doc struct {
		Resource map[string]map[string]any `json:"resource"`
		Variable map[string]struct {
			Default any `json:"default"`
		} `json:"variable"`
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if n := len(doc.Resource["aws_cloudwatch_metric_alarm"]); n != 8 || doc.Variable["function_name"].Default != "shop" {
		t.Errorf("got %d alarms and the variables %v, want 8 and the name shop", n, doc.Variable)
	}
	status, out, errs = lambdakitCloudwatch(t, "", "-check", writeTemp(t, "observability.tf.json", out), cloudwatchFunction)
	if status != 0 {
		t.Errorf("got status %d, want 0 for the file as it was written: %s%s", status, out, errs)
	}
}

func TestCloudwatch_FromAFile(t *testing.T) {
	t.Parallel()
	const run = "../../internal/cloudwatch/testdata/run.ndjson"
	text, err := os.ReadFile(run)
	if err != nil {
		t.Fatal(err)
	}
	_, want, errs := lambdakitCloudwatch(t, "", "-from", run)
	contains(t, errs, "8 metrics in 3 dimension sets, 5 own fields, 6 log lines; 2 lines about failures")
	status, got, _ := lambdakitCloudwatch(t, string(text), "-from", "-")
	if status != 0 || got != want || got == "" {
		t.Errorf("got status %d and another fragment for the lines on standard input, want the same as for the file", status)
	}
	status, out, errs := lambdakitCloudwatch(t, "", "-check", writeTemp(t, "observability.json", got), "-from", run)
	if status != 0 {
		t.Errorf("got status %d, want 0: %s%s", status, out, errs)
	}
}

func TestCloudwatch_MessagesOfAQueue(t *testing.T) {
	t.Parallel()
	file := writeTemp(t, "orders.jsonl", `{"id":"m-1","body":{"ID":"o-1","Channel":"web","Total":5}}`+"\n"+`{"id":"m-2","body":{"ID":"o-2","Channel":"web","Total":7}}`)
	status, out, errs := lambdakitCloudwatch(t, "", "-timeout", "1m", "-queue", file, "-source-queue", "orders", cloudwatchFunction)
	if status != 0 {
		t.Fatalf("got status %d, want 0: %s", status, errs)
	}
	contains(t, out, `"QueueBehindAlarm"`, `"FailedRecordsQuery"`, `"SourceQueueName"`)
	contains(t, errs, "nothing failed, so no failure fields were seen")
}

// A function that publishes needs no bus.
func TestCloudwatch_TakesPublishedEvents(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitCloudwatch(t, `{"id":"o-1"}`, "-timeout", "1m", "-event", "-", "-events", "none=none", "-v", "./testdata/events")
	if status != 0 || !strings.Contains(out, `"Resources"`) || strings.Contains(errs, "placed:") {
		t.Errorf("got status %d, want 0, a fragment and no delivery: %s", status, errs)
	}
	contains(t, errs, "OrderPlaced")
}

func TestCloudwatch_EventOnStandardInput(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitCloudwatch(t, `{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}`, "-timeout", "1m", "-event", "-", "./testdata/function")
	if status != 0 {
		t.Fatalf("got status %d, want 0: %s", status, errs)
	}
	contains(t, out, `"StreamBehindAlarm"`)
	contains(t, errs, "the function wrote no metrics", "no log line has the fields of package logging")
}

func TestCloudwatch_LinesOfStandardError_Count(t *testing.T) {
	t.Parallel()
	event := writeTemp(t, "event.json", `{"Do":"stderr","Text":"{\"level\":\"WARN\",\"message\":\"m\",\"zone\":1}\n"}`)
	status, out, errs := lambdakitCloudwatch(t, "", "-timeout", "1m", "-event", event, "./testdata/function")
	if status != 0 {
		t.Fatalf("got status %d, want 0: %s", status, errs)
	}
	contains(t, out, "xray_trace_id, zone\\n")
}

func TestCloudwatch_VerboseShowsTheRun(t *testing.T) {
	t.Parallel()
	event := writeTemp(t, "event.json", `{"Text":"hello"}`)
	args := []string{"-timeout", "1m", "-event", event, "./testdata/function"}
	if _, _, errs := lambdakitCloudwatch(t, "", args...); strings.Contains(errs, "REPORT") {
		t.Errorf("got the run without -v, want only remarks: %s", errs)
	}
	_, _, errs := lambdakitCloudwatch(t, "", append([]string{"-v"}, args...)...)
	contains(t, errs, "response to event.json", "REPORT RequestId")
}

func TestCloudwatch_HostileText_IsEscapedOnTheTerminal(t *testing.T) {
	t.Parallel()
	run := writeTemp(t, "run.ndjson", `{"message":"m","a\u001b]52;c;aGk=\u0007":1,"function_name":"\u001b[31mname"}`)
	status, _, errs := lambdakitCloudwatch(t, "", "-from", run)
	if status != 2 {
		t.Errorf("got status %d, want 2 for a name that Lambda refuses", status)
	}
	wantClean(t, errs)
	contains(t, errs, "is not the name of a function")
}

func TestCloudwatch_FunctionThatDoesNotStart(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitCloudwatch(t, "", "-env", "INIT=exit", "-event", writeTemp(t, "event.json", "{}"), "./testdata/function")
	if status != 2 || out != "" {
		t.Errorf("got status %d and the output %q, want 2 and none", status, out)
	}
	contains(t, errs, "no configuration", "function exited before asking for its first event")
}

func TestCloudwatch_UsageErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"which package?":                           {},
		"one package at a time":                    {"a", "b"},
		"-from and a package exclude each other":   {"-from", "x", "a"},
		`-format "yaml" is not`:                    {"-format", "yaml", "a"},
		"-check and -format exclude each other":    {"-check", "x", "-format", "cfn", "a"},
		"-memory 0 is not":                         {"-memory", "0", "a"},
		"-timeout 0s is not":                       {"-timeout", "0", "a"},
		"-from and -event exclude each other":      {"-from", "x", "-event", "y"},
		"-from and -queue exclude each other":      {"-from", "x", "-queue", "y"},
		`-env "x" is not`:                          {"-env", "x", "a"},
		"-queue and -event exclude each other":     {"-queue", "x", "-event", "y", "a"},
		"-source needs -queue":                     {"-source", "sqs", "a"},
		"no such file":                             {"-from", "nowhere.ndjson"},
		"there is no event*.json":                  {"./testdata/function"},
		"has no line of JSON":                      {"-from", "testdata/function/main.go"},
		"2 days is not a retention":                {"-retention", "2", "-from", "../../internal/cloudwatch/testdata/run.ndjson"},
		`shows no metric "X"`:                      {"-expect", "X", "-from", "../../internal/cloudwatch/testdata/run.ndjson"},
		"no line of the run names the function":    {"-from", writeTemp(t, "run.ndjson", `{"message":"m"}`)},
		"flag provided but not defined: -nonsense": {"-nonsense"},
	} {
		status, out, errs := lambdakitCloudwatch(t, "", args...)
		if status != 2 || out != "" {
			t.Errorf("%q: got status %d and the output %q, want 2 and none", args, status, out)
		}
		contains(t, errs, want)
	}
	if status := command(context.Background(), []string{"cloudwatch", "-h"}, nil, io.Discard, io.Discard); status != 0 {
		t.Errorf("-h: got status %d, want 0", status)
	}
}
