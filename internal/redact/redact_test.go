package redact_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/redact"
)

func TestURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                     "",
		"https://h/p":                          "https://h/p",
		"https://h/p?q=1&r=2#f":                "https://h/p?q=1&r=2#f",
		"https://user:secret@h/p":              "https://h/p",
		"https://user@h:8/p":                   "https://h:8/p",
		"https://@h/p":                         "https://h/p",
		"https://a@b:secret@h/p":               "https://h/p",
		"https://user:se/cret@h/p":             "https://h/p",
		"https://user:se#cret@h/p":             "https://h/p",
		"https://user:!!/x@h/p":                "https://h/p",
		"https://user:::/x@h/p":                "https://h/p",
		"https://h:8080/p@q":                   "https://h:8080/p@q",
		"https://h:9091/p@q":                   "https://h:9091/p@q",
		"file:///p:a@q":                        "file:///p:a@q",
		"https://[::1]:80/p@q":                 "https://[::1]:80/p@q",
		"https://h/p@q":                        "https://h/p@q",
		"https://h?a=b@c":                      "https://h?a=b@c",
		"https://h#a@b":                        "https://h#a@b",
		"/p?q=1":                               "/p?q=1",
		"https://h/p?sig=secret":               "https://h/p?sig=REDACTED",
		"https://h/p?a=1&Signature=secret&b=2": "https://h/p?a=1&Signature=REDACTED&b=2",
		"https://h/p?AWSAccessKeyId=secret":    "https://h/p?AWSAccessKeyId=REDACTED",
		"https://h/p?X-Goog-Signature=secret":  "https://h/p?X-Goog-Signature=REDACTED",
		"https://h/p?X-Amz-Signature=secret&X-Amz-Date=1&X-Amz-Security-Token=secret&X-Amz-Credential=secret": "https://h/p?X-Amz-Signature=REDACTED&X-Amz-Date=1&X-Amz-Security-Token=REDACTED&X-Amz-Credential=REDACTED",
		"https://h/p?access_token=secret#f":         "https://h/p?access_token=REDACTED#f",
		"https://h/p?token=secret==&code=a=b":       "https://h/p?token=REDACTED&code=REDACTED",
		"https://h/p?token=secret&token=other":      "https://h/p?token=REDACTED&token=REDACTED",
		"https://h/p?token=&key":                    "https://h/p?token=&key",
		"https://h/p?":                              "https://h/p?",
		"https://h/p?&&a":                           "https://h/p?&&a",
		"https://h/p?X%2DAmz%2DSignature=secret":    "https://h/p?X%2DAmz%2DSignature=REDACTED",
		"https://h/p?user[password]=secret":         "https://h/p?user[password]=REDACTED",
		"https://h/?to=https%3A%2F%2Fi%3Fjwt%3Dxyz": "https://h/?to=https%3A%2F%2Fi%3Fjwt%3DREDACTED",
	} {
		if got := redact.URL(url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
		if again := redact.URL(want); again != want {
			t.Errorf("a second time: got %s, want %s", again, want)
		}
	}
}

func TestCredential_NamesOfQueries(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`x-api-key X-API-Key api_key apikey apiKey key auth Authorization x-auth jwt sessionid session_id JSESSIONID PHPSESSID
		session sid X-Amz-Signature X-Amz-Credential X-Amz-Security-Token x-amz-security-token AWSAccessKeyId access_key_id Signature sig hmac token
		access_token id_token refresh_token authToken x-auth-token bearer password passwd pwd pass user_password secret client_secret code otp
		client_assertion SAMLResponse AUTHORIZATION subscription-key sharedAccessKey private_key secretKey credential pass%77ord pass~word {token} p|wd @sig/ [key]`) {
		if !redact.Credential(name, redact.InQuery) {
			t.Errorf("%s: got no credential, want one", name)
		}
	}
	if long := strings.Repeat("x", 100) + "token"; !redact.Credential(long, redact.InQuery) {
		t.Errorf("%s: got no credential, want one", long)
	}
	for _, name := range strings.Fields(`q page id user nextToken NextToken pageToken continuation-token ClientRequestToken max_tokens token_type
		author authors keyword sort-key monkey codec zipcode sessions signed state nonce X-Amz-Date publicKey token0 token9`) {
		if redact.Credential(name, redact.InQuery) {
			t.Errorf("%s: got a credential, want none", name)
		}
	}
}

