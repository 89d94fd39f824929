package xray

import "testing"

func TestSafeURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                     "",
		"https://h/p":                          "https://h/p",
		"https://h/p?q=1&r=2#f":                "https://h/p?q=1&r=2#f",
		"https://user:secret@h/p":              "https://h/p",
		"https://user@h:8/p":                   "https://h:8/p",
		"https://a@b:secret@h/p":               "https://h/p",
		"https://h/p@q":                        "https://h/p@q",
		"https://h?a=b@c":                      "https://h?a=b@c",
		"https://h#a@b":                        "https://h#a@b",
		"/p?q=1":                               "/p?q=1",
		"https://h/p?sig=secret":               "https://h/p?sig=REDACTED",
		"https://h/p?a=1&Signature=secret&b=2": "https://h/p?a=1&Signature=REDACTED&b=2",
		"https://h/p?AWSAccessKeyId=secret":    "https://h/p?AWSAccessKeyId=REDACTED",
		"https://h/p?X-Goog-Signature=secret":  "https://h/p?X-Goog-Signature=REDACTED",
		"https://h/p?X-Amz-Signature=secret&X-Amz-Date=1&X-Amz-Security-Token=secret&X-Amz-Credential=secret": "https://h/p?X-Amz-Signature=REDACTED&X-Amz-Date=1&X-Amz-Security-Token=REDACTED&X-Amz-Credential=REDACTED",
		"https://h/p?access_token=secret#f":    "https://h/p?access_token=REDACTED#f",
		"https://h/p?token=secret==&code=a=b":  "https://h/p?token=REDACTED&code=REDACTED",
		"https://h/p?token=secret&token=other": "https://h/p?token=REDACTED&token=REDACTED",
		"https://h/p?token=&key":               "https://h/p?token=&key",
		"https://h/p?":                         "https://h/p?",
		"https://h/p?&&a":                      "https://h/p?&&a",
		"https://h/p?a=1?token=x":              "https://h/p?a=1?token=x",
	} {
		if got := safeURL(url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
		if again := safeURL(want); again != want {
			t.Errorf("%s became %s", want, again)
		}
	}
}

func TestWithoutUser(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                                     "",
		"localhost":                            "localhost",
		"jdbc:mysql://db:3306/x":               "jdbc:mysql://db:3306/x",
		"postgres://user:secret@db:5432":       "postgres://db:5432",
		"redis://:secret@db":                   "redis://db",
		"mongodb://u:se@cret@a,b/x?y=z@w":      "mongodb://a,b/x?y=z@w",
		"Server=db;Database=x;Password=secret": "Server=db;Database=x;Password=REDACTED",
		"Server=db;PWD=secret;pass=secret":     "Server=db;PWD=REDACTED;pass=REDACTED",
	} {
		if got := withoutUser(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

// TestURLWithoutSecrets goes through documents, since a URL may also come in parts.
func TestURLWithoutSecrets(t *testing.T) {
	t.Parallel()
	get := str("http.method", "GET")
	for name, list := range map[string]attrs{
		"given":  {str("url.full", "https://u:hidden@h/p?token=hidden")},
		"older":  {str("http.url", "https://u:hidden@h/p?token=hidden"), str("http.target", "/p?token=hidden")},
		"parts":  {get, str("server.address", "h"), str("url.path", "/p"), str("url.query", "token=hidden")},
		"target": {get, str("http.host", "h"), str("http.target", "/p?token=hidden")},
		"both":   {get, str("url.full", "https://h/p?token=hidden"), str("url.query", "token=hidden")},
	} {
		for _, s := range []*Span{newSpan(client, list...), newSegment(server, list...)} {
			if !noSecret(encode(t, Config{}, s).JSON) {
				t.Errorf("%s, %v", name, s.Kind)
			}
		}
	}
}

// TestSecrets is of credentials that documents must not hold.
func TestSecrets(t *testing.T) {
	t.Parallel()
	get, mysql := str("http.request.method", "GET"), str("db.system", "mysql")
	for name, list := range map[string]attrs{
		"query of a URL without host":  {get, str("url.path", "/p"), str("url.query", "token=hidden")},
		"target of a URL without host": {get, str("http.target", "/p?token=hidden")},
		"fragment of a URL":            {str("url.full", "https://h/p#access_token=hidden")},
		"name with percent signs":      {str("url.full", "https://h/p?X%2DAmz%2DSignature=hidden")},
		"connection of another system": {str("db.system", "redis"), str("db.connection_string", "redis://u:hidden@h")},
		"query of a connection":        {mysql, str("db.connection_string", "jdbc:mysql://h/x?user=u&password=hidden")},
		"properties of a connection":   {mysql, str("db.connection_string", "jdbc:sqlserver://h:1433;databaseName=x;user=u;password=hidden")},
		"quoted password":              {mysql, str("db.connection_string", "host=h password='a hidden'")},
		"spaces around the sign":       {mysql, str("db.connection_string", "Server=h; Password = hidden")},
		"password with an equals sign": {mysql, str("db.connection_string", "Server=h;Password=a=hidden")},
		"user without scheme":          {mysql, str("db.connection_string", "u:hidden@tcp(h:3306)/x")},
		"signed address of a queue":    {str("rpc.system", "aws-api"), str("messaging.url", "https://u:hidden@h/q")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := encode(t, Config{}, newSpan(server, list...)); !noSecret(d.JSON) {
				t.Errorf("%s", d.JSON)
			}
		})
	}
	for s, want := range map[string]string{ // and nothing else is changed
		"Server=db;Database=x;User Id=u;Password=a": "Server=db;Database=x;User Id=u;Password=REDACTED",
		"host=db user=u password=a":                 "host=db user=u password=REDACTED",
	} {
		if got := withoutUser(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
	if got := safeURL("/a=b c;d"); got != "/a=b c;d" {
		t.Errorf("%s", got)
	}
}
