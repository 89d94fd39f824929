package jsonenc_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
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
	// Every byte at every position of strings of up to three words, and of four.
	for c := range 256 {
		for n := range 27 {
			n += n / 25 * 9 // 34 and 35
			for at := range n {
				b := []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ")[:n]
				b[at] = byte(c)
				checkString(t, string(b))
				_, plain := jsonenc.Hash(string(b))
				if want := c >= ' ' && c < 0x80 && c != '"' && c != '\\'; plain != want {
					t.Errorf("Hash(%q): got plain %t, want %t", b, plain, want)
				}
			}
		}
	}
	for _, s := range []string{"", "é", "\u2028\u2029", "before\u2028between\u2029after", "日本語", "\xe2\x80", "a\xed\xa0\x80b", "\U0001F600", strings.Repeat("x", 100) + "\""} {
		checkString(t, s)
	}
}

func TestAppendString_Appends(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", "\"", "longer than eight bytes\n"} {
		if got, want := string(jsonenc.AppendString([]byte("x"), text)), "x"+reference(t, text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := string(jsonenc.AppendEscaped([]byte("x"), text)), "x"+strings.Trim(reference(t, text+" "), `"`); got+" " != want {
			t.Errorf("escaped: got %s, want %s", got, want)
		}
	}
}

func TestHash_DependsOnEveryPart(t *testing.T) {
	t.Parallel()
	if hash, plain := jsonenc.Hash(""); hash != 0 || !plain {
		t.Errorf("empty: got %x and plain %v, want 0 and true", hash, plain)
	}
	seen, names := map[uint64]bool{}, 0
	for i := range 2000 {
		for _, name := range []string{strconv.Itoa(i), "k" + strconv.Itoa(i), "attribute." + strconv.Itoa(i), strconv.Itoa(i) + ".long.attribute"} {
			hash, _ := jsonenc.Hash(name)
			names++
			seen[hash] = true
			if again, _ := jsonenc.Hash(strings.Clone(name)); again != hash {
				t.Fatalf("%q: got %x and %x, want one hash", name, hash, again)
			}
		}
	}
	if len(seen) < names*9/10 {
		t.Errorf("got %d hashes of %d names, want nearly one for each", len(seen), names)
	}
	var high [64]int // the highest six bits choose one of 64
	for hash := range seen {
		high[hash>>58]++
	}
	for i, n := range high {
		if n == 0 || n > len(seen)/8 {
			t.Errorf("got %d of %d hashes that begin with %d, want a share of each", n, len(seen), i)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) { checkString(t, s) })
}

