package cloudwatch_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

func TestCollector_RecordedRun(t *testing.T) {
	t.Parallel()
	o := recorded(t)
	if want := []string{"customer.id", "customer.name", "order_id", "strange name", "total"}; !slices.Equal(o.Fields, want) {
		t.Errorf("got the fields %q, want %q", o.Fields, want)
	}
	for _, want := range []string{"http_route", "message_id", "cold_start", "error", "function_request_id"} {
		if !slices.Contains(o.Toolkit, want) {
			t.Errorf("got the toolkit's fields %q, want %s among them", o.Toolkit, want)
		}
	}
	if want := []string{"HTTP request", "invocation failed", "record failed"}; !slices.Equal(o.Messages, want) {
		t.Errorf("got the messages %q, want %q", o.Messages, want)
	}
	var got []string
	for _, m := range o.Metrics {
		got = append(got, fmt.Sprint(m.Namespace, " ", m.Name, " ", m.Unit, " ", m.Dimensions))
	}
	want := []string{
		"Shop BatchDeadLetters Count [{service shop}]", "Shop BatchFailures Count [{service shop}]", "Shop BatchSize Count [{service shop}]",
		"Shop BatchUnprocessed Count [{service shop}]", "Shop ChargeTime Milliseconds [{service shop}]",
		"Shop ColdStart Count [{function_name cloudwatch} {service shop}]", "Shop OrderTotal None [{service shop}]",
		"Shop OrdersAccepted Count [{channel app} {service shop}]", "Shop OrdersAccepted Count [{channel web} {service shop}]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the metrics %q, want %q", got, want)
	}
	if o.Function != "cloudwatch" || o.Lines != 6 || o.Failures != 2 || o.Refused+o.Dropped+o.Odd+o.Unsafe+o.Skipped != 0 {
		t.Errorf("got %+v, want the function, 6 lines, 2 failures and nothing left out", o)
	}
	if got, want := o.Summary(), "8 metrics in 3 dimension sets, 5 own fields, 3 events; 2 lines about failures"; got != want {
		t.Errorf("got the summary %q, want %q", got, want)
	}
}

func TestCollector_PartsOfLines(t *testing.T) {
	t.Parallel()
	text := `{"message":"a","one":1}` + "\r\n" + `not JSON` + "\n\n[1]\n" + `{"message":"b","two":2}`
	want := observe(text)
	if !slices.Equal(want.Fields, []string{"one", "two"}) || want.Lines != 2 {
		t.Fatalf("got %+v, want the fields one and two", want)
	}
	for size := 1; size < len(text); size++ {
		c := cloudwatch.NewCollector()
		out := c.Output()
		for part := range slices.Chunk([]byte(text), size) {
			out.Write(part)
		}
		out.Flush()
		if got := c.Observation(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v for parts of %d bytes, want %+v", got, size, want)
		}
	}
}

func TestCollector_LongLines_AreSkipped(t *testing.T) {
	t.Parallel()
	long := `{"message":"` + strings.Repeat("x", 1<<20) + `","long":1}`
	o := observe(long + "\n" + `{"message":"m","short":1}` + "\n" + long)
	if !slices.Equal(o.Fields, []string{"short"}) || o.Skipped != 2 {
		t.Errorf("got the fields %q and %d skipped lines, want short and 2", o.Fields, o.Skipped)
	}
}

func TestCollector_Fields(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"a":1,"b":"x","c":true,"d":null,"e":[1],"f":{}}`:                        "a b c",
		`{"a":{"b":{"c":1,"d":{"e":1}}}}`:                                         "a.b.c",
		`{"level":"INFO","time":"t","msg":"m","requestId":"r","own":1}`:           "own",
		`{"message":"m","count":1,"event":{"id":1},"http_route":"/","attempt":1}`: "count event.id http_route",
		`{"message":"HTTP request","http_route":"/","own":1}`:                     "own",
		`{"error":{"message":"m","own":1},"!ERROR":"x","source":{"file":"f"}}`:    "",
		"{\"a`b\":1,\"\":1,\"a\\u0000\":1,\"a..b\":1,\"\\u202e\":1,\"a\\\\b\":1}": "",
	} {
		o := observe(line)
		if got := strings.Join(o.Fields, " "); got != want {
			t.Errorf("%s: got the fields %s, want %s", line, got, want)
		}
	}
}

// Debug lines are often sampled, and the next run must find the same fields.
func TestCollector_LinesBelowInfoTellNothing(t *testing.T) {
	t.Parallel()
	c := cloudwatch.NewCollector()
	out := c.Output()
	fmt.Fprintln(out, `{"level":"DEBUG","message":"m","job":{"address":"a"},"function_request_id":"r"}`)
	fmt.Fprintln(out, `{"level":"trace","message":"m","a":1}`)
	fmt.Fprintln(out, `{"level":"INFO","message":"m","order":1}`)
	if o := c.Observation(); len(o.Fields) != 1 || o.Fields[0] != "order" || o.Lines != 3 || len(o.Toolkit) != 2 {
		t.Errorf("got the fields %q and %q of %d lines, want order, level and message of 3", o.Fields, o.Toolkit, o.Lines)
	}
}

