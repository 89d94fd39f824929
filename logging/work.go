package logging

import (
	"context"
	"log/slog"
)

// ReportWork implements lambdakit.WorkReporter. It writes a line about work after the response that
// failed, after the end of the invocation.
func (sc *scope) ReportWork(ctx context.Context, name string, err error) {
	_, with := lookup(ctx)
	sc.writeOwn(ctx, with, slog.LevelError, "work after the response failed", slog.String("work", name), slog.Any("error", err))
}
