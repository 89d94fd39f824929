package logging_test

import (
	"strings"
	"testing"
)

// Without Options.Redact an event loses credentials. "code" names one in a query and in a form, and
// is an ordinary word in a text.
func TestLogEvent_CredentialsOfFormsAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"page=2&code=hunter2":                 "page=2&code=[redacted]",
		"code=hunter2":                        "code=[redacted]",
		"see https://h/p?code=hunter2 please": "see https://h/p?code=[redacted] please",
		"co%64e=hunter2":                      "co%64e=[redacted]",
		"%zz=2&code=hunter2":                  "%zz=2&code=[redacted]",
		"exit code=2":                         "exit code=2",
		"exit\tcode=2":                        "exit\tcode=2",
		"exit\rcode=2":                        "exit\rcode=2",
		"exit\ncode=2":                        "exit\ncode=2",
		"'exit',code=2":                       "'exit',code=2",
		`"exit",code=2`:                       `"exit",code=2`,
		"{code=2}":                            "{code=2}",
		"<exit,code=2":                        "<exit,code=2",
		">exit,code=2":                        ">exit,code=2",
		"exit}code=2":                         "exit}code=2",
		"exit password=hunter2":               "exit password=[redacted]", // a credential anywhere
	} {
		if got := eventText(t, text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A member of an event is judged by its name, its kind and its place.
func TestLogEvent_CredentialsOfMembers(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"session":"hunter2"}`:  `{"session":"[redacted]"}`,
		`{"session":{"id":"s"}}`: `{"session":{"id":"s"}}`, // of an Alexa skill
		`{"code":"2"}`:           `{"code":"2"}`,
		`{"queryStringParameters":{"code":"hunter2","n":{"code":"hunter2"}},"code":"2"}`:  `{"queryStringParameters":{"code":"[redacted]","n":{"code":"[redacted]"}},"code":"2"}`,
		`{"multiValueQueryStringParameters":{"code":["hunter2","hunter3"]},"code":["2"]}`: `{"multiValueQueryStringParameters":{"code":"[redacted]"},"code":["2"]}`,
		`{"rawQueryString":"a b&code=hunter2","text":"a b&code=2 x"}`:                     `{"rawQueryString":"a b&code=[redacted]","text":"a b&code=[redacted] x"}`,
		`{"querystring":"'a'=1 code=hunter2"}`:                                            `{"querystring":"'a'=1 code=[redacted]"}`,
		`{"queryStringParameters":["a b code=hunter2","c"],"list":["a b code=2"]}`:        `{"queryStringParameters":["a b code=[redacted]","c"],"list":["a b code=2"]}`,
		`{"queryStringParameters":null,"code":"2"}`:                                       `{"queryStringParameters":null,"code":"2"}`,
		`{"cookies":["a=hunter2"]}`:                                                       `{"cookies":"[redacted]"}`,
		`{"key":[{"password":["hunter2",{"a":"]"}],"a":"}"}],"b":1}`:                      `{"key":[{"password":"[redacted]","a":"}"}],"b":1}`,
		`{"password":true,"a":1}`:                                                         `{"password":"[redacted]","a":1}`,
		`{"a":"\"password\": \"hunter2\", b: \"c\""}`:                                     `{"a":"\"password\": \"[redacted]\", b: \"c\""}`,
		`{"a":"password\":\"hunter2\\"}`:                                                  `{"a":"password\":\"hunter2\\"}`,
	} {
		if line := loggedEvent(t, event); !strings.Contains(line, `"event":`+want) {
			t.Errorf("%s: got %s, want %s", event, line, want)
		}
	}
}

// Texts that are cut still lose the secrets in their last member.
func TestRedact_TextsThatAreCutAnywhere(t *testing.T) {
	t.Parallel()
	const text = `{"user":"kept", "hobby" : "hunter\\2\"", "list":["a=b&hobby=hunter2"], "body":"{\"hobby\": \"hunter2\"}"}`
	for n := 1; n <= len(text); n++ {
		got := eventText(t, text[:n], "hobby")
		if strings.Contains(got, "hunt") || n > 20 && !strings.HasPrefix(got, `{"user":"kept", "`) {
			t.Errorf("%s: got %s, want no secret", text[:n], got)
		}
		if plain := strings.NewReplacer("[redacted]", "", `"`, "", "}", "").Replace(got); len(plain) > n {
			t.Errorf("%s: got %s, want nothing added", text[:n], got)
		}
	}
	if got, want := eventText(t, text, "hobby"), `{"user":"kept", "hobby" : "[redacted]", "list":["a=b&hobby=[redacted]"], "body":"{\"hobby\": \"[redacted]\"}"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRedact_PartsOfAForm(t *testing.T) {
	t.Parallel()
	const head = "--b\r\nContent-Disposition: form-data; name="
	for text, want := range map[string]string{
		head + "\"hobby\"\r\n\r\nhunter2\r\n--b--": head + "\"hobby\"\r\n\r\n[redacted]\n--b--",
		head + "hobby\r\n\r\nhunter2\r\n--b--":     head + "hobby\r\n\r\n[redacted]\n--b--",
		head + "hobby; x=y\r\n\r\nhunter2":         head + "hobby; x=y\r\n\r\n[redacted]",
		head + "hobby\t\n\nhunter2":                head + "hobby\t\n\n[redacted]",
		head + "hobby \n\nhunter2\n--c\n\nkept":    head + "hobby \n\n[redacted]\n--c\n\nkept",
		head + "\"hobby\"\nA: b\n\nhunter2\n--":    head + "\"hobby\"\nA: b\n\n[redacted]\n--",
		head + "\"hobby\"\r\n\r\nhunter2\r\n" + head + "\"hobby\"\r\n\r\nhunter2\r\n" + head + "\"user\"\r\n\r\nkept": head + "\"hobby\"\r\n\r\n[redacted]\n" +
			head + "\"hobby\"\r\n\r\n[redacted]\n" + head + "\"user\"\r\n\r\nkept",
		head + "\"hobbies\"\n\nkept":      head + "\"hobbies\"\n\nkept",
		head + "\"hobby\"":                head + "\"hobby\"",
		head + "\"hobby\"\nno blank line": head + "\"hobby\"\nno blank line",
		head + "hobby":                    head + "hobby",
		head:                              head,
		head + "\"" + strings.Repeat("x", 255) + "\"\n\nkept": head + "\"" + strings.Repeat("x", 255) + "\"\n\nkept",
		head + "\"user[hobby]\"\n\nhunter2":                   head + "\"user[hobby]\"\n\n[redacted]",
	} {
		if got := eventText(t, text, "hobby"); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	}
}
