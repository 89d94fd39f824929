package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// objectOf returns the members of a JSON object as texts, and their names in order.
func objectOf(t *testing.T, text []byte) (members map[string]string, names []string) {
	t.Helper()
	if !json.Valid(text) {
		t.Fatalf("got %.300s, want JSON", text)
	}
	members = map[string]string{}
	err := jsonscan.Members(text, func(key []byte, start, end int) bool {
		names = append(names, string(key))
		members[string(key)] = string(text[start:end])
		return true
	})
	if err != nil {
		t.Fatalf("got %.300s, %v, want an object", text, err)
	}
	return members, names
}

// What the line had room for is there: it is as long as it may be, and nothing is longer than it was.
func TestShorten_UsesTheWholeLine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		limit := 1000 + r.IntN(3000)
		line := []byte(`{"level":"ERROR","message":"` + strings.Repeat("m", 1+r.IntN(3*limit)) + `"`)
		n := 1 + r.IntN(6)
		for i := range n {
			line = fmt.Appendf(line, `,"k%d":"%s"`, i, strings.Repeat("x", 50+r.IntN(2*limit)))
		}
		if r.IntN(2) == 0 {
			line = fmt.Appendf(line, `,"error":{"message":"%s","type":"*fs.PathError"}`, strings.Repeat("e", 50+r.IntN(2*limit)))
		}
		line = append(line, "}\n"...)
		if len(line) <= limit {
			continue
		}
		got := shorten(line, limit)
		if len(got) > limit || !bytes.HasSuffix(got, []byte("\n")) {
			t.Fatalf("got %d bytes of at most %d: %.300s", len(got), limit, got)
		}
		before, names := objectOf(t, line[:len(line)-1])
		after, kept := objectOf(t, got[:len(got)-1])
		if after["\"log_bytes\""] != fmt.Sprint(len(line)) {
			t.Errorf("got log_bytes=%s, want %d", after["\"log_bytes\""], len(line))
		}
		// Each text that is cut may be one byte shorter than its share.
		if spare := limit - len(got); after["\"log_dropped\""] == "" && bytes.Contains(got, []byte(`x...[cut]"`)) && spare > n+3 && !strings.Contains(after["\"error\""], "[cut]") {
			t.Errorf("got %d bytes of at most %d, want no more than %d unused: %s", len(got), limit, n+3, got)
		}
		if want := strings.Join(names, " "); after["\"log_dropped\""] == "" && strings.Join(kept, " ") != want+" \"log_bytes\"" {
			t.Errorf("got the members %v, want %v and log_bytes", kept, names)
		}
		for name, text := range after {
			plain, cut := strings.CutSuffix(strings.Trim(text, `"`), cutMark)
			if old := strings.Trim(before[name], `"`); cut && (!strings.HasPrefix(old, plain) || len(text) < minKept) && text[0] == '"' {
				t.Errorf("got %s=%.100s, want the beginning of %.100s in at least %d bytes", name, text, old, minKept)
			}
		}
	}
}

// Members that say most have three quarters of a line. The texts among them become shorter first.
func TestShorten_SharesOfALine(t *testing.T) {
	t.Parallel()
	const limit = 4000
	text := func(n int) string { return strings.Repeat("x", n) }
	failure := func(n int) string { return `{"message":"` + text(n) + `","type":"T"}` }
	for _, c := range []struct {
		name, line        string
		message, err, own int // least bytes of message, error and a
	}{
		{"all are long", `{"message":"` + text(9000) + `","error":` + failure(9000) + `,"a":"` + text(9000) + `"}`, 64, 2100, 900},
		{"a long message", `{"message":"` + text(9000) + `","error":` + failure(100) + `,"a":"` + text(9000) + `"}`, 2700, 100, 900},
		{"a long error", `{"message":"` + text(100) + `","error":` + failure(9000) + `,"a":"` + text(9000) + `"}`, 64, 2100, 900},
		{"a long attribute", `{"message":"` + text(1000) + `","error":` + failure(1000) + `,"a":"` + text(9000) + `"}`, 1000, 1000, 1800},
		{"a message and an error", `{"message":"` + text(9000) + `","error":` + failure(900) + `,"a":"` + text(10) + `"}`, 1900, 900, 10},
		{"the attribute is short", `{"message":"` + text(9000) + `","error":` + failure(100) + `,"a":1}`, 2700, 100, 1},
	} {
		got := shorten([]byte(c.line+"\n"), limit)
		m, _ := objectOf(t, got[:len(got)-1])
		for name, least := range map[string]int{`"message"`: c.message, `"error"`: c.err, `"a"`: c.own} {
			if n := len(m[name]); n < least || len(got) > limit {
				t.Errorf("%s: got %s in %d bytes, want at least %d: %.700s", c.name, name, n, least, got)
			}
		}
	}
}

