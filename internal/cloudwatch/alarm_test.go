package cloudwatch_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

// awsMetrics are the metrics of AWS that fragments use, with their only dimension and the page that
// documents them.
var awsMetrics = map[string]struct {
	dimension, source string
	names             []string
}{
	"AWS/Lambda": {"FunctionName", "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html", []string{
		"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "AsyncEventAge", "AsyncEventsDropped", "DeadLetterErrors", "DestinationDeliveryFailures", "IteratorAge", "OffsetLag",
	}},
	"AWS/SQS": {"QueueName", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html", []string{
		"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible",
	}},
	"AWS/Logs": {"LogGroupName", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html", []string{
		"EMFParsingErrors", "EMFValidationErrors",
	}},
}

// wantMetric reports a metric that neither AWS nor the run writes. pairs are the names and values of
// dimensions.
func wantMetric(t *testing.T, where string, f *cloudwatch.Fragment, namespace, name string, pairs []string) {
	t.Helper()
	if aws, ok := awsMetrics[namespace]; ok {
		if !slices.Contains(aws.names, name) || len(pairs) != 2 || pairs[0] != aws.dimension {
			t.Errorf("%s: got the metric %s %s %q, want one of %s with %s", where, namespace, name, pairs, aws.source, aws.dimension)
		}
		return
	}
	if namespace == "LambdakitFailures" { // of the filter; its name is checked with the filter
		if len(pairs) != 0 {
			t.Errorf("%s: got the dimensions %q of the filter's metric, want none", where, pairs)
		}
		return
	}
	var dimensions []string
	for i := 0; i < len(pairs); i += 2 {
		dimensions = append(dimensions, pairs[i]+"="+pairs[i+1])
	}
	if series := namespace + " " + name + " {" + strings.Join(dimensions, ", ") + "}"; !slices.Contains(f.Series(), series) {
		t.Errorf("%s: got the metric %s, want one of the run", where, series)
	}
}

// pairsOf returns the names and values of the dimensions of an alarm.
func pairsOf(dimensions any) (pairs []string) {
	for _, d := range dimensions.([]any) {
		d := d.(map[string]any)
		pairs = append(pairs, d["Name"].(string), d["Value"].(string))
	}
	return pairs
}

func number(v any) int {
	n, _ := v.(float64)
	return int(n)
}

func TestAlarms_NamesByFunction(t *testing.T) {
	t.Parallel()
	o := func(options cloudwatch.Options, sources ...cloudwatch.Source) *cloudwatch.Fragment {
		observed := recorded(t)
		observed.Sources = sources
		return newFragment(t, observed, &options)
	}
	const every = "ErrorRate MetricsLost Slow Throttled Timeouts"
	for name, c := range map[string]struct {
		f    *cloudwatch.Fragment
		want string
	}{
		"http":           {o(cloudwatch.Options{}, cloudwatch.SourceHTTP), every + " FailedAnswers"},
		"queue":          {o(cloudwatch.Options{}, cloudwatch.SourceQueue), every + " QueueBehind"},
		"stream":         {o(cloudwatch.Options{}, cloudwatch.SourceStream), every + " EventsLost StreamBehind"},
		"kafka":          {o(cloudwatch.Options{}, cloudwatch.SourceKafka), every},
		"async":          {o(cloudwatch.Options{}, cloudwatch.SourceAsync), every + " EventsLost"},
		"own events":     {o(cloudwatch.Options{}, cloudwatch.SourceOther), every + " EventsLost"},
		"no events":      {o(cloudwatch.Options{}), every + " EventsLost"},
		"flags":          {o(cloudwatch.Options{SourceQueue: "orders", DeadLetterQueue: "dead", Stream: true, Async: true}), every + " EventsLost QueueBehind QueueDead StreamBehind"},
		"expect":         {o(cloudwatch.Options{Expect: []string{"ChargeTime"}}, cloudwatch.SourceQueue), every + " QueueBehind ExpectChargeTime"},
		"without a name": {newFragment(t, cloudwatch.Observation{Sources: []cloudwatch.Source{cloudwatch.SourceHTTP}}, &cloudwatch.Options{Name: "cloudwatch"}), "ErrorRate Slow Throttled Timeouts"},
	} {
		var got []string
		for alarm := range deployCFN(t, c.f.CloudFormation()).alarms {
			got = append(got, strings.TrimPrefix(alarm, "cloudwatch-"))
		}
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got the alarms %v, want %v", name, got, want)
		}
	}
}

