package redact_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/redact"
)

func TestText_EncodedTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"to=" + url.QueryEscape("https://user:secret@h/"):                      "to=" + url.QueryEscape("https://h/"),
		"to=" + url.QueryEscape("a=b&to="+url.QueryEscape("token=secret")):     "to=" + url.QueryEscape("a=b&to="+url.QueryEscape("token=REDACTED")),
		"to=" + strings.Repeat("x", 20_000) + url.QueryEscape(" token=secret"): "to=" + strings.Repeat("x", 20_000) + url.QueryEscape(" token=REDACTED"),
		"a=%3D&b=%40&c=%22": "a=%3D&b=%40&c=%22",
		"a=%zz%3D":          "a=%zz%3D",
	} {
		text = "get: " + text
		if got := redact.Text(text); got != "get: "+want {
			t.Errorf("%.100s: got %.200s, want %.200s", text, got, want)
		}
	}
}

// What is encoded too often is left out.
func TestText_LayersAreBounded(t *testing.T) {
	t.Parallel()
	text := "token=secret"
	for range 20 {
		text = "a=" + url.QueryEscape(text)
	}
	got := redact.Text(text)
	for plain := got; strings.Contains(plain, "%"); {
		plain, _ = url.QueryUnescape(plain)
		if strings.Contains(plain, "secret") || len(got) > len(text) {
			t.Fatalf("got %s, want no secret", plain)
		}
	}
}

func TestText_EightLayersAreSearched(t *testing.T) {
	t.Parallel()
	for layers, want := range map[int]string{8: "token=REDACTED", 9: "REDACTED"} {
		text := "token=secret"
		for range layers {
			text = "a=" + url.QueryEscape(text)
		}
		got := redact.Text(text)
		for range layers {
			got, _ = url.QueryUnescape(strings.TrimPrefix(got, "a="))
		}
		if got != want {
			t.Errorf("%d layers: got %q, want %q", layers, got, want)
		}
	}
}
