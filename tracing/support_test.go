package tracing_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// validate checks the documents that an invocation sent.
func validate(t *testing.T, res *lambdatest.Result) {
	t.Helper()
	for _, s := range res.Segments {
		xraytest.Validate(t, s.JSON)
	}
}

// listen starts a daemon for Providers that are created later.
func listen(t *testing.T) *xraytest.Daemon {
	t.Helper()
	d := xraytest.Listen(t)
	inLambda(t)
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", d.Addr())
	return d
}
