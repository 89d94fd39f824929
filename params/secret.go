package params

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that prints as [redacted] through fmt, log/slog and encoding/json.
type Secret struct {
	text *string // fmt shows where it points to, where it sees no methods
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter, for all verbs.
func (Secret) Format(f fmt.State, _ rune) { f.Write([]byte(redacted)) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, for JSON and others.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

func (v Value) shown() string {
	if v.Secret {
		return redacted
	}
	return v.Text
}

// String implements fmt.Stringer.
func (v Value) String() string { return v.shown() }

// Format implements fmt.Formatter, for all verbs.
func (v Value) Format(f fmt.State, _ rune) { f.Write([]byte(v.shown())) }

// LogValue implements slog.LogValuer.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.shown()) }

// MarshalText implements encoding.TextMarshaler, for JSON and others.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.shown()), nil }
