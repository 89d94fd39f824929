package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/tracing"
)

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"

// invokedAs returns the context of an invocation with an ARN and a function version, and the
// documents that the invocation sends.
func invokedAs(arn, version string) (context.Context, *bytes.Buffer) {
	documents := new(bytes.Buffer)
	ctx := execenv.NewContext(lambdaContext(sampled), &execenv.Environment{FunctionName: "orders", FunctionVersion: version, Traces: documents})
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1", InvokedFunctionArn: arn}), documents
}

// The function of a segment is described as far as its ARN allows.
func TestPassThrough_DescribesTheFunction(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	for arn, want := range map[string]string{
		functionARN: functionARN + " 123456789012 eu-west-1", "orders": "orders <nil> eu-central-1", "a:b:c:d": "a:b:c:d <nil> eu-central-1", "": "<nil> <nil> eu-central-1",
	} {
		ctx, documents := invokedAs(arn, "7")
		lambdakit.WrapFunc(func() {}, tracing.New(&tracing.Options{PassThrough: true}).Middleware).Invoke(ctx, nil)
		d := xraytest.Decode(t, bytes.TrimSpace(documents.Bytes()))
		if got := fmt.Sprint(d.In("resource_arn"), " ", d.In("aws", "account_id"), " ", d.In("aws", "region")); got != want {
			t.Errorf("%q: got the ARN, the account and the region %s, want %s, in %s", arn, got, want, d.JSON)
		}
	}
}

func TestResourceID_HasNoAlias(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arn, version, want string }{
		"alias":                 {functionARN + ":live", "7", functionARN + ":7"},
		"alias of $LATEST":      {functionARN + ":live", "$LATEST", functionARN + ":$LATEST"},
		"alias with a digit":    {functionARN + ":v2", "7", functionARN + ":7"},
		"alias, version hidden": {functionARN + ":live", "", functionARN},
		"version":               {functionARN + ":7", "7", functionARN + ":7"},
		"$LATEST":               {functionARN + ":$LATEST", "$LATEST", functionARN + ":$LATEST"},
		"version, hidden":       {functionARN + ":7", "", functionARN + ":7"},
		"$LATEST, hidden":       {functionARN + ":$LATEST", "", functionARN + ":$LATEST"},
		"no qualifier":          {functionARN, "7", functionARN},
		"not an ARN":            {"orders:live", "7", "orders:live"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := func(context.Context, json.RawMessage) (any, error) { return nil, nil }

			ctx, documents := invokedAs(c.arn, c.version)
			lambdakit.Wrap(handler, tracing.New(nil).Middleware).Invoke(ctx, []byte(`{}`))
			d := xraytest.Decode(t, bytes.TrimSpace(documents.Bytes()))
			if got := d.In("metadata", "default", "cloud.resource_id"); got != c.want {
				t.Errorf("document: got %v, want %s", got, c.want)
			}

			provider, exporter := sdk(t)
			lambdakit.Wrap(handler, tracing.New(&tracing.Options{TracerProvider: provider}).Middleware).Invoke(ctx, []byte(`{}`))
			a := attributes(exporter.GetSpans()[0])
			if got := a["cloud.resource_id"]; got != c.want {
				t.Errorf("OpenTelemetry: got %s, want %s", got, c.want)
			}
			if got := a["aws.lambda.invoked_arn"]; got != c.arn {
				t.Errorf("invoked ARN: got %s, want %s", got, c.arn)
			}
		})
	}
}
