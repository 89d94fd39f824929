package xray

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attrs   attrs
		segment bool
		want    string // the member http
	}{
		"none":            {attrs{str("a", "b")}, false, ``},
		"only an agent":   {attrs{str("http.user_agent", "curl")}, false, ``},
		"older names":     {attrs{str("http.method", "PUT"), str("http.url", "https://h/p"), str("http.user_agent", "curl"), num("http.status_code", 201)}, false, `{"request":{"method":"PUT","url":"https://h/p","user_agent":"curl"},"response":{"status":201}}`},
		"current names":   {attrs{str("http.request.method", "PUT"), str("url.full", "https://h/p"), str("user_agent.original", "curl"), num("http.response.status_code", 201)}, false, `{"request":{"method":"PUT","url":"https://h/p","user_agent":"curl"},"response":{"status":201}}`},
		"only a method":   {attrs{str("http.request.method", "GET")}, false, `{"request":{"method":"GET"}}`},
		"only a status":   {attrs{num("http.status_code", 500)}, false, `{"response":{"status":500}}`},
		"no answer":       {attrs{str("http.method", "GET"), num("http.status_code", 0), num("http.response.body.size", 0)}, false, `{"request":{"method":"GET"}}`},
		"no answer alone": {attrs{num("http.status_code", 0), num("http.response.body.size", 0)}, false, ``},
		"only a size":     {attrs{num("http.response.body.size", 0)}, false, ``},
		"size of a call":  {attrs{str("http.method", "GET"), num("http.response.body.size", 0)}, false, `{"request":{"method":"GET"},"response":{"content_length":0}}`},
		"only a URL":      {attrs{str("url.full", "http://h/")}, false, `{"request":{"url":"http://h/"}}`},
		"status as text":  {attrs{str("http.status_code", "500")}, false, ``},
		"odd types":       {attrs{num("http.method", 1), num("url.full", 1), str("http.status_code", "x")}, false, ``},
		"client, older":   {attrs{str("http.method", "GET"), str("http.client_ip", "1.2.3.4")}, false, `{"request":{"method":"GET","client_ip":"1.2.3.4"}}`},
		"client, current": {attrs{str("http.method", "GET"), str("client.address", "2001:db8::1")}, false, `{"request":{"method":"GET","client_ip":"2001:db8::1"}}`},
		"client of a segment, which a proxy says": {attrs{str("http.method", "GET"), str("client.address", "1.2.3.4")}, true,
			`{"request":{"method":"GET","client_ip":"1.2.3.4","x_forwarded_for":true}}`},
		"client of a segment, with its peer": {attrs{str("http.method", "GET"), str("client.address", "1.2.3.4"), str("network.peer.address", "10.0.0.1")}, true,
			`{"request":{"method":"GET","client_ip":"1.2.3.4"}}`},
		"client that is no address": {attrs{str("http.method", "GET"), str("client.address", "example.com"), str("network.peer.address", "10.0.0.1")}, true,
			`{"request":{"method":"GET","client_ip":"10.0.0.1"}}`},
		"peer, older":   {attrs{str("http.method", "GET"), str("net.peer.ip", "10.0.0.1")}, true, `{"request":{"method":"GET","client_ip":"10.0.0.1"}}`},
		"peer, current": {attrs{str("http.method", "GET"), str("network.peer.address", "10.0.0.1")}, true, `{"request":{"method":"GET","client_ip":"10.0.0.1"}}`},
		"size received, older": {attrs{num("http.status_code", 200), str("message.type", "RECEIVED"), num("messaging.message_payload_size_bytes", 7)}, false,
			`{"response":{"status":200,"content_length":7}}`},
		"size received, current": {attrs{num("http.status_code", 200), str("message.type", "RECEIVED"), num("messaging.message.body.size", 7)}, false,
			`{"response":{"status":200,"content_length":7}}`},
		"size sent": {attrs{num("http.status_code", 200), str("message.type", "SENT"), num("messaging.message.body.size", 7)}, false,
			`{"response":{"status":200}}`},
		"size of the body": {attrs{num("http.status_code", 200), num("http.response.body.size", 0)}, false, `{"response":{"status":200,"content_length":0}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(trace.SpanKindServer, c.attrs...)
			s.Segment = c.segment
			check(t, encode(t, Config{}, s), members{"http": c.want})
		})
	}
}

func TestReceivedEvent(t *testing.T) {
	t.Parallel()
	s := newSpan(trace.SpanKindClient, num("http.status_code", 200), num("messaging.message.body.size", 7))
	s.Events = []Event{{Name: "message", Time: start, Attributes: attrs{str("message.type", "RECEIVED")}}}
	check(t, encode(t, Config{}, s), members{"http.response.content_length": "7"})
	s.Attributes = append(s.Attributes, num("http.response.body.size", 8)) // wins over the size of the message
	check(t, encode(t, Config{}, s), members{"http.response.content_length": "8"})
	s.Attributes = s.Attributes[:2]
	s.Events[0].Attributes = attrs{attribute.Bool("message.type", true)}
	check(t, encode(t, Config{}, s), members{"http.response.content_length": ""})
}

func TestURL(t *testing.T) {
	t.Parallel()
	const client, server = trace.SpanKindClient, trace.SpanKindServer
	get := str("http.request.method", "GET")
	for name, c := range map[string]struct {
		kind  trace.SpanKind
		attrs attrs
		want  string
	}{
		"given":                    {client, attrs{get, str("url.full", "https://h:8/p?q=1#f"), str("http.host", "other")}, "https://h:8/p?q=1#f"},
		"client, older":            {client, attrs{get, str("http.scheme", "https"), str("http.host", "h"), str("http.target", "/p?q=1")}, "https://h/p?q=1"},
		"client, current":          {client, attrs{get, str("url.scheme", "https"), str("server.address", "h"), num("server.port", 8443), str("url.path", "/p"), str("url.query", "q=1")}, "https://h:8443/p?q=1"},
		"client, host first":       {client, attrs{get, str("http.host", "a"), str("net.peer.name", "b"), str("net.peer.ip", "1.2.3.4"), str("server.address", "d")}, "http://a/"},
		"client, then name":        {client, attrs{get, str("net.peer.name", "b"), str("net.peer.ip", "1.2.3.4"), str("server.address", "d")}, "http://b/"},
		"client, then address":     {client, attrs{get, str("net.peer.ip", "1.2.3.4"), str("server.address", "d")}, "http://1.2.3.4/"},
		"client, then server":      {client, attrs{get, str("server.address", "d")}, "http://d/"},
		"client, port of the peer": {client, attrs{get, str("net.peer.name", "b"), num("net.peer.port", 8080), num("net.host.port", 9)}, "http://b:8080/"},
		"client, current port":     {client, attrs{get, str("net.peer.name", "b"), num("network.peer.port", 8080)}, "http://b:8080/"},
		"server, host first":       {server, attrs{get, str("http.host", "a"), str("http.server_name", "b"), str("net.host.name", "c"), str("host.name", "d"), str("server.address", "e")}, "http://a/"},
		"server, then its name":    {server, attrs{get, str("http.server_name", "b"), str("net.host.name", "c"), str("host.name", "d"), str("server.address", "e")}, "http://b/"},
		"server, then host":        {server, attrs{get, str("net.host.name", "c"), str("host.name", "d"), str("server.address", "e")}, "http://c/"},
		"server, then machine":     {server, attrs{get, str("host.name", "d"), str("server.address", "e")}, "http://d/"},
		"server, then current":     {server, attrs{get, str("server.address", "e")}, "http://e/"},
		"server, port":             {server, attrs{get, str("server.address", "e"), num("net.host.port", 81), num("net.peer.port", 9)}, "http://e:81/"},
		"server, current port":     {server, attrs{get, str("server.address", "e"), num("server.port", 81)}, "http://e:81/"},
		"port 80":                  {server, attrs{get, str("server.address", "e"), num("server.port", 80)}, "http://e/"},
		"port 443":                 {server, attrs{get, str("url.scheme", "https"), str("server.address", "e"), num("server.port", 443)}, "https://e/"},
		"port 443 of HTTP":         {server, attrs{get, str("server.address", "e"), num("server.port", 443)}, "http://e:443/"},
		"port 80 of HTTPS":         {server, attrs{get, str("url.scheme", "https"), str("server.address", "e"), num("server.port", 80)}, "https://e:80/"},
		"port as text":             {server, attrs{get, str("server.address", "e"), str("server.port", "81")}, "http://e:81/"},
		"host with its port":       {server, attrs{get, str("http.host", "e:82"), num("net.host.port", 81)}, "http://e:82/"},
		"target over path":         {server, attrs{get, str("http.host", "e"), str("http.target", "/t?x=1"), str("url.path", "/p"), str("url.query", "q=1")}, "http://e/t?x=1"},
		"query without path":       {server, attrs{get, str("http.host", "e"), str("url.query", "q=1")}, "http://e/?q=1"},
		"path without slash":       {server, attrs{get, str("http.host", "e"), str("url.path", "p")}, "http://e/p"},
		"path without method":      {server, attrs{str("http.host", "e"), str("url.path", "/p")}, "http://e/p"},
		"no host":                  {server, attrs{get, str("url.path", "/p")}, ""},
		"not HTTP":                 {client, attrs{str("server.address", "db"), num("server.port", 5432)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := ""
			if c.want != "" {
				want = `"` + c.want + `"`
			}
			check(t, encode(t, Config{}, newSpan(c.kind, c.attrs...)), members{"http.request.url": want})
		})
	}
}

// Attributes that are in the URL are not metadata as well.
func TestURL_PartsAreNotMetadata(t *testing.T) {
	t.Parallel()
	get, full := str("http.request.method", "GET"), str("url.full", "https://h/p?q=1")
	target := attrs{get, str("http.scheme", "https"), str("http.host", "h"), str("http.target", "/p?q=1")}
	path := attrs{get, str("url.scheme", "https"), str("server.address", "h"), num("server.port", 443), str("url.path", "/p"), str("url.query", "q=1")}
	for name, a := range map[string]attrs{"target": target, "path": path, "target beside the URL": append(target, full), "path beside the URL": append(path, full)} {
		d := encode(t, Config{}, newSpan(trace.SpanKindClient, a...))
		if check(t, d, members{"http.request.url": `"https://h/p?q=1"`, "metadata": ""}); t.Failed() {
			t.Fatalf("%s: %s", name, d.JSON)
		}
	}
}
