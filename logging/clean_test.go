package logging_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// quote returns text as a JSON string.
func quote(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// gzipped returns text as CloudWatch Logs sends it.
func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return base64Of(b.String())
}

// loggedEvent returns the line about an event.
func loggedEvent(t *testing.T, event string, redact ...string) string {
	t.Helper()
	logs := logging.New(&logging.Options{LogEvent: new(true), Redact: redact})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func() {}, logs.Middleware), event)
	lines(t, res.Output) // valid, without duplicates
	if len(res.Logs) != 1 {
		t.Fatalf("got %d lines, want 1: %s", len(res.Logs), res.Output)
	}
	return string(res.Output)
}

// Every event holds hunter2 under names that must not be logged, and "kept" elsewhere.
func TestRedact_InsideTexts(t *testing.T) {
	t.Parallel()
	const secret = `{"user":"kept","hobby":"hunter2"}`
	sns := `{"Type":"Notification","Message":` + quote(secret) + `}`
	for name, event := range map[string]string{
		"member":                `{"hobby":"hunter2","user":"kept"}`,
		"other case":            `{"HobBy":"hunter2","user":"kept"}`,
		"body of a request":     `{"body":` + quote(secret) + `}`,
		"body with white space": `{"body":` + quote("{\n  \"user\": \"kept\",\n  \"hobby\" : \"hunter2\"\n}") + `}`,
		"body in base64":        `{"body":"` + base64Of(secret) + `","isBase64Encoded":true,"x":"kept"}`,
		"form in base64":        `{"isBase64Encoded":true,"body":"` + base64Of("user=kept&hobby=hunter2") + `","x":"kept"}`,
		"record of Kinesis":     `{"Records":[{"kinesis":{"data":"` + base64Of(secret) + `","x":"kept"}}]}`,
		"record of SQS":         `{"Records":[{"body":` + quote(secret) + `}]}`,
		"SNS":                   `{"Records":[{"Sns":{"Message":` + quote(secret) + `}}]}`,
		"SNS in SQS":            `{"Records":[{"body":` + quote(sns) + `}]}`,
		"base64 in SNS in SQS":  `{"x":"kept","Records":[{"body":` + quote(`{"Message":`+quote(`{"body":"`+base64Of(secret)+`"}`)+`}`) + `}]}`,
		"JSON in a JSON string": `{"x":"kept","body":` + quote(quote(secret)) + `}`,
		"list in a string":      `{"body":` + quote(`[`+secret+`,{"hobby":["hunter2",{"a":"hunter2"}]}]`) + `}`,
		"lines of JSON":         `{"body":` + quote(secret+"\n"+secret) + `}`,
		"JSON behind a text":    `{"body":` + quote("data: "+secret) + `}`,
		"JSON that is cut":      `{"body":` + quote(`{"user":"kept","hobby":"hunter2`) + `}`,
		"cut inside a string":   `{"body":` + quote(`{"user":"kept","body":"{\"hobby\":\"hunter2`) + `}`,
		"query":                 `{"rawQueryString":"user=kept&hobby=hunter2"}`,
		"first in a query":      `{"rawQueryString":"hobby=hunter2&user=kept"}`,
		"encoded name":          `{"rawQueryString":"user=kept&ho%62by=hunter2"}`,
		"encoded URL":           `{"rawQueryString":"user=kept&to=https%3A%2F%2Fh%2F%3Fhobby%3Dhunter2"}`,
		"URL":                   `{"path":"https://h/p?user=kept&hobby=hunter2#x"}`,
		"nested names":          `{"body":"user[name]=kept&user[hobby]=hunter2&user.hobby=hunter2"}`,
		"form":                  `{"body":"user=kept&hobby=hunter2"}`,
		"cookies":               `{"cookies":["user=kept","hobby=hunter2; Path=/"],"x":"kept"}`,
		"multipart":             `{"body":` + quote("--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nkept\r\n--b\r\nContent-Disposition: form-data; name=\"hobby\"\r\nContent-Type: text/plain\r\n\r\nhunter2\r\n--b--\r\n") + `}`,
		"name without quotes":   `{"body":` + quote("--b\nContent-Disposition: form-data; name=hobby\n\nhunter2\n--b\nContent-Disposition: form-data; name=user\n\nkept\n--b--\n") + `}`,
		"multipart that is cut": `{"body":` + quote("--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nkept\r\n--b\r\nContent-Disposition: form-data; name=\"hobby\"\r\n\r\nhunter2") + `}`,
		"JSON in a form":        `{"body":` + quote("user=kept&payload="+url.QueryEscape(secret)) + `}`,
		"form in a form":        `{"body":` + quote("user=kept&to="+url.QueryEscape("a=b&hobby=hunter2")) + `}`,
		"form in form in form":  `{"body":` + quote("user=kept&to="+url.QueryEscape("x=y&to="+url.QueryEscape(secret))) + `}`,
		"parameter of an ALB":   `{"queryStringParameters":{"x":"kept","payload":` + quote(url.QueryEscape(secret)) + `}}`,
		"base64 in a query":     `{"rawQueryString":"user=kept&state=` + base64Of(secret) + `"}`,
		"base64 in a form":      `{"rawQueryString":"user=kept&state=` + url.QueryEscape(base64Of(secret)) + `"}`,
		"base64 of URLs":        `{"x":"kept","state":"` + base64.URLEncoding.EncodeToString([]byte(`{"a":"???>>>~~~","hobby":"hunter2"}`)) + `"}`,
		"base64 without end":    `{"x":"kept","state":"` + base64.RawStdEncoding.EncodeToString([]byte(secret)) + `"}`,
		"base64 that is cut":    `{"x":"kept","state":"` + base64Of(`{"hobby":"hunter2","x":"`+"\xf0\x9f\x98") + `"}`, // inside a character
		"base64 in lines":       `{"x":"kept","state":` + quote(base64Of(secret)[:20]+"\r\n"+base64Of(secret)[20:]) + `}`,
		"base64 with tabs":      `{"x":"kept","body":"` + base64Of("{\n\t\"hobby\": \"hunter2\"\n}") + `"}`,
		"CloudWatch Logs":       `{"x":"kept","awslogs":{"data":"` + gzipped(`{"logEvents":[{"message":`+quote(secret)+`}]}`) + `"}}`,
		"name with an escape":   `{"body":` + quote(`{"ho\u0062by":"hunter2","user":"kept"}`) + `}`,
		"number":                `{"hobby":313373133731337,"user":"kept"}`,
		"object":                `{"hobby":{"S":"hunter2"},"user":"kept"}`,
		"cut inside a list":     `{"user":"kept","body":` + quote(`["{\"hobby\":\"hunter2`) + `}`,
		"an event that is text": quote(secret),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := loggedEvent(t, event, "hobby")
			if strings.Contains(line, "hunter2") || strings.Contains(line, base64Of("hunter2")[:8]) || strings.Contains(line, "313373133731337") {
				t.Errorf("got %s, want no secret", line)
			}
			for part := range strings.FieldsFuncSeq(line, func(r rune) bool {
				return !strings.ContainsRune("=+/-_", r) && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
			}) {
				text, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(part), "="))
				if r, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
					text, _ = io.ReadAll(r)
				}
				if strings.Contains(string(text), "hunter2") {
					t.Errorf("got %s in base64, want no secret", text)
				}
			}
			if !strings.Contains(line, "kept") {
				t.Errorf("got %s, want the rest", line)
			}
		})
	}
}