// In texts and events, short names are ordinary words.
func TestCredential_DependsOnThePlace(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]redact.Place{
		"password": redact.InQuery | redact.InText | redact.InField | redact.InString,
		"code":     redact.InQuery, "key": redact.InQuery, "sessionId": redact.InQuery | redact.InText,
		"jwt": redact.InQuery | redact.InText | redact.InString, "Cookie": redact.InQuery | redact.InField | redact.InString,
		"Set-Cookie": redact.InField | redact.InString, "session": redact.InQuery | redact.InString,
	} {
		for _, place := range []redact.Place{redact.InQuery, redact.InText, redact.InField, redact.InString} {
			if got := redact.Credential(name, place); got != (want&place != 0) {
				t.Errorf("%s at %d: got %v, want %v", name, place, got, !got)
			}
		}
	}
}

func TestConnection(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                                          "",
		"localhost":                                 "localhost",
		"jdbc:mysql://db:3306/x":                    "jdbc:mysql://db:3306/x",
		"postgres://user:secret@db:5432":            "postgres://db:5432",
		"redis://:secret@db":                        "redis://db",
		"mongodb://u:se@cret@a,b/x?y=z@w":           "mongodb://a,b/x?y=z@w",
		"u:secret@tcp(h:3306)/x":                    "tcp(h:3306)/x",
		"Server=db;Database=x;Password=secret":      "Server=db;Database=x;Password=REDACTED",
		"Server=db;PWD=secret;pass=secret":          "Server=db;PWD=REDACTED;pass=REDACTED",
		"Server=db;Database=x;User Id=u;Password=a": "Server=db;Database=x;User Id=u;Password=REDACTED",
		"host=db user=u password=a":                 "host=db user=u password=REDACTED",
		"host=h password='a b' x=y":                 "host=h password=REDACTED x=y",
		"Server=h;Password='hidden":                 "Server=h;Password=REDACTED",
		"Server=h;Password={hid;den};x=y":           "Server=h;Password=REDACTED;x=y",
		"Server=h;Password={hid;den":                "Server=h;Password=REDACTED",
		"host=h password=\"a b\" x=y":               "host=h password=REDACTED x=y",
		"host=h password=":                          "host=h password=",
		"host=h password = ":                        "host=h password = ",
		"host=h password":                           "host=h password",
		"host=h password x=y":                       "host=h password x=y",
		"host=h\tpassword=a\tx=y":                   "host=h\tpassword=REDACTED\tx=y",
		"host=h\npassword=a\nx=y":                   "host=h\npassword=REDACTED\nx=y",
		"host=h  accountKey  =  a x=y":              "host=h  accountKey  =  REDACTED x=y",
		"Server=h; Password = a":                    "Server=h; Password = REDACTED",
		"Server=h;Password=a=b":                     "Server=h;Password=REDACTED",
		"host=h sslpassword=a":                      "host=h sslpassword=REDACTED",
		"Server=h;Passport=a;Token":                 "Server=h;Passport=a;Token",
		"Server=h;Password=;PWD=a;Secret=":          "Server=h;Password=;PWD=REDACTED;Secret=",
		"host=h password='' x=y":                    "host=h password=REDACTED x=y",
	} {
		if got := redact.Connection(s); got != want {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
}

func parseError(s string) error {
	_, err := url.Parse(s)
	return err
}

func TestText(t *testing.T) {
	t.Parallel()
	parse, invalid := parseError("postgres://user:hid/den@db:5432/x"), parseError("https://h/%zz?token=hidden")
	get := &url.Error{Op: "Get", URL: "https://u:hidden@h/p?x-api-key=hidden&page=2", Err: errors.New("EOF")}
	for s, want := range map[string]string{
		"": "", "a = b": "a = b", "bob@example.com": "bob@example.com", "mailto:bob@example.com": "mailto:bob@example.com",
		get.Error(): `Get "https://h/p?x-api-key=REDACTED&page=2": EOF`,
		errors.Join(get, fmt.Errorf("again: %v", get)).Error():  "Get \"https://h/p?x-api-key=REDACTED&page=2\": EOF\nagain: Get \"https://h/p?x-api-key=REDACTED&page=2\": EOF",
		fmt.Sprintf("%q", get.Error()):                          `"Get \"https://h/p?x-api-key=REDACTED&page=2\": EOF"`,
		parse.Error():                                           `parse "postgres://db:5432/x": invalid port ":REDACTED" after host`,
		invalid.Error():                                         `parse "https://h/%zz?token=REDACTED": invalid URL escape "%zz"`,
		"dial https://u:hidden@a https://v:hidden@b?jwt=hidden": "dial https://a https://b?jwt=REDACTED",
		"https://a://u:hidden@b":                                "https://a://b",
		"(https://h/?auth=hidden), https://i/#id_token=hidden":  "(https://h/?auth=REDACTED), https://i/#id_token=REDACTED",
		"GET /p?sessionid=hidden HTTP/1.1":                      "GET /p?sessionid=REDACTED HTTP/1.1",
		"open u:hidden@tcp(h:3306)/x, v:hidden@unix(/s)/y":      "open tcp(h:3306)/x, unix(/s)/y",
		"https://h:x,https://u:hidden@b":                        "https://h:x,https://b",
		"://u:hidden@h":                                         "://h",
		"@u:hidden@tcp(h)/x":                                    "tcp(h)/x",
		"https://h is not a:b@c":                                "https://h is not a:b@c",
		`{"u":"/p?a=1\u0026pwd=hidden"}`:                        `{"u":"/p?a=1\u0026pwd=REDACTED"}`,
		"u0026pwd=x":                                            "u0026pwd=x",
		`{"u":"/p?a=1\u0026code=hidden\u0026b=2"}`:              `{"u":"/p?a=1\u0026code=REDACTED\u0026b=2"}`,
		`{"t":"a\npwd=hidden\tjwt=hidden"}`:                     `{"t":"a\npwd=REDACTED\tjwt=REDACTED"}`,
		`{"t":"\u003cpwd=hidden\u003e\u003ccode=5"}`:            `{"t":"\u003cpwd=REDACTED\u003e\u003ccode=5"}`,
		`C:\token=hidden npwd=x \n=1 \u00=2`:                    `C:\token=REDACTED npwd=x \n=1 \u00=2`,
		`dir\password=hidden`:                                   `dir\password=REDACTED`,
		"x == y token=hidden":                                   "x == y token=REDACTED",
		`password="" user=u`:                                    `password=REDACTED user=u`,
		`parse "postgres://u@db": invalid port ":hidden`:        `parse "postgres://db": invalid port ":REDACTED`,
		"open u:hidden@azAZ09_(h)/x":                            "open azAZ09_(h)/x",
		"@db: dial https://u:hidden@h":                          "@db: dial https://h",
		"cannot parse `host=h password=hidden x=1`":             "cannot parse `host=h password=REDACTED x=1`",
		`password="hid den" user=u`:                             `password=REDACTED user=u`,
		`password="hidden`:                                      `password=REDACTED`,
		`{"u":"/p?a=1\u0026token=hidden\u0026b=2"}`:             `{"u":"/p?a=1\u0026token=REDACTED\u0026b=2"}`,
		"status code=404, key=orders/1.json, pass=5":            "status code=404, key=orders/1.json, pass=5",
		"open bob@tcp(h:3306)/x":                                "open bob@tcp(h:3306)/x", "bob@(x)": "bob@(x)",
		"open u:hidden@(h:3306)/x":               "open (h:3306)/x",
		"https:// is not a:b@c":                  "https:// is not a:b@c",
		`invalid port ":hid@den" after host`:     `invalid port ":REDACTED" after host`,
		`invalid port ":" of a@b`:                `invalid port ":REDACTED" of a@b`,
		"=token%3Dhidden x":                      "=token%3DREDACTED x",
		`C:\xpwd=x C:\abcdepwd=x`:                `C:\xpwd=x C:\abcdepwd=x`,
		`password='hid den' user=u`:              `password=REDACTED user=u`,
		`password='hidden`:                       `password=REDACTED`,
		`password='' user=u`:                     `password=REDACTED user=u`,
		"%zz=1 %zzpassword=hidden":               "%zz=1 %zzpassword=REDACTED",
		"https://h/?a=b=c&d=e%3Df":               "https://h/?a=b=c&d=e%3Df",
		"https://h/?a=token=hidden":              "https://h/?a=token=REDACTED",
		"https://h/?u=%2Fp%3Ftoken%3Dhidden&b=c": "https://h/?u=%2Fp%3Ftoken%3DREDACTED&b=c",
	} {
		got := redact.Text(s)
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", s, got, want)
		}
		if again := redact.Text(got); again != got {
			t.Errorf("a second time: got %s, want %s", again, got)
		}
	}
}

