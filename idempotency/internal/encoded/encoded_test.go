package encoded_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/encoded"
)

const most = 6 << 20

// zip returns gzip with a member for each text.
func zip(t testing.TB, texts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func wantInflated(t *testing.T, b []byte, want, wantErr string) {
	t.Helper()
	got, none, err := encoded.Base64Gzip(base64.StdEncoding.EncodeToString(b))
	switch {
	case none || (err != nil) != (wantErr != "") || err != nil && err.Error() != wantErr:
		t.Errorf("got %v, nothing: %v, want %q", err, none, wantErr)
	case got != want:
		t.Errorf("got %d bytes that begin with %.20q, want %d that begin with %.20q", len(got), got, len(want), want)
	}
}

func TestBase64Gzip_Members(t *testing.T) {
	t.Parallel()
	wantInflated(t, zip(t, "one"), "one", "")
	wantInflated(t, zip(t, "one", "", strings.Repeat("two", 100_000), "é"), "one"+strings.Repeat("two", 100_000)+"é", "")
}

func TestBase64Gzip_LargestText(t *testing.T) {
	t.Parallel()
	const tooLarge = "expected at most 6 MB of decompressed data"
	wantInflated(t, zip(t, strings.Repeat("x", most)), strings.Repeat("x", most), "")
	wantInflated(t, zip(t, strings.Repeat("x", most+1)), "", tooLarge)
	wantInflated(t, zip(t, strings.Repeat("x", most), "y"), "", tooLarge)
	wantInflated(t, zip(t, strings.Repeat("x", most/2), strings.Repeat("x", most/2)), strings.Repeat("x", most), "")
}

func TestBase64Gzip_WhatIsNot(t *testing.T) {
	t.Parallel()
	const notGzip = "expected gzip"
	good := zip(t, strings.Repeat("secret", 100))
	wantInflated(t, good[:len(good)-5], "", notGzip)
	wantInflated(t, []byte("abc"), "", notGzip)
	wantInflated(t, append(zip(t, "x"), 'y'), "", notGzip)
	for _, size := range []uint32{0, 1, most, most + 1, 1 << 31} { // that the end claims
		lying := bytes.Clone(good)
		binary.LittleEndian.PutUint32(lying[len(lying)-4:], size)
		wantInflated(t, lying, "", notGzip)
	}
	wantInflated(t, zip(t, "\xff"), "", "expected UTF-8 as decoded data")
}

// allocated returns the bytes that fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Not parallel: the bytes are of the whole process.
func TestBase64Gzip_AllocatesLittleMoreThanTheText(t *testing.T) {
	random := make([]byte, 100_000)
	for i := range random {
		random[i] = 'a' + byte(rand.IntN(26))
	}
	for name, c := range map[string]struct {
		text string
		most uint64
	}{
		"small":                   {"x", 200_000},
		"the largest":             {strings.Repeat("x", most), most + 200_000},
		"too large":               {strings.Repeat("x", most+1), 200_000},
		"much too large":          {strings.Repeat("x", 8<<20), 200_000},
		"that hardly compresses":  {string(random), 500_000},
		"of a kind that is usual": {strings.Repeat(`{"id":"0123456789","message":"a line of a log"},`, 20_000), 1_200_000},
	} {
		s := base64.StdEncoding.EncodeToString(zip(t, c.text))
		if got := allocated(func() { encoded.Base64Gzip(s) }); got > c.most {
			t.Errorf("%s: got %d bytes that are allocated for %d of gzip, want %d at most", name, got, len(s), c.most)
		}
	}
	// The end claims 6 MB, which so few bytes cannot be.
	lying := zip(t, "x")
	binary.LittleEndian.PutUint32(lying[len(lying)-4:], most)
	s := base64.StdEncoding.EncodeToString(lying)
	if got := allocated(func() { encoded.Base64Gzip(s) }); got > 200_000 {
		t.Errorf("gzip of one byte that claims to be 6 MB: got %d bytes that are allocated, want few", got)
	}
}

func TestBase64_ByteOrderMark(t *testing.T) {
	t.Parallel()
	s := base64.StdEncoding.EncodeToString([]byte("\uFEFFid"))
	if got, _, err := encoded.Base64(s); err == nil || err.Error() != "expected decoded data without a byte order mark" {
		t.Errorf("got %q, %v, want an error", got, err)
	}
	s = base64.StdEncoding.EncodeToString([]byte("id\uFEFF"))
	if got, _, err := encoded.Base64(s); got != "id\uFEFF" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestBase64(t *testing.T) {
	t.Parallel()
	const notASCII, noPadding = "expected base64, found characters that are not ASCII", "expected base64 with its padding"
	for s, c := range map[string]struct {
		want string
		none bool
		err  string
	}{
		"": {}, "YQ==": {want: "a"}, "YWI=": {want: "ab"}, "YWJj": {want: "abc"}, "YWJjZA==": {want: "abcd"}, "Pz8/Pj4+": {want: "???>>>"},
		"e 3\n0!_=": {want: "{}"}, "YQ==YQ==": {want: "a"}, "YQ=?=": {want: "a"}, "=Y=Q==": {want: "a"}, "YWI==": {want: "ab"}, "YR==": {want: "a"},
		"=YQ==": {want: "a"}, "YQ=Y": {err: noPadding}, "Y=Q=": {err: noPadding}, "YQ=YQ=": {want: "a\x06\x10"},
		"!!!": {none: true}, "==": {none: true}, "YQ": {err: noPadding}, "YQ=": {err: noPadding}, "Y": {err: noPadding}, "Y===": {err: noPadding},
		"YQ==é": {err: notASCII}, "\u0080": {err: notASCII}, "\x80": {err: notASCII}, "/w==": {err: "expected UTF-8 as decoded data"},
	} {
		if c.err != "" {
			c.want = ""
		}
		for name, decode := range map[string]func(string) (string, bool, error){"Base64": encoded.Base64, "Base64Gzip": encoded.Base64Gzip} {
			got, none, err := decode(s)
			if name == "Base64Gzip" && (c.want != "" || c.err == "expected UTF-8 as decoded data") {
				if err == nil || err.Error() != "expected gzip" {
					t.Errorf("%s of %q: got %q, %v, want an error", name, s, got, err)
				}
				continue
			}
			if got != c.want || none != c.none || (err != nil) != (c.err != "") || err != nil && err.Error() != c.err {
				t.Errorf("%s of %q: got %q, nothing: %v, %v, want %q, nothing: %v, %q", name, s, got, none, err, c.want, c.none, c.err)
			}
		}
	}
}