// The texts of events without secrets stay as they are, byte for byte.
func TestRedact_KeepsOtherTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		gzipped(`{"a" : 1}`), gzipped("\x00\x01"), base64Of("\x1f\x8b\x08 no more"), "123e4567-e89b-12d3-a456-426614174000", "a=%22b%22&c=%40", "100%", "50%3", "%25%33%44",
		"", "a", "a=b", "a = b; c: d", `{"a" : 1}`, `{"a":"x`, `[INFO] he said "x": y`, `he said "password`, "https://h/?a=b%3Dc", `"`, `\`, `{"a":"\`, `"\"`,
		base64Of(`{"a" : 1}`), base64Of("\x00\x01\x02\x03\x04\x05\x06"), "abcdefgh", "2026-01-02T03:04:05Z", "==", "a==", "%zz=%", "\u00e9=\u00e9", "key=a&code=b",
	} {
		event, _ := json.Marshal(map[string]string{"text": text})
		if line := loggedEvent(t, string(event), "password"); !strings.Contains(line, `"event":{"text":`+strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(quote(text))+`}`) &&
			!strings.Contains(line, `"event":`+string(event)) && !strings.Contains(text, "code=") {
			t.Errorf("got %s, want %q as it was", line, text)
		}
	}
}

func TestRedact_IsBoundedInDepth(t *testing.T) {
	t.Parallel()
	text := `{"password":"hunter2"}`
	for range 12 {
		text = base64Of(`{"x":"` + text + `"}`)
		if strings.HasPrefix(text, "eyJ4Ijoie") {
			text = base64Of(`{"y":` + quote(text) + `}`)
		}
	}
	line := loggedEvent(t, `{"body":"`+text+`"}`, "password")
	if strings.Contains(line, text[:100]) {
		t.Errorf("got %.300s, want no text that is nested too deep", line)
	}
	for inner := line; ; {
		_, after, ok := strings.Cut(inner, `":"`)
		if !ok {
			break
		}
		encoded, _, _ := strings.Cut(after, `"`)
		if plain, err := base64.StdEncoding.DecodeString(encoded); err == nil && len(plain) > 0 {
			if strings.Contains(string(plain), "hunter2") {
				t.Fatalf("got %s, want no secret", plain)
			}
			inner = string(plain)
			continue
		}
		inner = after
	}
}

