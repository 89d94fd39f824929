package otlp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// set sets variables for a test.
func set(t *testing.T, variables ...string) {
	for i := 0; i < len(variables); i += 2 {
		t.Setenv(variables[i], variables[i+1])
	}
}

// recorder is a client that notes the URL of requests.
type recorder struct {
	*otlptest.Backend
	urls []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.urls = append(r.urls, req.URL.String())
	return r.Backend.RoundTrip(req)
}

// send makes an invocation with options, and returns its request, URL and reports.
func send(t *testing.T, o otlp.Options) (q otlptest.Request, url string, r *reports) {
	t.Helper()
	c := &recorder{Backend: otlptest.New(t)}
	r = new(reports)
	o.Client = &http.Client{Transport: c}
	p := tracing.New(&tracing.Options{Exporter: otlp.New(&o), OnError: r.add})
	invoke(t.Context(), p, header+"1", `{}`, nil)
	if len(c.urls) != 1 {
		t.Fatalf("got %d requests, want one", len(c.urls))
	}
	return c.Requests()[0], c.urls[0], r
}

func TestSettings_Endpoint(t *testing.T) {
	const all, traces = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	for name, c := range map[string]struct {
		option    string
		variables []string
		want      string
		report    string
	}{
		"default":           {want: "http://localhost:4318/v1/traces"},
		"option":            {option: "https://a.example", variables: []string{all, "https://b.example"}, want: "https://a.example/v1/traces"},
		"option with path":  {option: "https://a.example/otlp/", want: "https://a.example/otlp/v1/traces"},
		"whole option":      {option: "https://a.example/otlp/v1/traces", want: "https://a.example/otlp/v1/traces"},
		"all signals":       {variables: []string{all, "https://b.example/x"}, want: "https://b.example/x/v1/traces"},
		"traces":            {variables: []string{all, "https://b.example", traces, "https://c.example/own"}, want: "https://c.example/own"},
		"traces, no path":   {variables: []string{traces, "https://c.example"}, want: "https://c.example/"},
		"no scheme":         {variables: []string{all, "b.example:4318"}, want: "http://localhost:4318/v1/traces", report: all},
		"wrong, next":       {option: "grpc://a", variables: []string{all, "https://b.example"}, want: "https://b.example/v1/traces", report: "Options.Endpoint"},
		"port of gRPC":      {variables: []string{all, "http://b.example:4317"}, want: "http://b.example:4317/v1/traces", report: "gRPC"},
		"no URL":            {option: "http://[::1", want: "http://localhost:4318/v1/traces", report: "Options.Endpoint"},
		"no host":           {option: "https://", want: "http://localhost:4318/v1/traces", report: "Options.Endpoint"},
		"protocol":          {variables: []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}, want: "http://localhost:4318/v1/traces"},
		"protocol is wrong": {variables: []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, want: "http://localhost:4318/v1/traces", report: "http/protobuf"},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, c.variables...)
			_, url, r := send(t, otlp.Options{Endpoint: c.option})
			if url != c.want {
				t.Errorf("got %s, want %s", url, c.want)
			}
			if !strings.Contains(r.String(), c.report) || (c.report == "") != (r.len() == 0) {
				t.Errorf("got the reports %s, want %q", r, c.report)
			}
		})
	}
}

