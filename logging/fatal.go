package logging

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"time"
)

// Fatal writes one line at FATAL and exits with status 1. It is for what goes wrong
// in main before lambda.Start: there is no invocation yet whose error could say it.
//
//	cfg, err := load()
//	if err != nil {
//		logs.Fatal("load the configuration", "error", err)
//	}
func (h *Handler) Fatal(message string, args ...any) {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	r := slog.NewRecord(time.Now(), LevelFatal, message, pcs[0])
	r.Add(args...)
	ctx := context.Background()
	if h.Enabled(ctx, LevelFatal) {
		h.Handle(ctx, r)
	}
	os.Exit(1)
}
