package tracing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/tracing"
)

func TestMetadata_LargeValuesFillTheDocument(t *testing.T) {
	t.Parallel()
	var reports []string
	o := &tracing.Options{OnError: func(err error) { reports = append(reports, err.Error()) }, Name: "h"}
	res := invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		for i := range 22 {
			tracing.AddMetadata(ctx, fmt.Sprint(i), map[string]string{"a": strings.Repeat("x", 3_000)})
		}
		return nil, nil
	})
	whole := 0
	for _, v := range res.Segments[0].Metadata["default"] {
		if _, ok := v.(map[string]any); ok {
			whole++
		}
	}
	if whole != 21 {
		t.Errorf("got %d of 22 values as they are, want 21", whole)
	}
	if want := `tracing: values of the span "h" are cut: a document has at most 65477 bytes`; len(reports) != 1 || reports[0] != want {
		t.Errorf("got reports %q, want %q", reports, want)
	}
}

func TestCaptureResponse_OfSixtyKilobytes(t *testing.T) {
	t.Parallel()
	on := true
	capture := func(bytes int) (any, []string) {
		var reports []string
		o := &tracing.Options{CaptureResponse: &on, MaxResponseBytes: 1 << 20, Name: "h", OnError: func(err error) { reports = append(reports, err.Error()) }}
		res := invoke(t, o, sampled, func(context.Context, json.RawMessage) (any, error) { return []string{strings.Repeat("x", bytes)}, nil })
		return res.Segments[0].Metadata["default"]["h response"], reports
	}
	if got, reports := capture(60_000); fmt.Sprintf("%T", got) != "[]interface {}" || len(reports) != 0 {
		t.Errorf("got a %T and reports %q, want the response", got, reports)
	}
	if got, reports := capture(500_000); len(fmt.Sprint(got)) < 60_000 || len(reports) != 1 {
		t.Errorf("got %d bytes and reports %q, want the first 60,000 and a report", len(fmt.Sprint(got)), reports)
	}
}
