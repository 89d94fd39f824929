package backend_test

import (
	"context"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/benchmarks/internal/backend"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
)

// TestMain is also the function that is measured: each invocation sends one request to the backend.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	lambda.Start(func(context.Context) error {
		r, err := http.Post(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")+"/v1/traces", "application/x-protobuf", nil)
		if err != nil {
			return err
		}
		return r.Body.Close()
	})
}

func TestMeasure_ValuesForEachInvocation(t *testing.T) {
	t.Parallel()
	of := func(name string) coldstart.Binary {
		return coldstart.Binary{Function: coldstart.Function{Name: name}, Path: os.Args[0]}
	}
	all, err := backend.Measure(t.Context(), []coldstart.Binary{of(coldstart.Bare), of("otlp")}, backend.Options{Starts: 2, Invocations: 3})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		got = append(got, m.Name+" "+m.Kind.Name)
		first, others := 0, 0 // without starts
		if m.Kind.Name == backend.Immediate.Name {
			first, others = 2, 4
		}
		if len(m.FirstResponse) != first || len(m.FirstWhole) != first || len(m.Response) != others || len(m.Whole) != others {
			t.Errorf("%s %s: got %d, %d, %d, %d values, want %d first ones and %d others", m.Name, m.Kind.Name,
				len(m.FirstResponse), len(m.FirstWhole), len(m.Response), len(m.Whole), first, others)
		}
		for i, whole := range m.Whole {
			if m.Response[i] <= 0 || whole < m.Response[i] {
				t.Errorf("%s: got a response after %v ns of %v ns", m.Name, m.Response[i], whole)
			}
		}
		if m.TimedOut {
			t.Errorf("%s %s: got a timeout", m.Name, m.Kind.Name)
		}
	}
	want := []string{"bare immediate", "otlp immediate", "otlp slow", "otlp hanging"}
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}