func FuzzAppendFloat(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, 1e21, 1e-7, 123456.789, math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-9, 1e100, 1e-6, 1e-10, 1e20, math.NaN(), math.Inf(1), math.Inf(-1)} {
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

func TestAppendFloat_LikeEncodingJSON(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{math.Inf(1): `"+Inf"`, math.Inf(-1): `"-Inf"`, 0: "0", math.Copysign(0, -1): "-0"} {
		if f == 0 {
			f = map[string]float64{"0": 0, "-0": math.Copysign(0, -1)}[want]
		}
		if got := string(jsonenc.AppendFloat(nil, f)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := string(jsonenc.AppendFloat([]byte("x"), math.NaN())), `x"NaN"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	check := func(f float64) {
		for _, f := range []float64{f, -f, math.Nextafter(f, math.Inf(1)), math.Nextafter(f, 0)} {
			if got, want := string(jsonenc.AppendFloat([]byte("x"), f)), "x"+reference(t, f); got != want {
				t.Fatalf("%b: got %s, want %s", f, got, want)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for exponent := -12; exponent <= 23; exponent++ { // where the form changes
		f := math.Pow10(exponent)
		check(f)
		for range 50 {
			check(math.Round(r.Float64()*1e4) / 1e3 * f)
			check(r.Float64() * f)
		}
	}
	for _, f := range []float64{0.1, 0.01, 0.001, 0.12, 0.123, 0.0001, 1.5, 100, 1e12, 1e12 - 0.001, 9223372036854775.808, 9223372036854775808, 1 << 53, math.MaxFloat64 / 2} {
		check(f)
	}
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

func TestAppendMillis_YearsAreClamped(t *testing.T) {
	t.Parallel()
	first, last := time.Date(0, 1, 1, 0, 0, 0, 7e6, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	for at, want := range map[time.Time]string{
		first: "0000-01-01T00:00:00.007Z", first.Add(-time.Second): "0000-01-01T00:00:00.000Z", time.UnixMilli(math.MinInt64 / 2): "0000-01-01T00:00:00.000Z",
		last: "9999-12-31T23:59:59.999Z", last.Add(time.Second): "9999-12-31T23:59:59.000Z", time.UnixMilli(math.MaxInt64 / 2): "9999-12-31T23:59:59.000Z",
	} {
		if got := string(jsonenc.AppendMillis(nil, at, nil)); got != want {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
	}
}

// One clock for times in any order, as a Handler uses it.
func TestClock_TimesInAnyOrder(t *testing.T) {
	t.Parallel()
	var c jsonenc.Clock
	check := func(at time.Time) {
		if got, want := string(c.AppendMillis([]byte("x"), at, nil)), at.UTC().Format("x2006-01-02T15:04:05.000Z"); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	check(time.Unix(0, 0)) // the second of a zero Clock
	start := time.Date(2026, 11, 29, 23, 59, 58, 0, time.UTC)
	for i := range 20 {
		check(start.Add(time.Duration(i) * 300 * time.Millisecond))
	}
	check(start)
	check(start.Add(-24 * time.Hour))
	for day := range 146_097 / 7 { // 400 years, and all of their months and leap years
		check(time.Date(1600, 1, 1+7*day, day%24, day%60, day%59, day*1e6%1e9, time.UTC))
	}
	for year := range 10_000 {
		for _, day := range []int{1, 59, 60, 61, 365, 366} {
			if at := time.Date(year, 1, day, 12, 34, 56, 789e6, time.UTC); at.Year() < 10_000 {
				check(at)
			}
		}
	}
}

func TestAppendMillis_Offsets(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 12, 0, 0, 5e6, time.UTC)
	for minutes := -14 * 60; minutes <= 14*60; minutes += 15 {
		loc := time.FixedZone("", minutes*60)
		if got, want := string(jsonenc.AppendMillis(nil, at, loc)), at.In(loc).Format("2006-01-02T15:04:05.000-07:00"); got != want {
			t.Errorf("got %s, want %s", got, want)
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

func TestAppendTime_LikeEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, nanoseconds := range []int{0, 1, 120, 5e6, 999_999_999} {
		for _, loc := range []*time.Location{time.UTC, time.FixedZone("", -12600)} {
			at := time.Date(2026, 11, 29, 9, 5, 7, nanoseconds, loc)
			if got, want := string(jsonenc.AppendTime([]byte("x"), at)), "x"+reference(t, at); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

func TestAppendInt_LikeStrconv(t *testing.T) {
	t.Parallel()
	check := func(n uint64) {
		if got, want := string(jsonenc.AppendUint([]byte("x"), n)), "x"+strconv.FormatUint(n, 10); got != want {
			t.Errorf("AppendUint: got %s, want %s", got, want)
		}
		if got, want := string(jsonenc.AppendInt([]byte("x"), int64(n))), "x"+strconv.FormatInt(int64(n), 10); got != want {
			t.Errorf("AppendInt: got %s, want %s", got, want)
		}
	}
	for n := range uint64(20_000) {
		check(n)
		check(-n)
	}
	for power := uint64(1); power != 0 && power <= math.MaxUint64/10; power *= 10 {
		for n := power*10 - 3; n != power*10+4; n++ {
			check(n)
			check(-n)
		}
	}
	for shift := range 64 {
		check(1 << shift)
		check(1<<shift - 1)
	}
	check(math.MaxUint64)
}
