package otlp

import (
	"crypto/tls"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/export"
)

// Options configures an [Exporter]. A nil *Options, and every zero field, means the default.
// A field wins over its environment variable.
type Options struct {
	// Endpoint is the URL of the backend, such as https://api.honeycomb.io. Unless its path ends
	// in /v1/traces, /v1/traces is added. Default: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as it is,
	// or OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces added, or http://localhost:4318/v1/traces.
	Endpoint string

	// Headers are added to each request, for example the key of the backend. They come on top of
	// OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_TRACES_HEADERS, and replace headers of
	// the same name. They appear in no report.
	Headers map[string]string

	// Gzip compresses requests of more than 1 KB. Compression takes CPU time, which is billed
	// too. Default: true if OTEL_EXPORTER_OTLP_COMPRESSION is gzip, otherwise false.
	Gzip *bool

	// Timeout limits each request, within the time that tracing.Options.FlushTimeout leaves.
	// Default: OTEL_EXPORTER_OTLP_TIMEOUT, in milliseconds, or 10 s.
	Timeout time.Duration

	// Client sends the requests, without following redirects. Default: a client of HTTP/1.1
	// that uses the proxies of the environment, and trusts the certificates in the file that
	// OTEL_EXPORTER_OTLP_CERTIFICATE names, if it is set.
	Client *http.Client

	// LoadClientCertificate reads the files of OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and
	// OTEL_EXPORTER_OTLP_CLIENT_KEY. Set it to tls.LoadX509KeyPair if the backend asks for a
	// certificate. It is a field because that function adds 0.13 MB to programs. It has no
	// effect if Client is set.
	LoadClientCertificate func(certificate, key string) (tls.Certificate, error)

	// Resource adds attributes of the resource, which all spans share. They win over
	// OTEL_RESOURCE_ATTRIBUTES and over the attributes that describe the function.
	Resource []attribute.KeyValue

	// Sign is called before each request is sent, with the bytes of its body. It may add
	// headers. If it returns an error, the request fails as if the backend had not answered.
	Sign func(req *http.Request, body []byte) error

	// OnError gets an error if the configuration is wrong or spans are lost. Default:
	// tracing.Options.OnError.
	OnError func(error)
}

// Exporter is a value for tracing.Options.Exporter. Create it with [New].
type Exporter struct {
	// open hides Options from the linker: the methods of all types in a value of an interface are
	// linked, and here that would be much of net/http.
	open func(*export.Config) export.Pipeline
}

var _ tracing.Exporter = (*Exporter)(nil)

// New returns an Exporter. It never fails: if an option or an environment variable is wrong, the
// Provider that gets the Exporter reports the mistake, and the value that it uses instead. A nil o
// means the defaults.
func New(o *Options) *Exporter {
	if o == nil {
		o = new(Options)
	}
	copied := *o
	return &Exporter{func(c *export.Config) export.Pipeline {
		s := settings{c.Report}
		if copied.OnError != nil {
			s.report = report.New(copied.OnError)
		}
		if !s.enabled() {
			return nil
		}
		return newPipeline(&copied, c, &s)
	}}
}

// Open is called by tracing.New.
func (e *Exporter) Open(c *export.Config) export.Pipeline { return e.open(c) }
