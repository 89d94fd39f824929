package logging

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
)

// The levels that Lambda filters on are those of slog and two more. A level in
// between is written as the next lower one: Lambda takes a name that it does not
// know for INFO.
const (
	LevelTrace = slog.Level(-8)
	LevelFatal = slog.Level(12)
)

// levelSilent is above every level: nothing is written.
const levelSilent = slog.Level(math.MaxInt32)

// ParseLevel reads TRACE, DEBUG, INFO, WARN, ERROR, FATAL, and the names WARNING,
// CRITICAL and SILENT of other toolkits, in any case.
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

// levelFloor returns the level whose name l is written under.
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
