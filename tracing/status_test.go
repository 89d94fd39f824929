package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// The spans of another provider go to its own exporter, which cleans nothing.
func TestStatus_OfAnotherProviderHasNoCredentials(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://user:hunter2@example.com/?api_key=hunter2", Err: errors.New("refused")}
	for name, fail := range map[string]func() error{
		"error":         func() error { return cause },
		"wrapped error": func() error { return fmt.Errorf("charge: %w", cause) },
		"error as text": func() error { return fmt.Errorf("charge: %v", cause) },
		"joined errors": func() error { return errors.Join(errors.New("first"), cause) },
		"panic":         func() error { panic(cause) },
		"panic of text": func() error { panic(fmt.Sprint("no answer: ", cause)) },
	} {
		provider, exporter := sdk(t)
		h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			return nil, tracing.Run(ctx, "step", func(context.Context) error { return fail() })
		}, tracing.New(&tracing.Options{TracerProvider: provider}).Middleware), &lambdatest.Options{TraceHeader: sampled})
		h.Invoke(`{}`)
		spans := exporter.GetSpans()
		if len(spans) != 2 {
			t.Fatalf("%s: got %d spans, want 2", name, len(spans))
		}
		for _, s := range spans {
			text := fmt.Sprint(s.Status.Description, s.Events)
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s: the span %s has the credentials: %s", name, s.Name, text)
			}
		}
	}
}