// A value ends at the first of these bytes.
func TestText_ValuesEnd(t *testing.T) {
	t.Parallel()
	for _, end := range "&;,#)} \t\r\n\"'`<>\\" {
		text, want := "password=hidden"+string(end)+"x", "password=REDACTED"+string(end)+"x"
		if got := redact.Text(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, inside := range "=:/.?!-_%[({@$*+~|^0aZ" {
		text := "password=hid" + string(inside) + "den x"
		if got, want := redact.Text(text), "password=REDACTED x"; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A token for the next page gives no access: the bytes before "token" count if they belong to the name.
func TestText_BytesOfNames(t *testing.T) {
	t.Parallel()
	for _, c := range "-._[]$%aZz09A" {
		text := "next" + string(c) + "token=kept"
		if strings.ContainsRune("aZz09A", c) {
			text = "x=1 nexttoke" + string(c) + "=kept" // a name of its own
		}
		if got := redact.Text(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	for _, c := range " :/!?&#(){}@,;+~*^|<>\"'`=\\\t\n" {
		text, want := "next"+string(c)+"token=hidden", "next"+string(c)+"token=REDACTED"
		if got := redact.Text(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A name is compared in its last 256 bytes, a user may have as many.
func TestText_LongNames(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 250, 300, 5000} {
		long := strings.Repeat("x", n)
		for text, want := range map[string]string{
			long + "_token=hidden":                            long + "_token=REDACTED",
			"dial " + long[:min(n, 240)] + ":hidden@tcp(h)/x": "dial tcp(h)/x",
		} {
			if got := redact.Text(text); got != want {
				t.Errorf("got %.400q, want %.400q", got, want)
			}
		}
	}
}

func TestText_CostsNothingWithoutURLs(t *testing.T) {
	const s = "open /etc/app.conf: no such file or directory"
	if n := testing.AllocsPerRun(100, func() { redact.Text(s) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

// Work grows with the length of the text, whatever is in it. A search that starts again at
// every pair would take minutes.
func TestText_LongTexts(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"a=", "://", "a:@a(", "x@a(", "a=%3D", "password=", `password="`, "https://u:p@h?token=x ", "&token=", "a=%", "@", "%3D"} {
		redact.Text(strings.Repeat(part, 100_000/len(part)))
	}
}