func TestRedact_EightLayersAreSearched(t *testing.T) {
	t.Parallel()
	for layers, want := range map[int]string{8: "user=kept&hobby=[redacted]", 9: "[left out: it is nested too deep to be redacted]"} {
		text := "user=kept&hobby=hunter2"
		for range layers - 1 {
			text = base64Of(text)
		}
		m := lines(t, []byte(loggedEvent(t, `{"body":"`+text+`"}`, "hobby")))[0]
		got := m["event"].(map[string]any)["body"].(string)
		for range layers - 1 {
			plain, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatalf("%d layers: got %q (%v), want base64", layers, got, err)
			}
			got = string(plain)
		}
		if got != want {
			t.Errorf("%d layers: got %q, want %q", layers, got, want)
		}
	}
}

// Percent signs are a layer like the others.
func TestRedact_LayersOfPercentSignsAreCounted(t *testing.T) {
	t.Parallel()
	for layers, want := range map[int]string{8: "user=kept&hobby=[redacted]", 9: "[left out: it is nested too deep to be redacted]"} {
		text := "user=kept&hobby=hunter2"
		for range layers - 1 {
			text = "x=" + url.QueryEscape(text)
		}
		m := lines(t, []byte(loggedEvent(t, `{"body":`+quote(text)+`}`, "hobby")))[0]
		got := m["event"].(map[string]any)["body"].(string)
		for range layers - 1 {
			got, _ = url.QueryUnescape(strings.TrimPrefix(got, "x="))
		}
		if got != want {
			t.Errorf("%d layers: got %q, want %q", layers, got, want)
		}
	}
}

// A compressed text is a layer, too. Without names in Options.Redact the event is searched once.
func TestLogEvent_LayersOfCompressionAreCounted(t *testing.T) {
	t.Parallel()
	for layers, want := range map[int]string{8: "[redacted]", 9: "[left out: it is nested too deep to be redacted]"} {
		text := "user=kept&password=hunter2"
		for range layers - 1 {
			text = gzipped(text)
		}
		got := eventText(t, text)
		for range layers - 1 {
			plain, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatalf("%d layers: got %q, %v, want base64", layers, got, err)
			}
			got = string(plain)
		}
		if !strings.HasSuffix(got, want) {
			t.Errorf("%d layers: got %q, want %q", layers, got, want)
		}
	}
}

