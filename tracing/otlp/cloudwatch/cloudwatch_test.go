package cloudwatch_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
	"github.com/lambdakit/lambdakit/tracing/otlp/cloudwatch"
)

const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled="

// inLambda sets the variables of a function.
func inLambda(t *testing.T, region string) {
	for name, value := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_REGION": region, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_SESSION_TOKEN": "TOKEN",
		"OTEL_PROPAGATORS": "", "OTEL_TRACES_SAMPLER": "always_off",
	} {
		t.Setenv(name, value)
	}
}

// backend is CloudWatch's endpoint.
type backend struct {
	*otlptest.Backend
	url string
}

func (b *backend) RoundTrip(req *http.Request) (*http.Response, error) {
	b.url = req.URL.String()
	return b.Backend.RoundTrip(req)
}

// invoke makes an invocation and returns the endpoint and the reports.
func invoke(t *testing.T, o *otlp.Options, sampled string) (b *backend, reports string) {
	b = &backend{Backend: otlptest.New(t)}
	o.Client = &http.Client{Transport: b}
	p := tracing.New(&tracing.Options{Exporter: otlp.New(cloudwatch.Options(o)), OnError: func(err error) { reports += err.Error() }})
	ctx := traceheader.NewContext(t.Context(), header+sampled)
	lambdakit.WrapFunc(func(ctx context.Context) { tracing.Annotate(ctx, "order.id", "o-1") }, p.Middleware).Invoke(ctx, []byte(`{}`))
	return b, reports
}

func TestOptions_SpansOfXRaysTrace(t *testing.T) {
	inLambda(t, "eu-west-1")
	b, reports := invoke(t, new(otlp.Options), "1")
	if b.url != "https://xray.eu-west-1.amazonaws.com/v1/traces" || reports != "" {
		t.Errorf("got the URL %s and the reports %s, want the endpoint of the region", b.url, reports)
	}
	h := b.Requests()[0].Header
	if got := h.Get("Authorization"); !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=AKID/") || !strings.Contains(got, "/eu-west-1/xray/aws4_request") || h.Get("X-Amz-Security-Token") != "TOKEN" {
		t.Errorf("got %v, want a signature for xray", h)
	}
	s := b.Spans()[0]
	if s.Parent != "557abcec3ee5a047" || s.TraceID != "5759e988bd862e3fe1be46a994272793" || len(s.Links) != 0 {
		t.Errorf("got %+v, want a span below Lambda's segment", s)
	}
	if got := s.Attributes["aws.xray.annotations"]; got != "[ColdStart order_id]" || s.Attributes["order_id"] != "o-1" {
		t.Errorf("got the annotations %s in %v, want ColdStart and order_id", got, s.Attributes)
	}
}

func TestOptions_XRayDecides(t *testing.T) {
	inLambda(t, "eu-west-1")
	if b, _ := invoke(t, new(otlp.Options), "0"); len(b.Requests()) != 0 {
		t.Errorf("got %d requests, want none", len(b.Requests()))
	}
}

func TestOptions_Endpoints(t *testing.T) {
	for region, want := range map[string]string{
		"cn-north-1": "https://xray.cn-north-1.amazonaws.com.cn/v1/traces",
		"us-east-1":  "https://xray.us-east-1.amazonaws.com/v1/traces",
	} {
		t.Run(region, func(t *testing.T) {
			inLambda(t, region)
			if b, _ := invoke(t, new(otlp.Options), "1"); b.url != want {
				t.Errorf("got %s, want %s", b.url, want)
			}
		})
	}
	inLambda(t, "eu-west-1")
	const own = "https://vpce-1.xray.eu-west-1.vpce.amazonaws.com"
	if b, _ := invoke(t, &otlp.Options{Endpoint: own}, "1"); b.url != own+"/v1/traces" || b.Spans()[0].Parent == "" {
		t.Errorf("got %s, want the VPC endpoint, as X-Ray", b.url)
	}
}

func TestOptions_WithoutCredentials(t *testing.T) {
	inLambda(t, "eu-west-1")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if b, reports := invoke(t, new(otlp.Options), "1"); len(b.Requests()) != 0 || !strings.Contains(reports, "AWS_SECRET_ACCESS_KEY") {
		t.Errorf("got %d requests and the reports %s, want none and a report", len(b.Requests()), reports)
	}
}