func TestSettings_Headers(t *testing.T) {
	set(t, "OTEL_EXPORTER_OTLP_HEADERS", "x-a=1, Authorization=Basic%20YTpi+c==,x-b=all,", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-b=traces,x-c=traces")
	q, _, r := send(t, otlp.Options{Headers: map[string]string{"X-C": "option"}})
	for name, want := range map[string]string{"X-A": "1", "Authorization": "Basic YTpi+c==", "X-B": "traces", "X-C": "option"} {
		if got := q.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if r.len() > 0 {
		t.Errorf("got the reports %s, want none", r)
	}
}

func TestSettings_WrongHeadersAreReportedWithoutTheirContent(t *testing.T) {
	set(t, "OTEL_EXPORTER_OTLP_HEADERS", "secretkey,x-a=secretvalue%zz,x-b=secret%0avalue,x c=secret,ok=1")
	q, _, r := send(t, otlp.Options{Headers: map[string]string{"x-d": "secret\r\n"}})
	if q.Header.Get("Ok") != "1" || strings.Contains(r.String(), "secret") || !strings.Contains(r.String(), "entry 1") || !strings.Contains(r.String(), "Options.Headers") {
		t.Errorf("got %v and the reports %s, want the valid header and reports without content", q.Header, r)
	}
}

func TestSettings_EachWrongHeaderIsReported(t *testing.T) {
	for text, entry := range map[string]string{"nothing": "entry 1", "a=1,b=%zz": "entry 2", ",x c=1": "entry 2", "a=%0a": "entry 1", "a=1,,b=2,=3": "entry 4"} {
		t.Run(text, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", text)
			if _, _, r := send(t, otlp.Options{}); r.len() != 1 || !strings.Contains(r.String(), "OTEL_EXPORTER_OTLP_TRACES_HEADERS: "+entry+" is not a header") {
				t.Errorf("got the reports %s, want one about %s", r, entry)
			}
		})
	}
}

// The backend, the client and the signer repeat the key in their errors.
func TestReports_HaveNoKeys(t *testing.T) {
	const key = "s3cr3t-k3y"
	for name, change := range map[string]func(*otlp.Options, *otlptest.Backend){
		"status": func(_ *otlp.Options, b *otlptest.Backend) {
			b.Answer(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(401)
				w.Write([]byte("\x12\x12wrong " + key + "!!"))
			})
		},
		"partial success": func(_ *otlp.Options, b *otlptest.Backend) {
			b.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("\x0a\x0e\x08\x02\x12\x0a" + key)) })
		},
		"client": func(o *otlp.Options, _ *otlptest.Backend) {
			o.Client = &http.Client{Transport: failure{"dial with " + key}}
		},
		"signer": func(o *otlp.Options, _ *otlptest.Backend) {
			o.Sign = func(*http.Request, []byte) error { return failure{key} }
		},
		"endpoint": func(o *otlp.Options, _ *otlptest.Backend) {
			o.Endpoint = "http://user:" + key + "@127.0.0.1:1/" + key + "?key=" + key
		},
		"wrong endpoint": func(o *otlp.Options, _ *otlptest.Backend) {
			o.Endpoint = "user:" + key + "@127.0.0.1:1/" + key
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, r := otlptest.Listen(t), new(reports)
			o := &otlp.Options{Headers: map[string]string{"Authorization": "Bearer " + key}}
			change(o, b)
			p := provider(b, o, r)
			invoke(t.Context(), p, header+"1", `{}`, nil)
			err := p.ForceFlush(t.Context())
			if r.len() == 0 || strings.Contains(r.String(), key) || err != nil && strings.Contains(err.Error(), key) {
				t.Errorf("got the reports %s and the error %v, want them without the key", r, err)
			}
		})
	}
}

// failure is an error with a text, and a client that fails with it.
type failure struct{ text string }

func (f failure) Error() string                                   { return f.text }
func (f failure) RoundTrip(*http.Request) (*http.Response, error) { return nil, f }

func TestSettings_Resource(t *testing.T) {
	set(t, "AWS_REGION", "eu-west-1", "AWS_LAMBDA_FUNCTION_VERSION", "7", "AWS_LAMBDA_LOG_STREAM_NAME", "stream", "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders",
		"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod%20eu, service.namespace=shop,service.name=ignored", "OTEL_SERVICE_NAME", "from-otel", "POWERTOOLS_SERVICE_NAME", "from-powertools")
	q, _, r := send(t, otlp.Options{Resource: []attribute.KeyValue{attribute.String("service.namespace", "own")}})
	got := otlptest.Decode(t, q.Body)[0].Resource
	for key, want := range map[string]string{
		"service.name": "from-otel", "service.namespace": "own", "deployment.environment.name": "prod eu", "cloud.provider": "aws", "cloud.platform": "aws_lambda",
		"cloud.region": "eu-west-1", "faas.name": "orders", "faas.version": "7", "faas.instance": "stream", "aws.log.group.names": "[/aws/lambda/orders]",
		"telemetry.sdk.name": "lambdakit", "telemetry.sdk.language": "go",
	} {
		if got[key] != want {
			t.Errorf("%s: got %q, want %q", key, got[key], want)
		}
	}
	if r.len() > 0 {
		t.Errorf("got the reports %s, want none", r)
	}
}

