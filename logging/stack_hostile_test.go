package logging_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/logging"
)

// nilStack is an error whose method for its stack panics when it is nil, and whose cause
// is one, too.
type nilStack struct{ pcs []uintptr }

func (*nilStack) Error() string        { return "nil stack" }
func (e *nilStack) Callers() []uintptr { return e.pcs[:1] }

func TestErrorWhoseStackPanics(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	slog.New(logging.New(&logging.Options{Writer: &b})).Error("failed", "error", (*nilStack)(nil), "order", "o-1")
	if line := b.String(); !strings.Contains(line, `"message":"nil stack"`) || !strings.Contains(line, `"order":"o-1"`) {
		t.Errorf("%s", line)
	}
}
