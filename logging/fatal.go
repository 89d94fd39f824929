package logging

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"
)

// After slog.SetDefault the lines of the standard log package have the level INFO. slog drops them
// if the Handler's level is above INFO. The line of log.Fatal is the last one of the process, and
// often the only one that says why it ends, so it is written in any case, at FATAL.

// ofLogFatal reports whether its caller's caller is slog, called by log.Fatal. It is called only
// for lines below the level and without a context, because reading the stack takes time.
func ofLogFatal() bool {
	var pcs [8]uintptr
	n := runtime.Callers(3, pcs[:1])
	if n == 0 {
		return false
	}
	if f := runtime.FuncForPC(pcs[0]); f == nil || f.Name() != "log/slog.(*handlerWriter).Write" {
		return false
	}
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "log.Fatal") || strings.HasPrefix(f.Function, "log.(*Logger).Fatal") {
			return true
		}
	}
	return false
}

// Fatal writes one line at FATAL and exits with status 1. Use it for errors in main before
// lambda.Start, when no invocation can return them. The arguments follow the rules of slog.
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
