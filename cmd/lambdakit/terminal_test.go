package main

import (
	"os"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "",
		"plain é 名前 👩‍👩‍👧 ~":         "plain é 名前 👩‍👩‍👧 ~",
		"two\nlines\tand a tab":      "two\nlines\tand a tab",
		"\x1b[31mred\x1b[0m":         `\x1b[31mred\x1b[0m`,
		"\x1b]52;c;aGk=\x07":         `\x1b]52;c;aGk=\x07`,
		"over\rwritten\b\b":          `over\rwritten\x08\x08`,
		"\x00\x7f":                   `\x00\x7f`,
		"\u0080\u009b31m\u009f":      `\u0080\u009b31m\u009f`,
		"\u202eevil\u2066\u200f":     `\u202eevil\u2066\u200f`,
		"\u2028\u2029\ufeff\u200b":   `\u2028\u2029\ufeff\u200b`,
		"\U000e0041":                 `\U000e0041`,
		"\x9b31m\xff":                `\x9b31m\xff`,
		"a replacement \uFFFD stays": "a replacement \uFFFD stays",
	} {
		if got := escape(in, "\n\t"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestOneLine_HasNoLineEndsAndTabs(t *testing.T) {
	t.Parallel()
	if got, want := oneLine("a\nb\tc\x1b"), `a\nb\tc\x1b`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestText_OnlyItsColoursAreEscapeSequences(t *testing.T) {
	t.Parallel()
	txt := &text{colours: true}
	txt.add("a\x1b[0m")
	txt.addf("%s", "\x1bc")
	txt.paint(red, "b\x1b[32m")
	txt.paint("", "c\x1b")
	txt.paint(red, "")
	if got, want := txt.String(), `a\x1b[0m\x1bc`+"\x1b[31m"+`b\x1b[32m`+"\x1b[0m"+`c\x1b`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	plain := new(text)
	plain.paint(red, "b")
	if got := plain.String(); got != "b" {
		t.Errorf("without colours: got %q, want b", got)
	}
}

func TestColours_OnlyForATerminal(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if hasColours(file) || hasColours(new(strings.Builder)) {
		t.Error("a file and a buffer get colours")
	}
}

// FuzzEscape checks that nothing is left that steers a terminal.
func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[31m\u009b\xff\u202e\n")
	f.Fuzz(func(t *testing.T, s string) {
		for i, r := range escape(s, "") {
			if r < ' ' || 0x7f <= r && r <= 0x9f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
				t.Fatalf("%q has %U at %d", escape(s, ""), r, i)
			}
		}
	})
}
