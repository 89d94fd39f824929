package logging

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
)

// pretty indents a line for a developer's eyes, and colours its level.
func pretty(line []byte, level slog.Level, colour bool) []byte {
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSuffix(line, []byte("\n")), "", "    ") != nil {
		return line
	}
	out.WriteByte('\n')
	if !colour {
		return out.Bytes()
	}
	code := "\x1b[32m" // green
	switch {
	case level >= slog.LevelError:
		code = "\x1b[31m"
	case level >= slog.LevelWarn:
		code = "\x1b[33m"
	case level < slog.LevelInfo:
		code = "\x1b[90m"
	}
	name := []byte(`"` + levelName(level) + `"`)
	return bytes.Replace(out.Bytes(), name, []byte(code+string(name)+"\x1b[0m"), 1)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
