package jsonenc_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// reference encodes v as encoding/json does without HTML escaping.
func reference(t *testing.T, v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func checkString(t *testing.T, s string) {
	t.Helper()
	got, want := string(jsonenc.AppendString(nil, s)), reference(t, s)
	if !utf8.ValidString(s) { // encoding/json escapes the U+FFFD of a bad byte
		var back string
		if err := json.Unmarshal([]byte(got), &back); err != nil {
			t.Errorf("AppendString(%q) = %s: %v", s, got, err)
		}
		json.Unmarshal([]byte(want), &s)
		want = reference(t, s)
	}
	if got != want {
		t.Errorf("AppendString(%q): got %s, want %s", s, got, want)
	}
}

func TestAppendStringLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	// Every byte at every position of strings of up to three words.
	for c := range 256 {
		for n := range 25 {
			for at := range n {
				b := []byte("abcdefghijklmnopqrstuvwxy")[:n]
				b[at] = byte(c)
				checkString(t, string(b))
				_, plain := jsonenc.Hash(string(b))
				if want := c >= ' ' && c < 0x80 && c != '"' && c != '\\'; plain != want {
					t.Errorf("Hash(%q): got plain %t, want %t", b, plain, want)
				}
			}
		}
	}
	for _, s := range []string{"", "é", "\u2028\u2029", "日本語", "\xe2\x80", "a\xed\xa0\x80b", "\U0001F600", strings.Repeat("x", 100) + "\""} {
		checkString(t, s)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) { checkString(t, s) })
}

func FuzzAppendFloat(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, 1e21, 1e-7, 123456.789, math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-9, 1e100} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		got := string(jsonenc.AppendFloat(nil, v))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if !json.Valid([]byte(got)) || got[0] != '"' {
				t.Errorf("AppendFloat(%v): got %s, want a JSON string", v, got)
			}
			return
		}
		if want := reference(t, v); got != want {
			t.Errorf("AppendFloat(%v): got %s, want %s", v, got, want)
		}
	})
}

func FuzzAppendMillis(f *testing.F) {
	f.Add(int64(1700000000123), 0)
	f.Add(int64(-1), 330)
	f.Add(int64(951782400000), -210) // 2000-02-29
	f.Fuzz(func(t *testing.T, ms int64, offset int) {
		offset %= 24 * 60
		if ms < -62135596800000+86400000 || ms > 253402300799999-86400000 {
			ms %= 1e12
		}
		at := time.UnixMilli(ms)
		if got, want := string(jsonenc.AppendMillis(nil, at, nil)), at.UTC().Format("2006-01-02T15:04:05.000Z"); got != want {
			t.Errorf("%d: got %s, want %s", ms, got, want)
		}
		loc := time.FixedZone("", offset*60)
		if got, want := string(jsonenc.AppendMillis(nil, at, loc)), at.In(loc).Format("2006-01-02T15:04:05.000-07:00"); got != want {
			t.Errorf("%d in %v: got %s, want %s", ms, loc, got, want)
		}
	})
}

func TestAppendMillisClampsYears(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.UnixMilli(math.MinInt64 / 2), time.UnixMilli(math.MaxInt64 / 2)} {
		got := string(jsonenc.AppendMillis(nil, at, nil))
		if _, err := time.Parse(time.RFC3339, got); err != nil {
			t.Error(err)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		dst = jsonenc.AppendString(dst[:0], "a \"quoted\" text\n with é and \xff")
		dst = jsonenc.AppendFloat(dst, 1.5e-9)
		dst = jsonenc.AppendMillis(dst, now, nil)
		dst = jsonenc.AppendTime(dst, now)
	}); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}
