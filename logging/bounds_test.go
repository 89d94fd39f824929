package logging_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/logging"
)

// At most 4,096 attributes of a line are encoded, with those in groups. Then a note says so.
func TestAttributes_TheirNumberOnALine(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{4096: 0, 4097: 1} {
		var groups []any
		total := 0
		for i := 0; total < n; i++ {
			var members []any
			total++ // the group itself
			for range min(900, n-total) {
				members = append(members, slog.Int(fmt.Sprint("k", total), 1))
				total++
			}
			groups = append(groups, slog.Group(fmt.Sprint("g", i), members...))
		}
		l, b := logger(t, logging.Options{MaxLineBytes: 1 << 20})
		l.Info("m", groups...)
		if got := strings.Count(b.String(), `"!ERROR":"too many attributes; the rest is left out"`); got != want {
			t.Errorf("%d attributes: got %d notes, want %d", n, got, want)
		}
		if got := strings.Count(b.String(), `":1`); n == 4096 && got != 4096-len(groups) {
			t.Errorf("got %d attributes, want %d", got, 4096-len(groups))
		}
	}
}

// An object has at most 1,024 members, and a note takes the place of one more.
func TestAttributes_TheirNumberInAnObject(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1024: 1024, 1025: 1023} {
		for _, key := range []string{"k%d", "ключ%d"} { // the short way of plain names, and the long one
			var args []any
			for i := range n {
				args = append(args, fmt.Sprintf(key, i), 1)
			}
			log := map[string]func(l *slog.Logger){
				"call":  func(l *slog.Logger) { l.Info("m", args...) },
				"With":  func(l *slog.Logger) { l.With(args...).Info("m") },
				"group": func(l *slog.Logger) { l.Info("m", slog.Group("g", args...)) },
				"both":  func(l *slog.Logger) { l.With(args[:1000]...).Info("m", args[1000:]...) },
				"again": func(l *slog.Logger) { l.With(args...).Info("m", args[:20]...) },
			}
			for name, f := range log {
				if key != "k%d" && name != "call" {
					continue
				}
				l, b := logger(t, logging.Options{MaxLineBytes: 1 << 20})
				f(l)
				members, notes := strings.Count(b.String(), `":1`), strings.Count(b.String(), `"!ERROR":"too many attributes`)
				if members < want || members > want+1 || notes != min(1, max(0, n-1024)) || n == 1024 && members != want {
					t.Errorf("%d attributes of a %s: got %d and %d notes, want %d", n, name, members, notes, want)
				}
			}
		}
	}
}

// Groups are nested 32 deep at most, with those without a name.
func TestAttributes_TheirDepth(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]bool{32: false, 33: true} {
		for _, name := range []string{"g", ""} {
			a := slog.Int("leaf", 1)
			for range depth {
				a = slog.Group(name, a)
			}
			l, b := logger(t, logging.Options{})
			l.Info("m", a, slog.Group("after", "a", 1))
			if got := strings.Contains(b.String(), `"!ERROR":"groups are nested too deep"`); got != want || strings.Contains(b.String(), "leaf") == want {
				t.Errorf("%d groups named %q: got a note %v in %s, want %v", depth, name, got, b, want)
			}
			wantFields(t, lines(t, b.Bytes())[0], "after", "map[a:1]")
		}
	}
}
