package metrics_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// TestMain clears the environment variables that package metrics reads.
func TestMain(m *testing.M) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_LAMBDA_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// run runs fn in an invocation and returns its documents and reports.
func run(t testing.TB, o metrics.Options, fn func(ctx context.Context, m *metrics.Meter) error) ([]*emftest.Document, []string) {
	t.Helper()
	var reported []string
	if o.OnError == nil {
		o.OnError = func(err error) { reported = append(reported, err.Error()) }
	}
	if o.Namespace == "" {
		o.Namespace = "Shop"
	}
	m := metrics.New(&o)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error { return fn(ctx, m) }, m.Middleware), `{}`)
	return emftest.Decode(t, res.Output), reported
}