// If texts of 64 bytes are still too long, attributes are dropped: the last ones, and those that say
// most after all others.
func TestShorten_DropsTheLastAttributes(t *testing.T) {
	t.Parallel()
	for limit := 400; limit < 3000; limit += 7 {
		var line []byte
		for i := range 30 {
			line = fmt.Appendf(line, `,"k%02d":"%s"`, i, strings.Repeat("x", 100))
			if i%10 == 5 {
				line = fmt.Appendf(line, `,"%s":"%s"`, reservedNames[i/10], strings.Repeat("y", 100))
			}
		}
		line[0] = '{'
		line = append(line, "}\n"...)
		got := shorten(line, limit)
		m, names := objectOf(t, got[:len(got)-1])
		dropped := 33 - (len(names) - len([]string{bytesKey, droppedKey}))
		if len(got) > limit {
			t.Fatalf("at most %d bytes: got %d", limit, len(got))
		}
		if m[`"log_dropped"`] == "" {
			if len(names) != 34 {
				t.Errorf("at most %d bytes: got %d members and no log_dropped, want 33 and log_bytes", limit, len(names))
			}
			continue
		}
		if m[`"log_dropped"`] != fmt.Sprint(dropped) {
			t.Errorf("at most %d bytes: got log_dropped=%s, want %d", limit, m[`"log_dropped"`], dropped)
		}
		const member, note = len(`,"k00":`) + minKept, len(`,"log_dropped":1234`)
		if spare := limit - len(got); spare > member+note {
			t.Errorf("at most %d bytes: got %d, want no room for another member", limit, len(got))
		}
		n := 0
		for _, name := range names {
			if strings.HasPrefix(name, `"k`) {
				if want := fmt.Sprintf(`"k%02d"`, n); name != want {
					t.Errorf("at most %d bytes: got the member %s, want %s", limit, name, want)
				}
				n++
			}
		}
		if n > 0 && len(names) != n+3+2 {
			t.Errorf("at most %d bytes: got the members %v, want all reserved ones", limit, names)
		}
	}
}

func TestShorten_SmallestObjects(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{}":                      `{"log_bytes":3}`,
		`{"log_bytes":7}`:         `{"log_bytes":16}`,
		`{"log_dropped":7}`:       `{"log_bytes":18}`,
		`[1]`:                     `[1]`,
		`{"a":{"log_bytes":"x"}}`: `{"a":{"log_bytes":"x"},"log_bytes":24}`,
	} {
		if got := string(shorten([]byte(text+"\n"), 1000)); got != want+"\n" {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := string(shrink([]byte(`{"a":1}`), nil, 3, 1)); got != "{}" && got != `{"log_dropped":1}` {
		t.Errorf("got %s, want an object", got)
	}
}

// Escapes and characters stay whole, wherever the text is cut.
func TestCutString_KeepsEscapesWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`a\"b\\c\n`, `\u00e9\u2028x`, `\ud83d\ude00`, `\uD83D\uDE00y`, `\udbff\udfff\ud800\udc00`, `\ud800x\udc00\ud83dé`, `\u0d3d\ud7ff\ude00`, "é€😀", `\ud83d`, `\uda00\udc00\ud900\udc00`,
	} {
		value := []byte(`"` + strings.Repeat(text, 3) + `"`)
		var whole string
		if err := json.Unmarshal(value, &whole); err != nil {
			t.Fatal(err)
		}
		for n := len(cutMark) + 2; n < len(value)+len(cutMark); n++ {
			b := cutString(value, n)
			var got string
			if err := json.Unmarshal(b, &got); err != nil || len(b) > n {
				t.Fatalf("%s in %d bytes: got %s, %v, want valid JSON", value, n, b, err)
			}
			plain, ok := strings.CutSuffix(got, cutMark)
			if !ok || !strings.HasPrefix(whole, plain) {
				t.Errorf("%s in %d bytes: got %q, want whole characters of %q", value, n, plain, whole)
			}
			// The longest unit is a surrogate pair of 12 bytes.
			if spare := n - len(b); spare >= 12 && plain != whole {
				t.Errorf("%s in %d bytes: got %d bytes, want one more character", value, n, len(b))
			}
		}
	}
}
