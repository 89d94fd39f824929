package logging

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
)

// Lambda filters by the levels of slog and by these two. A level between two names is written as
// the lower one, because Lambda treats unknown names as INFO.
const (
	LevelTrace = slog.Level(-8)
	LevelFatal = slog.Level(12)
)

// levelSilent is above every level: no line is written.
const levelSilent = slog.Level(math.MaxInt32)

// ParseLevel returns the level named TRACE, DEBUG, INFO, WARN, ERROR or FATAL. It also accepts
// WARNING, CRITICAL and SILENT, which other toolkits use. Upper and lower case are the same,
// and white space around the name is left out.
func ParseLevel(name string) (slog.Level, error) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "TRACE":
		return LevelTrace, nil
	case "DEBUG":
		return slog.LevelDebug, nil
	case "INFO":
		return slog.LevelInfo, nil
	case "WARN", "WARNING":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	case "FATAL", "CRITICAL":
		return LevelFatal, nil
	case "SILENT":
		return levelSilent, nil
	}
	return 0, fmt.Errorf("logging: level %q is none of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, SILENT", name)
}

// levelFloor returns the level by whose name l is written.
func levelFloor(l slog.Level) slog.Level {
	const step = 4 // between the levels of slog
	switch {
	case l < slog.LevelDebug:
		return LevelTrace
	case l >= LevelFatal:
		return LevelFatal
	}
	return (l-slog.LevelDebug)/step*step + slog.LevelDebug
}

// levelName returns the name under which Lambda filters l.
func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelDebug:
		return "TRACE"
	case l < slog.LevelInfo:
		return "DEBUG"
	case l < slog.LevelWarn:
		return "INFO"
	case l < slog.LevelError:
		return "WARN"
	case l < LevelFatal:
		return "ERROR"
	case l < levelSilent:
		return "FATAL"
	}
	return "SILENT"
}
