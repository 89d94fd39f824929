package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"
	"unicode/utf8"
)

func FuzzHeaderName(f *testing.F) {
	for _, name := range []string{"", "host", "x-forwarded-for", "X-Amzn-Trace-Id", "SEC-CH-UA", "a b", "a\\b", "ä-ö", "x_y.z~", "-a--b-"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			t.Skip()
		}
		key, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		var texts texts
		if got, want := texts.headerName(key), http.CanonicalHeaderKey(name); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := texts.of(key); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	})
}
