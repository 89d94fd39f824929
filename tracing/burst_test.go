//go:build unix

package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/tracing"
)

// stalled is a daemon that does not read before the test asks for the documents.
func stalled(t *testing.T) (address string, take func() []xraytest.Document) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<16)
	return conn.LocalAddr().String(), func() (documents []xraytest.Document) {
		for {
			n := 0
			raw.Read(func(fd uintptr) bool {
				n, err = syscall.Read(int(fd), buf)
				return true
			})
			if errors.Is(err, syscall.EAGAIN) {
				return documents
			}
			_, text, _ := bytes.Cut(buf[:n], []byte("\n"))
			documents = append(documents, xraytest.Decode(t, bytes.Clone(text)))
		}
	}
}

// burst runs a handler that creates n spans without a pause. It returns the duration and the
// reports.
func burst(t *testing.T, address string, n int, work func(context.Context, trace.Span)) (took time.Duration, reports []string) {
	synctest.Test(t, func(*testing.T) {
		tracer := tracing.New(&tracing.Options{DaemonAddress: address, Name: "handler", OnError: func(err error) { reports = append(reports, err.Error()) }})
		h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			for range n {
				ctx, sp := tracing.Start(ctx, "work")
				work(ctx, sp)
			}
			return nil, nil
		}, tracer.Middleware)
		begin := time.Now()
		h.Invoke(lambdaContext(sampled), []byte(`{}`))
		took = time.Since(begin)
	})
	return took, reports
}

func end(_ context.Context, sp trace.Span) { sp.End() }

// Each span has its parent in the trace, however slow the daemon is.
func TestBurst_AStalledDaemonHasTheHandlerSpan(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	took, _ := burst(t, address, 2000, end)
	documents := take()
	found := 0
	for _, d := range documents {
		if d.At("name") == "handler" {
			found++
		}
	}
	if found == 0 {
		t.Errorf("got no handler span among %d spans", len(documents))
	}
	if most := 30 * time.Millisecond; took > most {
		t.Errorf("got an invocation of %v, want at most %v", took, most)
	}
}

func TestBurst_DropsAreReportedOnce(t *testing.T) {
	inLambda(t)
	address, _ := stalled(t)
	_, reports := burst(t, address, 2000, end)
	if len(reports) != 1 || !strings.Contains(reports[0], "dropped 1") || !strings.Contains(reports[0], "ended faster than the X-Ray daemon takes them") {
		t.Errorf("got reports %q, want one with the number of dropped spans", reports)
	}
}

func TestBurst_FewSpansDoNotWait(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	took, reports := burst(t, address, 70, end)
	if documents := take(); len(documents) != 71 || took != 0 || len(reports) != 0 {
		t.Errorf("got %d documents in %v and reports %q, want 71 without a wait", len(documents), took, reports)
	}
}

// However fast invocations follow each other, ordinary ones are not held back.
func TestBurst_InvocationsWithTenSpansDoNotWait(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	synctest.Test(t, func(*testing.T) {
		tracer := tracing.New(&tracing.Options{DaemonAddress: address, OnError: func(err error) { t.Error(err) }})
		h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			for range 10 {
				tracing.Run(ctx, "work", func(context.Context) error { return nil })
			}
			return nil, nil
		}, tracer.Middleware)
		begin := time.Now()
		for range 100 {
			h.Invoke(lambdaContext(sampled), []byte(`{}`))
			if got := len(take()); got != 11 {
				t.Fatalf("got %d documents, want 11", got)
			}
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("got 100 invocations in %v, want no wait", took)
		}
	})
}

// The handler span is sent although earlier spans used up the waiting time.
func TestBurst_TheHandlerSpanIsNeverDropped(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	n := 0
	burst(t, address, 2000, func(_ context.Context, sp trace.Span) {
		sp.End()
		if n++; n == 2000 {
			take()
		}
	})
	if documents := take(); len(documents) != 1 || documents[0].At("name") != "handler" || documents[0].At("in_progress") != nil {
		t.Errorf("got %d documents after the last span, want that of the handler", len(documents))
	}
}

func TestBurst_OpenSpansWaitSoLongAltogether(t *testing.T) {
	inLambda(t)
	address, _ := stalled(t)
	text := strings.Repeat("x", 3000)
	took, reports := burst(t, address, 900, func(_ context.Context, sp trace.Span) { sp.SetAttributes(attribute.String("a", text)) })
	if least, most := 20*time.Millisecond, 30*time.Millisecond; took < least || took > most || len(reports) != 1 {
		t.Errorf("got an invocation of %v and reports %q, want %v to %v and one", took, reports, least, most)
	}
}

// Spans that stay open are sent as in progress at the end, after the handler span.
func TestBurst_OpenSpansAreSentWithinTheirTime(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	took, reports := burst(t, address, 900, func(context.Context, trace.Span) {})
	documents := take()
	if documents[0].At("name") != "handler" || documents[0].At("in_progress") != nil || documents[1].At("in_progress") != true {
		t.Errorf("got %s and %s first, want the handler span and an open one", documents[0].JSON, documents[1].JSON)
	}
	if most := 30 * time.Millisecond; took > most || len(reports) != 0 {
		t.Errorf("got an invocation of %v and reports %q, want at most %v and none", took, reports, most)
	}
}

// A handler span that was sent early in a burst is sent again near the deadline, with later data.
func TestBurst_TheHandlerSpanIsShownAgain(t *testing.T) {
	inLambda(t)
	address, take := stalled(t)
	var shown []xraytest.Document
	synctest.Test(t, func(*testing.T) {
		tracer := tracing.New(&tracing.Options{DaemonAddress: address, Name: "handler"})
		h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			for range 120 {
				tracing.Run(ctx, "work", func(context.Context) error { return nil })
			}
			shown = append(shown, take()...)
			trace.SpanFromContext(ctx).SetAttributes(attribute.String("later", "x"))
			time.Sleep(25 * time.Second) // past the time at which open spans are sent
			shown = append(shown, take()...)
			return nil, nil
		}, tracer.Middleware)
		ctx, cancel := context.WithTimeout(lambdaContext(sampled), 25500*time.Millisecond)
		defer cancel()
		h.Invoke(ctx, []byte(`{}`))
	})
	var later []any
	for _, d := range shown {
		if d.At("name") == "handler" {
			later = append(later, d.At("in_progress"), d.At("metadata.default.later"))
		}
	}
	if len(later) != 4 || later[0] != true || later[1] != nil || later[2] != true || later[3] != "x" {
		t.Errorf("got %v, want two documents in progress, the second with the attribute", later)
	}
}
