// Package cloudwatch sends spans to the OTLP endpoint of CloudWatch, which is X-Ray. It signs requests
// with the credentials of the function's role, and needs no AWS SDK.
//
//	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(cloudwatch.Options(nil))})
//
// The endpoint takes spans only if Transaction Search is switched on in CloudWatch. Otherwise it
// refuses them with the status 400. The role of the function needs the managed policy
// AWSXrayWriteOnlyPolicy.
//
// Compared with the X-Ray daemon, the default of package tracing, spans keep all of their
// OpenTelemetry fields, and larger spans arrive as a whole. On the other hand, spans arrive only after
// the end of the invocation, and each invocation costs a request.
//
// The parent of the handler span is Lambda's segment. X-Ray decides which traces are recorded.
package cloudwatch

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/tracing/internal/sigv4"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// Options returns options for otlp.New: a copy of o with the endpoint of the function's region
// (AWS_REGION), and with a signature of each request. If o has an endpoint, such as a VPC endpoint of
// X-Ray, it stays. A nil o means the defaults.
func Options(o *otlp.Options) *otlp.Options {
	out := new(otlp.Options)
	if o != nil {
		*out = *o
	}
	region := os.Getenv("AWS_REGION")
	if out.Endpoint == "" {
		out.Endpoint = "https://xray." + region + ".amazonaws.com"
		if strings.HasPrefix(region, "cn-") {
			out.Endpoint += ".cn"
		}
	}
	out.Sign = func(req *http.Request, body []byte) error { return sign(req, body, region) }
	return out
}

// sign signs a request with the credentials that Lambda sets.
func sign(req *http.Request, body []byte, region string) error {
	c := sigv4.Credentials{KeyID: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")}
	switch {
	case region == "":
		return errors.New("AWS_REGION is not set")
	case c.KeyID == "" || c.Secret == "":
		return errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set")
	}
	sigv4.Sign(req, body, c, "xray", region, time.Now())
	return nil
}
