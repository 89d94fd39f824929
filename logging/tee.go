package logging

import (
	"context"
	"log/slog"
)

// Options.Tee belongs to the user. Its panics are reported once and go no further: a log line
// must not take the function down.

func (h *Handler) teeEnabled(ctx context.Context, level slog.Level) bool {
	defer h.common.containTee()
	return h.tee.Enabled(ctx, level)
}

// teeHandle passes r on if Tee is enabled for it, and returns the error of Tee.
func (h *Handler) teeHandle(ctx context.Context, r slog.Record) error {
	if h.tee == nil {
		return nil
	}
	defer h.common.containTee()
	if !h.tee.Enabled(ctx, r.Level) {
		return nil
	}
	return h.tee.Handle(ctx, r)
}

// teeWith returns the handler that with derives from Tee, or Tee if with panics.
func (h *Handler) teeWith(with func() slog.Handler) (tee slog.Handler) {
	tee = h.tee
	defer h.common.containTee()
	return with()
}

func (c *common) containTee() {
	if v := recover(); v != nil {
		c.configError("Tee panicked: %v", v)
	}
}