func TestCollector_BoundsOfFields(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 1_200 {
		fmt.Fprintf(&lines, `{"field%d":1,"odd%d`+"`"+`":1}`+"\n", i, i)
	}
	o := observe(lines.String())
	if len(o.Fields) != 1_000 || o.Odd != 1_000 || o.Dropped != 400 {
		t.Errorf("got %d fields, %d odd ones and %d dropped, want 1,000, 1,000 and 400", len(o.Fields), o.Odd, o.Dropped)
	}
}

func TestCollector_RefusedMetrics(t *testing.T) {
	t.Parallel()
	o := observe(document("a", "ms", "d", "v") + `{"_aws":1}` + "\n" + document("b", "Count", "d", "") + document("c", "Count", "d", "v"))
	if len(o.Metrics) != 1 || o.Metrics[0].Name != "c" || o.Refused != 3 {
		t.Errorf("got %v and %d refused, want c and 3", o.Metrics, o.Refused)
	}
}

func TestAddEvent_Sources(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]cloudwatch.Source{
		`{"Records":[{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:r:1:q.fifo"}]}`: cloudwatch.SourceQueue,
		`{"Records":[{"eventSource":"aws:kinesis"}]}`:                                       cloudwatch.SourceStream,
		`{"Records":[{"eventSource":"aws:dynamodb"}]}`:                                      cloudwatch.SourceStream,
		`{"Records":[{"eventSource":"aws:s3"}]}`:                                            cloudwatch.SourceAsync,
		`{"Records":[{"EventSource":"aws:sns"}]}`:                                           cloudwatch.SourceAsync,
		`{"eventSource":"aws:kafka","records":{"orders-0":[]}}`:                             cloudwatch.SourceKafka,
		`{"eventSource":"SelfManagedKafka"}`:                                                cloudwatch.SourceKafka,
		`{"version":"2.0","requestContext":{"http":{}}}`:                                    cloudwatch.SourceHTTP,
		`{"detail-type":"Scheduled Event","source":"aws.events","detail":{}}`:               cloudwatch.SourceAsync,
		`{"awslogs":{"data":""}}`:                                                           cloudwatch.SourceAsync,
		`{"id":1}`:                                                                          cloudwatch.SourceOther,
		`{"Records":1}`:                                                                     cloudwatch.SourceOther,
		`"text"`:                                                                            cloudwatch.SourceOther,
	} {
		var o cloudwatch.Observation
		o.AddEvent([]byte(event))
		if !slices.Equal(o.Sources, []cloudwatch.Source{want}) || o.Events != 1 {
			t.Errorf("%s: got %v, want %v", event, o.Sources, want)
		}
		if want == cloudwatch.SourceQueue && o.Queue != "q.fifo" {
			t.Errorf("got the queue %q, want q.fifo", o.Queue)
		}
	}
}

// FuzzCollector makes fragments of any output. Each must be a template whose body and queries are valid,
// and the same configuration for Terraform.
func FuzzCollector(f *testing.F) {
	f.Add(`{"message":"m","level":"ERROR","a":{"b":1}}`)
	f.Add(document("Orders", "Count", "service", "shop") + document("Time", "Milliseconds"))
	for _, name := range hostileNames {
		f.Add(document(name, "Milliseconds", name, name) + fmt.Sprintf("{%q:1}", name))
	}
	f.Fuzz(func(t *testing.T, lines string) {
		fragment := newFragment(t, observe(lines), &cloudwatch.Options{Name: "shop"})
		d := deployCFN(t, fragment.CloudFormation())
		for title, query := range d.queries {
			wantQuery(t, title, query, fragment.OwnNames())
		}
		for _, w := range d.dashboard.Widgets {
			for _, m := range w.Properties.Metrics {
				if len(m) > 1 {
					var pairs []string
					for _, p := range m[2 : len(m)-1] {
						pairs = append(pairs, p.(string))
					}
					wantMetric(t, w.Properties.Title, fragment, m[0].(string), m[1].(string), pairs)
				}
			}
		}
		c := &terraform{t, decode(t, fragment.Terraform())}
		var got, want any
		wantJSON(t, c.evaluate(c.at("resource", "aws_cloudwatch_dashboard", "dashboard", "dashboard_body")), &got)
		wantJSON(t, d.resolve(d.doc["Resources"].(map[string]any)["Dashboard"].(map[string]any)["Properties"].(map[string]any)["DashboardBody"]), &want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got another dashboard for Terraform, %v, want %v", got, want)
		}
	})
}
