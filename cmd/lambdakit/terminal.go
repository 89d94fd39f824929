package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Colour codes, as the terminal knows them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	grey   = "90"
	bold   = "1"
)

// text is output for the terminal under construction. Its methods escape control characters: a
// function's output, names, log lines and responses cannot steer the terminal. The only escape
// sequences in a text are the colours of paint.
type text struct {
	b       strings.Builder
	colours bool
	width   int // columns, 0 if unknown
}

// add adds text that may have several lines.
func (t *text) add(s string) { t.b.WriteString(escape(s, "\n\t")) }

// addf is add with a format.
func (t *text) addf(format string, args ...any) { t.add(fmt.Sprintf(format, args...)) }

// paint adds text in a colour, none if code is empty.
func (t *text) paint(code, s string) {
	if !t.colours || s == "" || code == "" {
		t.add(s)
		return
	}
	t.b.WriteString("\x1b[" + code + "m")
	t.add(s)
	t.b.WriteString("\x1b[0m")
}

func (t *text) String() string { return t.b.String() }

// oneLine returns s without line ends and tabs, which are escaped as well.
func oneLine(s string) string { return escape(s, "") }

// escape returns s with escapes, such as \x1b, in place of the characters that steer a terminal
// or change the order of others, and of bytes that are not UTF-8. Those in keep stay.
func escape(s, keep string) string {
	i := 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if steers(r, n) && !strings.ContainsRune(keep, r) {
			break
		}
		i += n
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !steers(r, n) || strings.ContainsRune(keep, r):
			b.WriteString(s[i : i+n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// steers reports whether a terminal may act on the rune of n bytes: C0 and C1 controls,
// characters that change the order of others or are invisible, and bytes that are not UTF-8.
// The joiners of scripts and emoji stay.
func steers(r rune, n int) bool {
	if ' ' <= r && r <= '~' {
		return false
	}
	return r == utf8.RuneError && n == 1 ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !unicode.Is(unicode.Join_Control, r)
}

// hasColours reports whether w is a terminal that wants colours.
func hasColours(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

// isTerminal reports whether a reader or a writer is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