func TestRedact_LongTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat(`{"password":"hunter2"},`, 100_000), `{"a":"` + strings.Repeat("x", 300_000) + `","password":"hunter2"}`,
		strings.Repeat("a=b&password=hunter2&", 50_000), base64Of(strings.Repeat(`{"password":"hunter2"} `, 20_000)),
		strings.Repeat(`{"password":`, 100_000), strings.Repeat(`"`, 100_001), strings.Repeat(`\`, 100_001), strings.Repeat(`form-data; name="password"`, 10_000),
		gzipped(strings.Repeat("password=hunter2\n", 10_000)), gzipped(strings.Repeat("password=hunter2\n", 1_000_000)), "a=" + strings.Repeat("%25", 20_000) + "3Dhunter2",
	} {
		line := loggedEvent(t, `{"body":`+quote(text)+`}`, "password")
		if strings.Contains(line, "hunter2") || strings.Contains(line, "aHVudGVyMg") || len(line) > 64_000 {
			t.Errorf("got %d bytes: %.300s, want no secret in at most 64,000", len(line), line)
		}
	}
}

// However often a text must be decompressed, the work for a line is bounded, and nothing unknown is
// written.
func TestRedact_CompressedTextsAreBounded(t *testing.T) {
	t.Parallel()
	small, large := gzipped(`{"password":"hunter2"}`), gzipped(strings.Repeat("a=b ", 1<<20)) // 4 MB
	line := loggedEvent(t, `{"a":["`+large+`","`+large+`","`+small+`"]}`, "password")
	if got := strings.Count(line, "too large"); got != 3 {
		t.Errorf("got %d texts left out of %.300s, want all that are beyond 4 MB", got, line)
	}
	line = loggedEvent(t, `{"a":["`+small+`"]}`, "password")
	if got := base64Of(`{"password":"[redacted]"}`); !strings.Contains(line, got) {
		t.Errorf("got %s, want the text without the secret, as %s", line, got)
	}
}

// Texts that take long to search if each of their parts is searched to the end.
func TestRedact_TimeIsLinear(t *testing.T) {
	t.Parallel()
	l, _ := logger(t, logging.Options{Redact: []string{"password"}})
	for _, part := range []string{"form-data; name=\"password\"", "form-data; name=\"password\"\n", "form-data; name=\"password\"\r\n\r", "form-data; name=\"", "form-data; name=password\n\n", "a=%22&", "%25"} {
		l.Info("m", "text", strings.Repeat(part, 2_000_000/len(part))) // a minute and more, if it is quadratic
	}
}

// Without Options.Redact, credentials in events and responses stay out of the log.
func TestLogEvent_Credentials(t *testing.T) {
	t.Parallel()
	const event = `{"version":"2.0","rawPath":"/p","rawQueryString":"code=hunter2&page=kept&x-api-key=hunter2",
		"cookies":["a=hunter2","session=hunter2"],
		"headers":{"Authorization":"Bearer hunter2","cookie":"a=hunter2","X-Api-Key":"hunter2","x-amz-security-token":"hunter2","proxy-authorization":"hunter2","accept":"kept"},
		"multiValueHeaders":{"Set-Cookie":["a=hunter2"],"Cookie":["hunter2"]},
		"queryStringParameters":{"code":"hunter2","key":"hunter2","page":"kept"},"multiValueQueryStringParameters":{"token":["hunter2"]},
		"requestContext":{"identity":{"apiKey":"hunter2","apiKeyId":"kept"},"authorizer":{"jwt":{"claims":{"sub":"kept"}}},"requestId":"kept"},
		"Records":[{"s3":{"object":{"key":"kept"}},"cf":{"request":{"headers":{"authorization":[{"key":"Authorization","value":"hunter2"}]}}}}],
		"form":"code=hunter2&grant_type=kept","authorizationToken":"hunter2","sessionId":"kept","code":"kept","nextToken":"kept","session":{"new":"kept"},
		"request":{"password":"hunter2","secret":"hunter2","clientSecret":"hunter2"},
		"body":"{\"access_token\":\"hunter2\",\"refreshToken\":\"hunter2\",\"name\":\"kept\"}"}`
	line := loggedEvent(t, event)
	if strings.Contains(line, "hunter2") {
		t.Errorf("got %s, want no credentials", line)
	}
	if got, want := strings.Count(line, "kept"), strings.Count(event, "kept"); got != want {
		t.Errorf("got %s with %d values kept, want %d", line, got, want)
	}
	logs := logging.New(&logging.Options{LogResponse: true})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func() (json.RawMessage, error) {
		return json.RawMessage(`{"headers":{"Set-Cookie":"hunter2"},"body":"{\"id_token\":\"hunter2\",\"name\":\"kept\"}"}`), nil
	}, logs.Middleware), `{}`)
	if strings.Contains(string(res.Output), "hunter2") || !strings.Contains(string(res.Output), "kept") {
		t.Errorf("got %s, want no credentials", res.Output)
	}
	if line := loggedEvent(t, `{"a":`+strings.Repeat(" ", 10)+`"b"} trailing`); strings.Contains(line, "hunter2") {
		t.Errorf("got %s", line)
	}
}

func TestLogEvent_HasNoWhiteSpaceBetweenTokens(t *testing.T) {
	t.Parallel()
	for _, space := range []string{" ", "\n", "\t", "\r"} {
		space = strings.Repeat(space, 64_000) // the event does not become longer than a line
		event := strings.ReplaceAll(`_{_"a b"_:_[_1_,_" "_]_}_`, "_", space)
		if got, want := loggedEvent(t, event), `"event":{"a b":[1," "]}`; !strings.Contains(got, want) {
			t.Errorf("%q: got %.300s, want %s", space[:1], got, want)
		}
	}
}

func TestLogEvent_CredentialsOfEventsThatAreNotJSON(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{LogEvent: new(true)})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func() error { return nil }, logs.Middleware), []byte(`password=hunter2&page=kept {"token":"hunter2`))
	if strings.Contains(string(res.Output), "hunter2") || !strings.Contains(string(res.Output), "kept") {
		t.Errorf("got %s, want no credentials", res.Output)
	}
}

func TestRedact_EventsThatAreNotJSONAreLeftOut(t *testing.T) {
	t.Parallel()
	line := loggedEvent(t, "password is hunter2", "password")
	if strings.Contains(line, "hunter2") || !strings.Contains(line, "19 bytes that are not JSON") {
		t.Errorf("got %s, want the number of bytes alone", line)
	}
}

// Texts of attributes, messages and errors are searched for the names of Options.Redact.
func TestRedact_InsideAttributes(t *testing.T) {
	t.Parallel()
	const secret = `{"user":"kept","password":"hunter2"}`
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.Info("body: "+secret, "body", secret, "query", "password=hunter2&user=kept", "raw", json.RawMessage(`{"body":`+quote(secret)+`}`),
		"list", []string{secret}, "error", fmt.Errorf("decode %s", secret), slog.Group("g", "body", secret))
	l.With("body", secret).WithGroup("g").Info("m", "body", base64Of(secret))
	for _, m := range lines(t, b.Bytes()) {
		if text := fmt.Sprint(m); strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVy") {
			t.Errorf("got %s, want no secret", text)
		}
	}
	if got, want := strings.Count(b.String(), "kept"), 8; got != want {
		t.Errorf("got %d values kept, want %d: %s", got, want, b)
	}
}

