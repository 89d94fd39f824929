package logging

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/lambdakit/lambdakit"
)

// maxGoroutines bounds the time that writing all stacks takes: runtime.Stack stops every
// goroutine of the process meanwhile, for about 15 microseconds a goroutine on a whole CPU.
const maxGoroutines = 128

// NearDeadline implements lambdakit.DeadlineNotifier. It writes only lines that are quick to make.
func (sc *scope) NearDeadline(ctx context.Context, inv *lambdakit.Invocation) {
	sc.release() // the lines that are held may have no later chance
	if !sc.writesFailures.Load() {
		return
	}
	if inv.ShuttingDown() {
		sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelError, "the execution environment is shutting down before the invocation is done")
		return
	}
	var attrs []slog.Attr
	if deadline, ok := inv.Deadline(); ok {
		attrs = append(attrs, slog.Int64("remaining_ms", time.Until(deadline).Milliseconds()))
	}
	attrs = append(attrs, slog.Int("goroutine_count", runtime.NumGoroutine()))
	sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelError, "invocation is about to time out", attrs...)
}

// release writes what is held back, and holds no further line back.
func (sc *scope) release() {
	sc.mu.Lock()
	fields := []*contextFields{sc.with}
	for r := range sc.records {
		fields = append(fields, r.fields.Load())
	}
	sc.mu.Unlock()
	for _, with := range fields {
		sc.held(with).phase.CompareAndSwap(phaseHolding, phaseReleasing)
		sc.flushForFailure(with)
	}
}

// NearDeadlineLate implements lambdakit.LateDeadlineNotifier. It stops the goroutines only after
// the metrics and spans of the invocation have been written.
func (sc *scope) NearDeadlineLate(ctx context.Context, inv *lambdakit.Invocation) {
	n := sc.common.maxStackBytes
	if n <= 0 || !sc.writesFailures.Load() || inv.ShuttingDown() || runtime.NumGoroutine() > maxGoroutines || !sc.common.root.Enabled(ctx, slog.LevelError) {
		return
	}
	stack := make([]byte, n)
	stack = stack[:runtime.Stack(stack, true)]
	sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelError, "goroutines of the invocation that is about to time out", slog.String("goroutines", string(stack)))
}
