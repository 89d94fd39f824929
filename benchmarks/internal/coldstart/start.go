package coldstart

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
	"github.com/lambdakit/lambdakit/internal/emulator"
)

// Options configures [Measure]. A nil *Options and every zero field mean the default.
type Options struct {
	Starts      int // starts of each function. Default: 30
	Invocations int // invocations after the first of each start. Default: 30
}

// Measurement is the result of the starts of one function. Each slice has one value for each
// start, in the order of the rounds.
type Measurement struct {
	Binary
	Init              []float64 // nanoseconds
	First, FirstWhole []float64 // nanoseconds
	Warm, Whole       []float64 // nanoseconds
	Memory            []float64 // bytes
}

const order = `{"id":"ord-2048-7731","total":12.5}`

// Measure starts functions in turn.
func Measure(ctx context.Context, binaries []Binary, o *Options) ([]Measurement, error) {
	starts, invocations := 30, 30
	if o != nil && o.Starts > 0 {
		starts = o.Starts
	}
	if o != nil && o.Invocations > 0 {
		invocations = o.Invocations
	}
	sinks, err := listen()
	if err != nil {
		return nil, fmt.Errorf("coldstart: %w", err)
	}
	defer sinks.close()

	all := make([]Measurement, len(binaries))
	for i, b := range binaries {
		all[i].Binary = b
	}
	for round := range starts + 1 {
		for i := range all {
			s, err := start(ctx, &all[i].Binary, sinks, invocations)
			if err != nil {
				return nil, fmt.Errorf("coldstart: function %s: %w", all[i].Name, err)
			}
			if round > 0 { // round 0 only loads the file
				all[i].add(s)
			}
		}
	}
	return all, nil
}

func (m *Measurement) add(s sample) {
	m.Init = append(m.Init, float64(s.init))
	m.First = append(m.First, float64(s.first))
	m.FirstWhole = append(m.FirstWhole, float64(s.firstWhole))
	m.Warm = append(m.Warm, s.warm)
	m.Whole = append(m.Whole, s.whole)
	m.Memory = append(m.Memory, float64(s.memory))
}

// sample is the result of one start.
type sample struct {
	init, first, firstWhole time.Duration
	warm, whole             float64 // nanoseconds
	memory                  int64
}

func start(ctx context.Context, b *Binary, to *sinks, invocations int) (sample, error) {
	e, err := emulator.Start(ctx, emulator.Config{
		Command:      []string{b.Path},
		FunctionName: "orders-prod",
		XRayAddress:  to.daemon.LocalAddr().String(),
		Env:          to.environ(),
	})
	if err != nil {
		return sample{}, err
	}
	defer e.Close()
	var s sample
	warm, whole := make([]float64, 0, invocations), make([]float64, 0, invocations)
	for i := range invocations + 1 {
		r, err := e.Invoke(ctx, emulator.Event{
			Payload:     []byte(cmp.Or(b.Event, order)),
			TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
		})
		switch {
		case err != nil:
			return sample{}, err
		case r.Failed():
			return sample{}, fmt.Errorf("invocation failed: %s: %s", r.ErrorType, r.ErrorMessage)
		case i == 0:
			s.init, s.first, s.firstWhole = r.InitDuration, r.Duration, r.Duration+r.After
		default:
			warm, whole = append(warm, float64(r.Duration)), append(whole, float64(r.Duration+r.After))
		}
		s.memory = r.MaxRSS
	}
	s.warm, s.whole = stats.Median(warm), stats.Median(whole)
	return s, nil
}

// sinks are the servers that functions send to: the X-Ray daemon, and a server that answers for
// the parameters extension, Parameter Store, DynamoDB and an OTLP backend.
type sinks struct {
	daemon     *net.UDPConn
	parameters net.Listener
	server     *http.Server
}

func listen() (*sinks, error) {
	daemon, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	parameters, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		daemon.Close()
		return nil, err
	}
	s := &sinks{daemon: daemon, parameters: parameters}
	// The answers of the extension and of Parameter Store have the same form.
	s.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/v1/traces" {
			return // an empty ExportTraceServiceResponse
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, `{"Parameter":{"Name":"/shop/limit","Type":"String","Value":"100","Version":1}}`)
	})}
	go s.server.Serve(parameters)
	go func() {
		for buf := make([]byte, 64<<10); ; {
			if _, err := daemon.Read(buf); err != nil {
				return // closed
			}
		}
	}()
	return s, nil
}

func (s *sinks) environ() []string {
	_, port, _ := net.SplitHostPort(s.parameters.Addr().String())
	return []string{
		"PARAMETERS_SECRETS_EXTENSION_HTTP_PORT=" + port,
		"AWS_ENDPOINT_URL=http://" + s.parameters.Addr().String(),
		"AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "AWS_SESSION_TOKEN=none",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + s.parameters.Addr().String(),
		"POWERTOOLS_SERVICE_NAME=orders",
	}
}

func (s *sinks) close() {
	s.server.Close()
	s.daemon.Close()
}
