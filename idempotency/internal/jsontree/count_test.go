package jsontree

import (
	"runtime"
	"strings"
	"testing"
)

func TestExceeds_CountsAsParseDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`0`, `"a,[{\",b"`, `[]`, ` [ ] `, `{ }`, `[0,0]`, `[[],[[]],{}]`, `{"a":[1,"b,c",{"d":null}],"e[":{}}`, `[" ]",[ ]]`, `{"\\":"\"","x":[]}`,
		strings.Repeat("[", 50) + strings.Repeat("]", 50), "[" + strings.Repeat(`{"a":0},`, 500) + `[]]`,
	} {
		_, n, err := ParseMost(text, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for limit := max(0, n-3); limit < n+3; limit++ {
			if got, want := exceeds(text, limit), n > limit; got != want {
				t.Errorf("%.60s has %d values: got more than %d: %v, want %v", text, n, limit, got, want)
			}
		}
	}
	// No JSON, and no panic. The first value of a text needs no count.
	for _, text := range []string{``, `"`, `"\`, `[`} {
		if exceeds(text, 1) {
			t.Errorf("%q: got more than one value", text)
		}
	}
}

// A hostile text costs nothing but the time to count.
func TestParse_TooManyValuesAllocateNothing(t *testing.T) {
	text := "[" + strings.Repeat("0,", 3<<20) + "0]"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ParseString(text)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), tooMany) {
		t.Errorf("got %v, want %s", err, tooMany)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("got %d bytes allocated, want none for the values", got)
	}
}

// The most values that a text may have fit a small function.
func TestParse_MemoryOfManyValues(t *testing.T) {
	const values = 1 << 19
	for name, text := range map[string]string{
		"one array": "[" + strings.Repeat("0,", values-2) + "0]",
		"objects":   "[" + strings.Repeat(`{"a":0},`, values/2-1) + `0]`,
		"arrays":    "[" + strings.Repeat(`[0],`, values/2-1) + `0]`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, n, err := ParseMost(text, values)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
			t.Errorf("%s: %d values: got %d bytes allocated, want 64 MB at most", name, n, got)
		}
	}
}
