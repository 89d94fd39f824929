package otlp

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

const (
	defaultEndpoint = "http://localhost:4318/v1/traces"
	defaultTimeout  = 10 * time.Second
	tracesPath      = "/v1/traces"
)

// settings reads options and environment variables, and reports those that are wrong. Reports
// contain no values, since endpoints and headers contain keys.
type settings struct{ report *report.Reporter }

func (s *settings) problem(key, format string, args ...any) {
	s.report.Once("otlp "+key, fmt.Errorf("tracing/otlp: "+format, args...))
}

// variable returns a variable of the exporter, and its name: the one for traces, or the one for
// all signals.
func variable(name string) (value, full string) {
	const prefix = "OTEL_EXPORTER_OTLP_"
	full = prefix + "TRACES_" + name
	if value = strings.TrimSpace(os.Getenv(full)); value != "" {
		return value, full
	}
	full = prefix + name
	return strings.TrimSpace(os.Getenv(full)), full
}

// enabled reports whether the environment leaves the exporter switched on.
func (s *settings) enabled() bool {
	off, _, err := env.Bool("OTEL_SDK_DISABLED")
	if err != nil {
		s.problem("OTEL_SDK_DISABLED", "%w", err)
	}
	switch strings.ToLower(env.Text("OTEL_TRACES_EXPORTER")) {
	case "none":
		off = true
	case "", "otlp":
	default:
		s.problem("OTEL_TRACES_EXPORTER", "OTEL_TRACES_EXPORTER is neither otlp nor none; using otlp")
	}
	if value, name := variable("PROTOCOL"); value != "" && value != "http/protobuf" {
		s.problem("PROTOCOL", "%s=%.20q is not supported; using http/protobuf", name, value)
	}
	return !off
}

// endpoint returns the URL of requests.
func (s *settings) endpoint(option string) *url.URL {
	const traces, all = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, c := range []struct {
		name, value string
		asIs        bool
	}{{"Options.Endpoint", option, false}, {traces, os.Getenv(traces), true}, {all, os.Getenv(all), false}} {
		text := strings.TrimSpace(c.value)
		if text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			s.problem("endpoint "+c.name, "%s is not a URL with http:// or https:// and a host; it is ignored", c.name)
			continue
		}
		if !c.asIs && !strings.HasSuffix(u.Path, tracesPath) {
			u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+tracesPath, ""
		}
		if u.Path == "" {
			u.Path = "/"
		}
		if u.Port() == "4317" {
			s.problem("port", "%s has port 4317, which is usually for gRPC; OTLP over HTTP usually has port 4318", c.name)
		}
		return u
	}
	u, _ := url.Parse(defaultEndpoint)
	return u
}

// headers returns the headers of requests. Variables come first, so that options replace them.
func (s *settings) headers(option map[string]string) http.Header {
	h := make(http.Header)
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		n := 0
		for entry := range strings.SplitSeq(os.Getenv(name), ",") {
			n++
			entry = strings.TrimSpace(entry)
			if entry == "" {
				continue
			}
			key, value, ok := strings.Cut(entry, "=")
			text, err := url.PathUnescape(strings.TrimSpace(value)) // + stays, as base64 contains it
			if !ok || err != nil || !setHeader(h, strings.TrimSpace(key), text) {
				s.problem(name, "%s: entry %d is not a header as key=value; it is left out", name, n)
			}
		}
	}
	for key, value := range option {
		if !setHeader(h, key, value) {
			s.problem("Headers", "Options.Headers contains a name or value that HTTP does not allow; it is left out")
		}
	}
	return h
}

// setHeader sets a header and reports whether HTTP allows it.
func setHeader(h http.Header, key, value string) bool {
	if key == "" {
		return false
	}
	for i := range len(key) {
		if c := key[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	h.Set(key, value)
	return true
}

func (s *settings) gzip(option *bool) bool {
	if option != nil {
		return *option
	}
	value, name := variable("COMPRESSION")
	switch value {
	case "gzip":
		return true
	case "", "none":
	default:
		s.problem("COMPRESSION", "%s is neither gzip nor none; using none", name)
	}
	return false
}

func (s *settings) timeout(option time.Duration) time.Duration {
	if option > 0 {
		return option
	}
	if option < 0 {
		s.problem("Timeout", "Options.Timeout is negative; it is ignored")
	}
	value, name := variable("TIMEOUT")
	if value == "" {
		return defaultTimeout
	}
	const most = 1 << 31 // milliseconds
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms > 0 && ms < most {
		return time.Duration(ms) * time.Millisecond
	}
	s.problem("TIMEOUT", "%s is not a positive number of milliseconds; using %v", name, defaultTimeout)
	return defaultTimeout
}

// limits returns the limits of spans. Package record has limits of its own, which no variable
// raises.
func (s *settings) limits() otlp.Limits {
	get := func(highest int, names ...string) int {
		for _, name := range names {
			value := strings.TrimSpace(os.Getenv(name))
			if value == "" {
				continue
			}
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				s.problem(name, "%s is not a number; it is ignored", name)
				continue
			}
			if highest >= 0 && n > highest {
				s.problem(name, "%s is more than %d; using %d", name, highest, highest)
			}
			return n
		}
		return -1
	}
	return otlp.Limits{
		Attributes:      get(record.MaxAttributes, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"),
		Events:          get(record.MaxEvents, "OTEL_SPAN_EVENT_COUNT_LIMIT"),
		Links:           get(record.MaxLinks, "OTEL_SPAN_LINK_COUNT_LIMIT"),
		EventAttributes: get(record.MaxAttributes, "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"),
		LinkAttributes:  get(record.MaxAttributes, "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"),
		ValueLength:     get(-1, "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
	}
}
