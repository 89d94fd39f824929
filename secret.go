package lambdakit

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that fmt, log/slog and encoding/json print as [redacted], even inside other
// values. [Secret.Reveal] returns the text. The zero Secret is an empty text.
type Secret struct {
	text *string // a pointer: fmt prints an address if it cannot call the methods
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

// String returns [redacted].
func (Secret) String() string { return redacted }

// Format writes [redacted] for every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns [redacted].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns [redacted]. encoding/json calls it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText stores text unchanged.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
