package xray

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"go.opentelemetry.io/otel/codes"
)

// TestURLWithoutSecrets checks whole documents, since attributes may hold a URL in parts.
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
				t.Errorf("%s, %v: got a document with the secret, want none", name, s.Kind)
			}
		}
	}
}

// Documents contain no credentials.
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
				t.Errorf("got %s, want no secret", d.JSON)
			}
		})
	}
}

// Texts of errors contain no credentials, whichever way the span records them.
func TestURLsInErrors(t *testing.T) {
	t.Parallel()
	get := &url.Error{Op: "Get", URL: "https://u:hidden@h/p?x-api-key=hidden&jwt=hidden&page=2", Err: errors.New("EOF")}
	list := map[string]error{
		"itself": get, "wrapped": fmt.Errorf("get: %w", get), "text": fmt.Errorf("get: %v", get),
		"joined": errors.Join(errors.New("a"), fmt.Errorf("b: %w", get)), "joined and wrapped": fmt.Errorf("c: %w", errors.Join(get, get)),
	}
	for name, err := range list {
		status := newSpan(client)
		status.Status, status.Description = codes.Error, err.Error()
		event := newSpan(client)
		event.Events = []Event{{Name: ExceptionEvent, Attributes: attrs{ExceptionMessage.String(err.Error())}}}
		for kind, s := range map[string]*Span{"recorded": failed(err), "status": status, "event": event} {
			if d := encode(t, Config{}, s); !noSecret(d.JSON) || d.At("cause.exceptions") == nil {
				t.Errorf("%s, %s: got %s, want exceptions without the secret", name, kind, d.JSON)
			}
		}
	}
}

func TestURLAtTheEndOfALongMessage(t *testing.T) {
	t.Parallel()
	for n := maxMessage - 30; n < maxMessage; n++ { // the cut is inside the password
		x := Exceptions(errors.New(string(make([]byte, n))+" https://user:hiddenhiddenhidden@h/"), "")
		if !noSecret([]byte(x[0].Message)) {
			t.Fatalf("%d bytes before the URL: got %q, want no secret", n, x[0].Message[n:])
		}
	}
}
