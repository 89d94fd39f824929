package interop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/lambdakit/lambdakit/tracing/internal/sigv4"
)

func TestSignature_EqualsTheSDK(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 23, 59, 58, 0, time.FixedZone("", 3600))
	for name, c := range map[string]struct {
		url, token string
		header     map[string]string
	}{
		"plain":         {url: "https://xray.eu-west-1.amazonaws.com/v1/traces"},
		"session token": {url: "https://xray.eu-west-1.amazonaws.com/v1/traces", token: "FwoGZXIvYXdzEBE+/=="},
		"gzip":          {url: "https://xray.eu-west-1.amazonaws.com/v1/traces", token: "t", header: map[string]string{"Content-Encoding": "gzip", "User-Agent": "x"}},
		"spaces":        {url: "https://xray.eu-west-1.amazonaws.com/v1/traces", header: map[string]string{"X-Own": "  a   b  "}},
		"other URL":     {url: "https://localhost:4318/a%20b/ü/v1/traces?z=1&a=b%20c&a=a&z"},
	} {
		body := []byte("the spans of " + name)
		request := func() *http.Request {
			req, err := http.NewRequest(http.MethodPost, c.url, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-protobuf")
			for key, value := range c.header {
				req.Header.Set(key, value)
			}
			return req
		}
		ours, theirs := request(), request()
		sigv4.Sign(ours, body, sigv4.Credentials{KeyID: "AKID", Secret: "SECRET", SessionToken: c.token}, "xray", "eu-west-1", at)
		sum := sha256.Sum256(body)
		credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET", SessionToken: c.token}
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, theirs, hex.EncodeToString(sum[:]), "xray", "eu-west-1", at); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
			if got, want := ours.Header.Get(key), theirs.Header.Get(key); got != want {
				t.Errorf("%s: %s: got %s, want %s", name, key, got, want)
			}
		}
	}
}
