package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"time"
)

// transport returns the default transport. It is nil if the user has a client.
func (s *settings) transport(o *Options) http.RoundTripper {
	if o.Client != nil {
		return nil
	}
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     s.certificates(o.LoadClientCertificate),
		TLSHandshakeTimeout: defaultTimeout,
		MaxIdleConns:        2,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true) // one request at a time; HTTP/2 does not notice a connection that died in a freeze
	return t
}

// certificates reads the certificate files. A file that cannot be used is reported.
func (s *settings) certificates(load func(certificate, key string) (tls.Certificate, error)) *tls.Config {
	ca, caName := variable("CERTIFICATE")
	certificate, certificateName := variable("CLIENT_CERTIFICATE")
	key, keyName := variable("CLIENT_KEY")
	if ca == "" && certificate == "" && key == "" {
		return nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		pool := x509.NewCertPool()
		switch {
		case err != nil:
			s.problem("CERTIFICATE", "%s: %w; using the certificates of the system", caName, err)
		case !pool.AppendCertsFromPEM(pem):
			s.problem("CERTIFICATE", "%s: the file has no certificate; using the certificates of the system", caName)
		default:
			c.RootCAs = pool
		}
	}
	if certificate == "" && key == "" {
		return c
	}
	if load == nil {
		s.problem("CLIENT_CERTIFICATE", "%s needs Options.LoadClientCertificate; no client certificate is used", certificateName)
		return c
	}
	pair, err := load(certificate, key)
	if err != nil {
		s.problem("CLIENT_CERTIFICATE", "%s and %s: %w; no client certificate is used", certificateName, keyName, err)
		return c
	}
	c.Certificates = []tls.Certificate{pair}
	return c
}