func TestRedact_LargeValuesStayValid(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.Info("m", "list", strings.Split(strings.Repeat("x,", 100_000), ","), "a", 1)
	if m := lines(t, b.Bytes())[0]; m["a"] != 1.0 {
		t.Errorf("got %.200s, want a line with the other attribute", b)
	}
}

func TestRedact_MessagesWithReplaceAttr(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"password"}, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }})
	l.Info(`body: {"user":"kept","password":"hunter2"}`)
	if got, want := lines(t, b.Bytes())[0]["message"], `body: {"user":"kept","password":"[redacted]"}`; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The long s is another case of s, and has two bytes.
func TestRedact_OtherCasesOfAnotherLength(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"secret", "ſecret"} {
		l, b := logger(t, logging.Options{Redact: []string{name}})
		l.Info("m", "Secret", "hunter2", "ſecret", "hunter2")
		if got, want := body(t, b), `{"Secret":"[redacted]","ſecret":"[redacted]"}`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestRedact_NamesAfterReplaceAttr(t *testing.T) {
	t.Parallel()
	o := logging.Options{Service: "hunter2", Redact: []string{"password", "tenant_id", "level"}, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case "pw":
			a.Key = "password"
		case "tenant":
			a.Key = "tenant_id" // which becomes attr_tenant_id
		case "tenant_id":
			a.Key = "customer"
		case "service":
			a.Key = "password"
		}
		return a
	}}
	l, b := logger(t, o)
	l.Info("m", "pw", "hunter2", "tenant", "hunter2", slog.Group("g", "pw", "hunter2"))
	l.With("pw", "hunter2").WithGroup("h").With("pw", "hunter2").Info("m")
	if m := lines(t, b.Bytes()); strings.Contains(b.String(), "hunter2") || m[0]["level"] != "INFO" {
		t.Errorf("got %s, want no secret, and the level", b)
	}
	logs := logging.New(&o)
	h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) { slog.New(logs).InfoContext(ctx, "m") }, logs.Middleware), &lambdatest.Options{TenantID: "hunter2"})
	if res := h.Invoke(`{}`); strings.Contains(string(res.Output), "hunter2") || res.Logs[0]["customer"] != "[redacted]" {
		t.Errorf("got %s, want no tenant", res.Output)
	}
}

func TestRedact_AGroupWithoutMembersIsLeftOut(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.WithGroup("password").Info("m", slog.Group("g", slog.Group("password")))
	if got, want := body(t, b), `{}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// leaky is a value whose encoding fails with a text that has a secret.
type leaky struct{ panics bool }

func (l leaky) MarshalJSON() ([]byte, error) {
	text := `cannot encode {"password":"hunter2"} for https://user:hunter2@host/`
	if l.panics {
		panic(text)
	}
	return nil, errors.New(text)
}

func TestRedact_ReasonsWhyAValueCannotBeEncoded(t *testing.T) {
	t.Parallel()
	for _, v := range []any{leaky{}, leaky{panics: true}, []any{leaky{}}} {
		l, b := logger(t, logging.Options{Redact: []string{"password"}})
		l.Info("m", "value", v)
		if got := body(t, b); strings.Contains(got, "hunter2") || !strings.Contains(got, "cannot encode") {
			t.Errorf("%T: got %s, want the reason without its secrets", v, got)
		}
	}
}
