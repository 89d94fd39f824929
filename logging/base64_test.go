package logging_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// eventText returns the member text of an event after its line was written.
func eventText(t *testing.T, text string, redact ...string) string {
	t.Helper()
	m := lines(t, []byte(loggedEvent(t, `{"text":`+quote(text)+`}`, redact...)))[0]
	event, _ := m["event"].(map[string]any)
	got, ok := event["text"].(string)
	if !ok {
		t.Fatalf("got the event %v, want one with a text", m["event"])
	}
	return got
}

// The result has the alphabet and the padding of the text.
func TestBase64_TheEncodingStays(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]*base64.Encoding{
		"standard": base64.StdEncoding, "URLs": base64.URLEncoding, "standard, not padded": base64.RawStdEncoding, "URLs, not padded": base64.RawURLEncoding,
	} {
		// 62 and 63 of the alphabet, one of them and both, and every padding
		for _, user := range []string{"?>?>?>~~", "?>?>?>~~~", "?>?>?>~~~~", "x>>>>>>>>", "x????????"} {
			text := func(secret string) string { return "user=" + user + "&hobby=" + secret }
			got, want := eventText(t, code.EncodeToString([]byte(text("hunter2"))), "hobby"), code.EncodeToString([]byte(text("[redacted]")))
			if len(code.EncodeToString([]byte(text("hunter2"))))%4 == 0 && code == base64.RawStdEncoding { // it may be padded
				got = strings.TrimRight(got, "=")
			}
			if got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
	}
}

func TestBase64_TextsThatAreCutAnywhereAreSearched(t *testing.T) {
	t.Parallel()
	whole := base64Of("hobby=hunter2&user=kept")
	for n := len(base64Of("hobby=h")); n <= len(whole); n++ {
		got := eventText(t, whole[:n], "hobby")
		if plain, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(got, "=")); !strings.HasPrefix(string(plain), "hobby=[redacted]") {
			t.Errorf("the first %d bytes: got %q, want the name without its value", n, plain)
		}
	}
}

func TestBase64_EightBytesMayHoldASecret(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{base64Of("pin=12"): base64Of("pin=[redacted]"), base64Of("pin=12")[:7]: base64Of("pin=12")[:7]} {
		if got := eventText(t, text, "pin"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Lines without a secret are not joined.
func TestBase64_TextsWithoutSecretsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"dXNlcj1r\r\nZXB0", "dXNlcj1r\nZXB0\n", "dXNlcj1rZXB0Zg=", "dXNlcj1rZXB0Zgr"} {
		if got := eventText(t, text, "hobby"); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

// A text with odd bytes is not binary data.
func TestBase64_OddBytesHideNoSecret(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"\x1b[1m", "\x00", "J\xf6rg", "\xff\xfe"} {
		got := eventText(t, base64Of(odd+`{"user":"kept","hobby":"hunter2"}`), "hobby")
		if plain, _ := base64.StdEncoding.DecodeString(got); string(plain) != odd+`{"user":"kept","hobby":"[redacted]"}` {
			t.Errorf("got %q, want the text without the secret", plain)
		}
	}
}
