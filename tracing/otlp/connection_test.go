package otlp_test

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// TestConnection_DeadAfterAFreeze has a server that resets the connection when the second request
// arrives, as the other side of a connection does that it has forgotten.
func TestConnection_DeadAfterAFreeze(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	requests := make(chan int, 8) // by connection
	go func() {
		for connection := 1; ; connection++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				req, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				io.Copy(io.Discard, req.Body)
				requests <- connection
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				in.ReadByte()
				c.(*net.TCPConn).SetLinger(0)
			}()
		}
	}()
	r := new(reports)
	p := provider(nil, &otlp.Options{Endpoint: "http://" + l.Addr().String()}, r)
	for want := 1; want <= 5; want++ {
		invoke(t.Context(), p, header+"1", `{}`, nil)
		select {
		case got := <-requests:
			if got != want {
				t.Errorf("got request %d on connection %d, want a new one", want, got)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("got no request %d: %s", want, r)
		}
	}
	if r.len() > 0 {
		t.Errorf("got the reports %s, want none", r)
	}
}

// counting counts calls of CloseIdleConnections.
type counting struct {
	*otlptest.Backend
	closed int
}

func (c *counting) CloseIdleConnections() { c.closed++ }

func TestConnection_OldOnesAreNotUsedAgain(t *testing.T) {
	c := new(counting)
	bubble(t, &otlp.Options{Client: &http.Client{Transport: c}}, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		c.Backend = b
		for _, pause := range []time.Duration{0, 19 * time.Second, 21 * time.Second} {
			time.Sleep(pause)
			took(t, p)
		}
		if c.closed != 1 {
			t.Errorf("got %d calls of CloseIdleConnections, want 1, after 21 s", c.closed)
		}
	})
}

// tlsBackend returns a server with TLS, its Backend, and the file of its certificate.
func tlsBackend(t *testing.T) (s *httptest.Server, b *otlptest.Backend, file string) {
	b = otlptest.New(t)
	s = httptest.NewUnstartedServer(b)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	file = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, b, file
}

func TestConnection_CertificateFile(t *testing.T) {
	s, b, file := tlsBackend(t)
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", file)
	r := new(reports)
	invoke(t.Context(), provider(nil, &otlp.Options{Endpoint: s.URL}, r), header+"1", `{}`, nil)
	if len(b.Spans()) != 1 || r.len() > 0 {
		t.Errorf("got %d spans and the reports %s, want one span", len(b.Spans()), r)
	}
}

func TestConnection_ClientCertificate(t *testing.T) {
	s, b, file := tlsBackend(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", file)
	t.Setenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "client.pem")
	t.Setenv("OTEL_EXPORTER_OTLP_CLIENT_KEY", "client.key")
	s.TLS.ClientAuth = tls.RequireAnyClientCert
	r := new(reports)
	load := func(certificate, key string) (tls.Certificate, error) {
		if certificate != "client.pem" || key != "client.key" {
			t.Errorf("got the files %s and %s, want those of the variables", certificate, key)
		}
		return s.TLS.Certificates[0], nil
	}
	invoke(t.Context(), provider(nil, &otlp.Options{Endpoint: s.URL, LoadClientCertificate: load}, r), header+"1", `{}`, nil)
	if len(b.Spans()) != 1 || r.len() > 0 {
		t.Errorf("got %d spans and the reports %s, want one span", len(b.Spans()), r)
	}
	invoke(t.Context(), provider(nil, &otlp.Options{Endpoint: s.URL}, r), header+"1", `{}`, nil)
	if !strings.Contains(r.String(), "LoadClientCertificate") {
		t.Errorf("got the reports %s, want the option that is missing", r)
	}
	fails := func(string, string) (tls.Certificate, error) { return tls.Certificate{}, errors.New("no key") }
	r = new(reports)
	provider(nil, &otlp.Options{Endpoint: s.URL, LoadClientCertificate: fails}, r)
	if want := "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY: no key; no client certificate is used"; !strings.Contains(r.String(), want) {
		t.Errorf("got the reports %s, want %s", r, want)
	}
}

func TestConnection_WrongCertificateFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.pem")
	os.WriteFile(file, []byte("no PEM"), 0o600)
	for name, path := range map[string]string{"missing": file + ".missing", "empty": file} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", path)
			b, r := otlptest.Listen(t), new(reports)
			invoke(t.Context(), provider(b, nil, r), header+"1", `{}`, nil)
			if len(b.Spans()) != 1 || r.len() != 1 || !strings.Contains(r.String(), "OTEL_EXPORTER_OTLP_CERTIFICATE") {
				t.Errorf("got %d spans and the reports %s, want one span and one report", len(b.Spans()), r)
			}
		})
	}
}

// A handshake that hangs costs FlushTimeout.
func TestConnection_HandshakeThatHangs(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := new(reports)
	p := tracing.New(&tracing.Options{
		Exporter:     otlp.New(&otlp.Options{Endpoint: "https://" + l.Addr().String()}),
		FlushTimeout: 50 * time.Millisecond,
		OnError:      r.add,
	})
	start := time.Now()
	invoke(t.Context(), p, header+"1", `{}`, nil)
	if d := time.Since(start); d > 5*time.Second || r.len() != 1 {
		t.Errorf("got an invocation of %v and the reports %s, want about 50 ms and one report", d, r)
	}
}
