package viewer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var errNoURL = errors.New("nothing takes requests: start lambdakit run with -http or -serve")

// curl answers with a command that sends the event of an invocation again.
func (s *Server) curl(w http.ResponseWriter, r *http.Request) {
	event, _, ok := s.Store.Event(r.PathValue("id"))
	if !ok {
		complain(w, http.StatusNotFound, errUnknown)
		return
	}
	state := s.Store.State()
	command := curlCommand(event, state.URL, state.InvokeURL)
	if command == "" {
		complain(w, http.StatusConflict, errNoURL)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, command)
}

// request has the members of HTTP events of all front ends.
type request struct {
	HTTPMethod   string              `json:"httpMethod"`
	Method       string              `json:"method"`
	Path         string              `json:"path"`
	RawPath      string              `json:"rawPath"`
	LatticePath  string              `json:"raw_path"`
	RawQuery     string              `json:"rawQueryString"`
	Query        map[string]oneOrAll `json:"queryStringParameters"`
	AllQuery     map[string]oneOrAll `json:"multiValueQueryStringParameters"`
	LatticeQuery map[string]oneOrAll `json:"query_string_parameters"`
	Header       map[string]oneOrAll `json:"headers"`
	AllHeader    map[string]oneOrAll `json:"multiValueHeaders"`
	Cookies      []string            `json:"cookies"`
	Body         string              `json:"body"`
	IsBase64     bool                `json:"isBase64Encoded"`
	LatticeB64   bool                `json:"is_base64_encoded"`
	Context      struct {
		ELB  json.RawMessage `json:"elb"`
		HTTP struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

// oneOrAll is a value or a list of values.
type oneOrAll []string

// UnmarshalJSON implements json.Unmarshaler.
func (v *oneOrAll) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		*v = make(oneOrAll, 1)
		return json.Unmarshal(text, &(*v)[0])
	}
	return json.Unmarshal(text, (*[]string)(v))
}

// curlCommand returns a command that sends the request of an HTTP event to front, or any event to invoke.
// It returns an empty string if neither takes the event.
func curlCommand(event []byte, front, invoke string) string {
	var r request
	err := json.Unmarshal(event, &r)
	method := cmp.Or(r.HTTPMethod, r.Context.HTTP.Method, r.Method)
	switch {
	case err == nil && method != "" && front != "":
		return r.curl(method, strings.TrimSuffix(front, "/"))
	case invoke != "":
		return "curl --data-raw " + quote(string(event)) + " " + quote(invoke)
	}
	return ""
}

func (r *request) curl(method, front string) string {
	target := front + escapePath(cmp.Or(r.RawPath, r.Path, r.LatticePath, "/"))
	if query := r.query(); query != "" {
		target += "?" + query
	}
	how := "-X " + quote(method)
	if method == http.MethodHead {
		how = "--head" // with -X, curl waits for a body
	}
	parts := []string{"curl --globoff --path-as-is " + how + " " + quote(target)}
	header := r.Header
	if len(r.AllHeader) > 0 {
		header = r.AllHeader
	}
	hasCookie := false
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if ofFrontEnd(name) {
			continue
		}
		hasCookie = hasCookie || strings.EqualFold(name, "cookie")
		for _, value := range header[name] {
			line := name + ": " + value
			if value == "" {
				line = name + ";" // curl's form of a header without a value
			}
			parts = append(parts, "-H "+quote(line))
		}
	}
	if len(r.Cookies) > 0 && !hasCookie {
		parts = append(parts, "-b "+quote(strings.Join(r.Cookies, "; ")))
	}
	switch {
	case r.Body == "":
	case r.IsBase64 || r.LatticeB64:
		parts[0] = "echo " + quote(r.Body) + " | base64 -d | " + parts[0]
		parts = append(parts, "--data-binary @-")
	default:
		parts = append(parts, "--data-raw "+quote(r.Body))
	}
	return strings.Join(parts, " \\\n  ")
}

// escapePath escapes what cannot be in the path of a URL. Some front ends pass the path decoded.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		isEscape := c == '%' && i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2])
		if isEscape || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte("-._~!$&'()*+,;=:@/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func (r *request) query() string {
	if r.RawQuery != "" {
		return r.RawQuery
	}
	list := r.AllQuery
	if len(list) == 0 {
		list = r.Query
	}
	if len(list) == 0 {
		list = r.LatticeQuery
	}
	escape := url.QueryEscape
	if r.Context.ELB != nil { // a load balancer passes a query as it came
		escape = func(s string) string { return s }
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(list)) {
		for _, value := range list[name] {
			parts = append(parts, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(parts, "&")
}

// ofFrontEnd reports whether curl or the front end sets a header.
func ofFrontEnd(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "host", "content-length", "via", "user-agent", "x-amzn-trace-id":
		return true
	}
	return strings.HasPrefix(name, "x-forwarded-")
}

// quote quotes a text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
