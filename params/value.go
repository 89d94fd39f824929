package params

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// shown returns the text that fmt, log/slog and encoding/json print.
func (v Value) shown() string {
	if v.Secret {
		return redacted
	}
	return v.Text
}

// String implements fmt.Stringer.
func (v Value) String() string { return v.shown() }

// Format implements fmt.Formatter. It writes the same text for all verbs.
func (v Value) Format(f fmt.State, _ rune) { f.Write([]byte(v.shown())) }

// LogValue implements slog.LogValuer.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.shown()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.shown()), nil }