func TestSettings_ServiceName(t *testing.T) {
	for _, c := range []struct {
		option, resource string
		variables        []string
		want             string
	}{
		{"option", "resource", []string{"OTEL_SERVICE_NAME", "otel"}, "option"},
		{"", "resource", []string{"OTEL_SERVICE_NAME", "otel"}, "resource"},
		{"", "", []string{"OTEL_SERVICE_NAME", "otel", "POWERTOOLS_SERVICE_NAME", "powertools"}, "otel"},
		{"", "", []string{"POWERTOOLS_SERVICE_NAME", "powertools", "OTEL_RESOURCE_ATTRIBUTES", "service.name=attributes"}, "powertools"},
		{"", "", []string{"OTEL_RESOURCE_ATTRIBUTES", "service.name=attributes"}, "attributes"},
		{"", "", nil, "orders"},
	} {
		t.Run(c.want, func(t *testing.T) {
			set(t, c.variables...)
			b, o := otlptest.Listen(t), new(otlp.Options)
			o.Endpoint = b.URL
			if c.resource != "" {
				o.Resource = []attribute.KeyValue{attribute.String("service.name", c.resource)}
			}
			invoke(t.Context(), tracing.New(&tracing.Options{Service: c.option, Exporter: otlp.New(o)}), header+"1", `{}`, nil)
			if got := b.Spans()[0].Resource["service.name"]; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestSettings_WrongVariablesAreReportedAndIgnored(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_RESOURCE_ATTRIBUTES": "a", "OTEL_EXPORTER_OTLP_TIMEOUT": "1s", "OTEL_EXPORTER_OTLP_COMPRESSION": "zip", "OTEL_TRACES_EXPORTER": "zipkin",
		"OTEL_SDK_DISABLED": "perhaps", "OTEL_SPAN_EVENT_COUNT_LIMIT": "-1", "OTEL_SPAN_LINK_COUNT_LIMIT": "1000", "OTEL_TRACES_SAMPLER": "jaeger_remote",
		"OTEL_PROPAGATORS": "b3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, _, r := send(t, otlp.Options{}); r.len() != 1 || !strings.Contains(r.String(), name) {
				t.Errorf("got the reports %s, want one about %s", r, name)
			}
		})
	}
}

func TestSettings_Limits(t *testing.T) {
	set(t, "OTEL_ATTRIBUTE_COUNT_LIMIT", "1", "OTEL_SPAN_EVENT_COUNT_LIMIT", "1", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2")
	b := otlptest.Listen(t)
	invoke(t.Context(), provider(b, nil, new(reports)), header+"1", `{}`, func(ctx context.Context) {
		_, sp := tracing.Start(ctx, "step", trace.WithAttributes(attribute.String("a", "xyz"), attribute.String("b", "c")))
		sp.AddEvent("old")
		sp.AddEvent("new")
		sp.End()
	})
	if s := b.Span("step"); len(s.Attributes) != 1 || s.Attributes["a"] != "xy" || len(s.Events) != 1 || s.Events[0] != "new" {
		t.Errorf("got %+v, want one short attribute and the newer event", s)
	}
}

func TestSettings_Timeout(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "300")
	synctest.Test(t, func(t *testing.T) {
		p := provider(otlptest.New(t), &otlp.Options{Endpoint: "http://a.example", Client: &http.Client{Transport: hanging{}}}, new(reports))
		if d := took(t, p); d != 600*time.Millisecond {
			t.Errorf("got an invocation of %v, want two requests of 300 ms", d)
		}
	})
}
