package httpevent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/httpapi"
)

// ContentType is the media type of an answer that is a stream: a prelude, eight NUL bytes and the body.
const ContentType = "application/vnd.awslambda.http-integration-response"

// Separator stands between the prelude and the body of a stream.
var Separator = make([]byte, 8)

// MaxPrelude is the most bytes of a prelude that a front end accepts.
const MaxPrelude = 16 << 10

// Decode returns the response that the client gets for the function's answer to r. An answer with the
// Separator is a stream. If the answer is malformed, Decode returns an error with the reason, and the
// response is a 502.
func (f Front) Decode(r *http.Request, answer []byte) (*http.Response, error) {
	if prelude, body, ok := bytes.Cut(answer, Separator); ok && f.Streams() {
		response, err := f.Prelude(r, prelude)
		if err != nil {
			return response, err
		}
		return withBody(response, body), nil
	}
	response, err := f.decode(r, answer)
	if err != nil {
		return f.Failure(r), fmt.Errorf("the answer of the function is malformed: %w", err)
	}
	return response, nil
}

// Prelude returns the response whose status and headers a stream begins with. Its body is empty. If
// the prelude is malformed, Prelude returns an error with the reason, and the response is a 502.
func (f Front) Prelude(r *http.Request, prelude []byte) (*http.Response, error) {
	var a answer
	err := json.Unmarshal(prelude, &a)
	switch {
	case err == nil && len(prelude) > MaxPrelude:
		err = fmt.Errorf("it has %d bytes, and the limit is %d", len(prelude), MaxPrelude)
	case err == nil && a.Status == nil:
		a.Status = json.RawMessage("200")
	}
	if err == nil {
		var response *http.Response
		if response, err = f.begin(r, &a, true); err == nil {
			return response, nil
		}
	}
	return f.Failure(r), fmt.Errorf("the prelude of the stream is malformed: %w", err)
}

// Failure returns the response that the client gets if the function fails.
func (f Front) Failure(r *http.Request) *http.Response {
	kind, body := "application/json", `{"message":"Internal server error"}`
	if f.Kind == httpapi.LoadBalancer {
		kind, body = "text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
	}
	return withBody(newResponse(r, http.StatusBadGateway, http.Header{"Content-Type": {kind}}), []byte(body))
}

func newResponse(r *http.Request, status int, header http.Header) *http.Response {
	return &http.Response{
		Status:     strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status)),
		StatusCode: status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  header,
		Body:    http.NoBody,
		Request: r,
	}
}

