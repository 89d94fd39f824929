package xray

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"
)

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"GET /items/{id}":                  "GET /items/id",
		"## handler":                       "## handler",
		`a_b.c:d/e%f&g#h=i+j\k-l@m n`:      `a_b.c:d/e%f&g#h=i+j\k-l@m n`,
		"!\"$'()*,;<>?[]^`{|}~":            "span",
		"":                                 "span",
		"\x00\x01\x1b\x7f":                 "span",
		"tab\tnewline\nreturn\r":           "tab newline return ",
		"a\u00a0b\u2003c\u2028d\u0085e":    "a b c d e",
		"日本語 ñ Ⅷ ² ٣":                      "日本語 ñ Ⅷ ² ٣",
		"e\u0301":                          "e", // a mark is not a letter
		"🙂 smile":                          " smile",
		"bad \xff\xfe utf-8 \xc3":          "bad  utf-8 ",
		"\ufffdreplaced":                   "replaced",
		"zero\u200bwidth\ufeff":            "zerowidth",
		strings.Repeat("a", 200):           strings.Repeat("a", 200),
		strings.Repeat("a", 201):           strings.Repeat("a", 200),
		strings.Repeat("é", 201):           strings.Repeat("é", 200),
		strings.Repeat("𐐀", 300):           strings.Repeat("𐐀", 200),
		strings.Repeat(`\`, 300):           strings.Repeat(`\`, 200),
		strings.Repeat("?", 300) + "x":     "x",
		strings.Repeat("a?", 150) + "tail": strings.Repeat("a", 150) + "tail",
	} {
		s := newSpan(internal)
		s.Name = name
		if got := encode(t, Config{}, s).At("name"); got != want {
			t.Errorf("%q: got name %q, want %q", name, got, want)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"a":                            "a",
		"Az09_":                        "Az09_",
		"http.status-code":             "http_status_code",
		"a b\tc":                       "a_b_c",
		"é":                            "_",
		"日本":                           "__",
		"\xff\xfe":                     "__",
		`"\`:                           "__",
		strings.Repeat("k", 500):       strings.Repeat("k", 500),
		strings.Repeat("k", 501):       strings.Repeat("k", 500),
		strings.Repeat("é", 250):       strings.Repeat("_", 250),
		"k" + strings.Repeat("é", 300): "k" + strings.Repeat("_", 249), // cut in bytes, between characters
	} {
		if got := Key(key); string(got) != want {
			t.Errorf("%q: got key %q, want %q", key, got, want)
		}
		s := newSpan(internal, str(key, "v"))
		if got := encode(t, Config{Indexed: []string{key}}, s).In("annotations", want); got != "v" {
			t.Errorf("%q: got annotation %v, want v under %q", key, got, want)
		}
	}
}

// TestCharacters uses each character that may be hard to quote in each member that holds text of
// the span.
func TestCharacters(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for r := range rune(0x100) {
		all.WriteRune(r)
	}
	for b := range 0x100 {
		all.WriteByte(byte(b))
	}
	all.WriteString("\u2028\u2029\ufffd\ufffe\uffff\U0001f642\U0010ffff\xed\xa0\x80\xf4\x90\x80\x80")
	text := all.String()
	want := strings.ToValidUTF8(text, "\xff") // one replacement for each run of bytes; the encoder writes more
	s := newSpan(client, everywhere(text)...)
	s.Name, s.Description, s.Status = text, text, codes.Error
	d := encode(t, Config{Indexed: []string{"indexed"}}, s)
	got, _ := d.At("metadata.default.other").(string)
	if utf8.RuneCountInString(got) < utf8.RuneCountInString(want) || !strings.Contains(got, "\x00\x01") || !strings.HasPrefix(got, text[:0x80]) {
		t.Errorf("got %q, want all characters of %q", got, text)
	}
	for _, path := range []string{"http.request.method", "http.request.user_agent", "aws.region", "annotations.indexed", "name"} {
		if v, _ := d.At(path).(string); v == "" || !utf8.ValidString(v) {
			t.Errorf("%s: got %q, want valid UTF-8", path, v)
		}
	}
}

// everywhere returns attributes that set every text member to text.
func everywhere(text string) attrs {
	list := attrs{str("other", text), str("indexed", text)}
	for _, key := range []string{
		"http.method", "http.url", "http.user_agent", "client.address", "net.peer.ip", "aws.operation", "aws.region", "aws.account_id", "aws.request_id",
		"aws.queue_url", "aws.table_name", "aws.s3.bucket", "aws.sns.topic.arn", "faas.invoked_name", "aws.service", "db.name", "db.statement", "db.user",
		"db.connection_string", "enduser.id", "error.type", "peer.service", "rpc.service", "rpc.method",
	} {
		list = append(list, str(key, text))
	}
	return append(list, str("db.system", "mysql"), str("rpc.system", "aws-api"))
}

func TestEverywhere(t *testing.T) {
	t.Parallel()
	d := encode(t, Config{}, newSpan(client, everywhere("x")...))
	for _, path := range []string{"http.request.method", "http.request.url", "http.request.user_agent", "aws.operation", "aws.region", "aws.account_id", "aws.request_id",
		"aws.queue_url", "aws.table_name", "aws.bucket_name", "aws.topic_arn", "aws.function_name", "sql.user", "sql.sanitized_query", "name"} {
		if d.At(path) != "x" {
			t.Errorf("%s: got %v, want x", path, d.At(path))
		}
	}
}
