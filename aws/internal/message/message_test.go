package message_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambdakit/lambdakit/aws/internal/message"
	"github.com/lambdakit/lambdakit/aws/internal/request"
)

func TestIdentifier(t *testing.T) {
	t.Parallel()
	const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	for _, s := range []string{"", "o-1", "aZ09" + punctuation, strings.Repeat("x", 128)} {
		if got := message.Identifier(s); got != s {
			t.Errorf("got %q for %q, want it unchanged", got, s)
		}
	}
	seen := make(map[string]bool)
	for _, s := range []string{strings.Repeat("x", 129), strings.Repeat("x", 130), "a b", "a  b", "straße", "line\n", "\x00", "\x7f", "\xff"} {
		got := message.Identifier(s)
		if len(got) != 64 || strings.Trim(got, "0123456789abcdef") != "" || got != message.Identifier(s) || seen[got] {
			t.Errorf("got %q for %q, want a hash of its own", got, s)
		}
		seen[got] = true
	}
	if got, want := message.Identifier("a b"), "c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	const in, want = "a\tb\n\r ü😀\u2028\x00\x1f\x7f\uFFFE\uFFFF\xff", "a\tb\n\r ü😀\u2028\uFFFD\uFFFD\x7f\uFFFD\uFFFD\uFFFD"
	if got := message.Text(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{"{\"a\":\"\uFFFE\uFFFF\"}", "{\"\uFFFF\":1}", "{\"a\":\"\xff\xfe\"}", `{"a":"ü\u0000"}`, "[]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var want, got any
		if json.Unmarshal(body, &want) != nil {
			return
		}
		text := message.JSON(body)
		if strings.ContainsAny(text, "\uFFFE\uFFFF") || !utf8.ValidString(text) {
			t.Fatalf("got %q for %q, want no characters that SQS refuses", text, body)
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("got %q for %q: %v", text, body, err)
		}
		if utf8.Valid(body) && !reflect.DeepEqual(got, want) {
			t.Errorf("got %q for %q, want equal JSON", text, body)
		}
	})
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	a := message.NewAnswer(5)
	for _, id := range []*string{message.ID(0), nil, aws.String("x"), aws.String("5"), aws.String("-1")} {
		a.Accepted(id)
	}
	a.Refused(message.ID(1), aws.String("InvalidMessageContents"), true)
	a.Accepted(message.ID(1))
	a.Refused(message.ID(2), nil, false)
	a.Accepted(message.ID(3))
	a.Refused(message.ID(3), aws.String("InternalError"), false)
	errs := a.Errors()
	for i, want := range []error{nil, &request.Refused{Code: "InvalidMessageContents", SenderFault: true}, &request.Refused{}, nil, request.ErrUnknown} {
		if got := errs[i]; !reflect.DeepEqual(got, want) && !errors.Is(got, want) {
			t.Errorf("entry %d: got %v, want %v", i, got, want)
		}
	}
}