// withBody sets the body, unless the response cannot have one.
func withBody(response *http.Response, body []byte) *http.Response {
	r := response.Request
	if len(body) == 0 || r != nil && r.Method == http.MethodHead || response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified {
		return response
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return response
}

// answer has the members of an answer that some front end reads.
type answer struct {
	Status      json.RawMessage `json:"statusCode"`
	Description json.RawMessage `json:"statusDescription"`
	Header      json.RawMessage `json:"headers"`
	MultiHeader json.RawMessage `json:"multiValueHeaders"`
	Cookies     []string        `json:"cookies"`
	Body        *string         `json:"body"`
	IsBase64    bool            `json:"isBase64Encoded"`
}

// decode returns the response to an answer that is not a stream.
func (f Front) decode(r *http.Request, text []byte) (*http.Response, error) {
	if f.Kind == httpapi.LoadBalancer && len(text) > maxLoadBalancer {
		return nil, fmt.Errorf("it has %d bytes, and a load balancer takes %d", len(text), maxLoadBalancer)
	}
	var members map[string]json.RawMessage
	err := json.Unmarshal(text, &members)
	if f.Kind == httpapi.HTTPAPI || f.Kind == httpapi.FunctionURL {
		if json.Valid(text) && members["statusCode"] == nil {
			return withBody(newResponse(r, http.StatusOK, http.Header{"Content-Type": {"application/json"}}), text), nil
		}
	}
	if err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, err
	}
	if f.Kind == httpapi.RestAPI {
		for name := range members {
			if !slices.Contains([]string{"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}, name) {
				return nil, fmt.Errorf("a REST API refuses the member %q", name)
			}
		}
	}
	response, err := f.begin(r, &a, false)
	if err != nil {
		return nil, err
	}
	var body []byte
	if a.Body != nil {
		body = []byte(*a.Body)
	}
	if a.IsBase64 {
		n, err := base64.StdEncoding.Decode(body, body)
		if err != nil {
			return nil, errors.New("the body is not the base64 that isBase64Encoded says")
		}
		body = body[:n]
	}
	return withBody(response, body), nil
}

// begin returns the response with its status and headers. stream says that they are of a prelude.
func (f Front) begin(r *http.Request, a *answer, stream bool) (*http.Response, error) {
	var status int
	if err := json.Unmarshal(a.Status, &status); err != nil {
		return nil, errors.New("statusCode is not a number")
	}
	if status < 200 || status > 599 {
		return nil, fmt.Errorf("statusCode is %d", status)
	}
	h := make(http.Header)
	single, multi := a.Header, a.MultiHeader
	switch f.Kind {
	case httpapi.RestAPI, httpapi.HTTPAPI1: // lists win
	case httpapi.LoadBalancer:
		if f.MultiValue {
			single = nil
		} else {
			multi = nil
		}
		if single == nil && multi == nil {
			return nil, errors.New("it lacks the headers that a load balancer reads, headers or multiValueHeaders by its mode")
		}
	default:
		multi = nil
	}
	if err := addHeaders(h, single); err != nil {
		return nil, err
	}
	if err := addHeaders(h, multi); err != nil {
		return nil, err
	}
	if stream || f.Kind == httpapi.HTTPAPI || f.Kind == httpapi.FunctionURL {
		for _, c := range a.Cookies {
			h.Add("Set-Cookie", c)
		}
	}
	f.finish(h)
	return newResponse(r, status, h), nil
}

// addHeaders sets headers with a value or a list of values.
func addHeaders(h http.Header, text json.RawMessage) error {
	var headers map[string]any
	if text != nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber() // a number keeps its digits
		if err := d.Decode(&headers); err != nil {
			return errors.New("the headers are not an object")
		}
	}
	for name, value := range headers {
		var values []string
		switch v := value.(type) {
		case string, bool, json.Number:
			values = []string{fmt.Sprint(v)}
		case []any:
			for _, e := range v {
				values = append(values, fmt.Sprint(e))
			}
		case nil:
			continue
		default:
			return fmt.Errorf("the header %q is an object", name)
		}
		for i, v := range values { // no space around a value passes HTTP
			values[i] = strings.Trim(v, " \t")
		}
		h[http.CanonicalHeaderKey(name)] = values
	}
	return nil
}

// finish drops, renames and adds headers as the front end does.
func (f Front) finish(h http.Header) {
	for name, values := range h {
		switch {
		case f.Kind == httpapi.RestAPI && remapped(name):
			h["X-Amzn-Remapped-"+name] = values
			delete(h, name)
		case ofConnection(name), name == "Content-Length":
			delete(h, name)
		}
	}
	if h.Get("Content-Type") != "" {
		return
	}
	switch f.Kind {
	case httpapi.RestAPI, httpapi.HTTPAPI1, httpapi.FunctionURL:
		h.Set("Content-Type", "application/json")
	case httpapi.HTTPAPI:
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
}

// remapped reports whether a REST API renames a header of an answer (API Gateway, "Important notes for
// REST APIs").
func remapped(name string) bool {
	switch name {
	case "Authorization", "Connection", "Content-Md5", "Date", "Expect", "Host", "Max-Forwards", "Proxy-Authenticate",
		"Server", "Trailer", "Upgrade", "User-Agent", "Via", "Warn", "Www-Authenticate":
		return true
	}
	return false
}