// TestAlarms_RulesThatNoValidatorChecks are rules of PutMetricAlarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func TestAlarms_RulesThatNoValidatorChecks(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		for alarm, p := range deployCFN(t, f.CloudFormation()).alarms {
			where := name + ": " + alarm
			periods, breaching := number(p["EvaluationPeriods"]), number(p["DatapointsToAlarm"])
			if breaching < 1 || breaching > periods {
				t.Errorf("%s: got %d data points of %d periods, want at least 1 and at most all", where, breaching, periods)
			}
			longest := 0
			ids := make(map[string]bool)
			returned := 0
			metrics, _ := p["Metrics"].([]any)
			for _, m := range metrics {
				m := m.(map[string]any)
				id := m["Id"].(string)
				if !regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`).MatchString(id) || ids[id] {
					t.Errorf("%s: got the id %q, want a unique one that begins with a small letter", where, id)
				}
				ids[id] = true
				if m["ReturnData"] == true {
					returned++
				}
				stat, ok := m["MetricStat"].(map[string]any)
				if !ok {
					wantExpression(t, where, m["Expression"].(string), ids)
					continue
				}
				metric := stat["Metric"].(map[string]any)
				wantMetric(t, where, f, metric["Namespace"].(string), metric["MetricName"].(string), pairsOf(metric["Dimensions"]))
				wantPeriod(t, where, number(stat["Period"]))
				longest = max(longest, number(stat["Period"]))
			}
			if metrics == nil {
				wantMetric(t, where, f, p["Namespace"].(string), p["MetricName"].(string), pairsOf(p["Dimensions"]))
				longest = number(p["Period"])
				wantPeriod(t, where, longest)
				if (p["Statistic"] == nil) == (p["ExtendedStatistic"] == nil) {
					t.Errorf("%s: got the statistics %v and %v, want one of them", where, p["Statistic"], p["ExtendedStatistic"])
				}
			}
			if longest*periods > 24*60*60 {
				t.Errorf("%s: got %d periods of %d seconds, want at most a day", where, periods, longest)
			}
			band, isBand := p["ThresholdMetricId"].(string)
			switch {
			case isBand && (p["Threshold"] != nil || !ids[band] || returned != 2 || p["ComparisonOperator"] != "LessThanLowerThreshold"):
				t.Errorf("%s: got a band with %v, want no threshold and two results", where, p)
			case !isBand && (p["Threshold"] == nil || metrics != nil && returned != 1):
				t.Errorf("%s: got the threshold %v and %d results, want a threshold and one result", where, p["Threshold"], returned)
			}
			if n := len(p["AlarmDescription"].(string)); n == 0 || n > 1024 {
				t.Errorf("%s: got a description of %d characters, want 1 to 1,024", where, n)
			}
			if n := len(alarm); n > 255 {
				t.Errorf("%s: got a name of %d characters, want at most 255", where, n)
			}
			want := "[PARAMETER-AlarmTopic]"
			if name == "everything" { // without a topic
				want = "<nil>"
			}
			if fmt.Sprint(p["OKActions"]) != want || fmt.Sprint(p["AlarmActions"]) != want {
				t.Errorf("%s: got the actions %v and %v, want %s", where, p["AlarmActions"], p["OKActions"], want)
			}
		}
	}
}

// wantPeriod wants a period that an alarm may have without a metric of high resolution.
func wantPeriod(t *testing.T, where string, seconds int) {
	t.Helper()
	if seconds < 60 || seconds%60 != 0 {
		t.Errorf("%s: got a period of %d seconds, want a multiple of 60", where, seconds)
	}
}

// wantExpression wants an expression of known functions and of the ids before it.
func wantExpression(t *testing.T, where, expression string, ids map[string]bool) {
	t.Helper()
	for _, name := range regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`).FindAllString(expression, -1) {
		if !ids[name] && !slices.Contains([]string{"IF", "FILL", "ANOMALY_DETECTION_BAND"}, name) {
			t.Errorf("%s: got %s in %s, want an id of %v", where, name, expression, slices.Collect(maps.Keys(ids)))
		}
	}
}

func TestAlarms_DescriptionsNameQueriesThatExist(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		d := deployCFN(t, f.CloudFormation())
		for alarm, p := range d.alarms {
			if _, query, ok := strings.Cut(p["AlarmDescription"].(string), "Saved query: "); ok && d.queries[query] == "" {
				t.Errorf("%s: %s: got the saved query %q, want one of the fragment", name, alarm, query)
			}
		}
	}
}

func TestFilter_CountsTheLinesOfFailures(t *testing.T) {
	t.Parallel()
	d := deployCFN(t, fragments(t)["recorded"].CloudFormation())
	message := regexp.MustCompile(`^\{ \$\.message = "(.*)" \}$`).FindStringSubmatch(d.filter["FilterPattern"].(string))
	if message == nil || !slices.ContainsFunc(cloudwatch.Messages, func(m cloudwatch.Message) bool { return m.Text == message[1] }) {
		t.Errorf("got the pattern %v, want a message of the toolkit", d.filter["FilterPattern"])
	}
	if d.filter["LogGroupName"] != d.logGroup {
		t.Errorf("got the log group %v, want %s", d.filter["LogGroupName"], d.logGroup)
	}
	made := d.filter["MetricTransformations"].([]any)[0].(map[string]any)
	watched := d.alarms["cloudwatch-FailedAnswers"]["Metrics"].([]any)[1].(map[string]any)["MetricStat"].(map[string]any)["Metric"].(map[string]any)
	if made["MetricNamespace"] != watched["Namespace"] || made["MetricName"] != watched["MetricName"] || made["MetricName"] != "cloudwatch" {
		t.Errorf("got the metric %v of the filter, and %v of the alarm, want the same, with the name of the function", made, watched)
	}
	if d := deployCFN(t, fragments(t)["nothing"].CloudFormation()); d.filter != nil {
		t.Errorf("got the filter %v without lines of package logging, want none", d.filter)
	}
}
