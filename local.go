package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// localAPI is the address of the Runtime API of lambdakit run; empty in Lambda and everywhere
// else.
var localAPI = func() string {
	if os.Getenv("LAMBDAKIT_LOCAL") == "" {
		return ""
	}
	return os.Getenv("AWS_LAMBDA_RUNTIME_API")
}()

const (
	reportTimeout = time.Second
	maxReportText = 8 << 10 // bytes of a failure's text
)

// reportFailure tells lambdakit run, or the test harness, that Fail marked the invocation. Lambda
// gets a response, so they could not know otherwise. It is called once, before the response
// leaves, and never affects the function.
func (inv *Invocation) reportFailure() {
	harness := inv.sandbox.Failed
	if harness == nil && localAPI == "" {
		return
	}
	inv.mu.Lock()
	failure := inv.failure
	if inv.err != nil || inv.panicked != nil {
		failure = nil // the caller sees an error already
	}
	inv.mu.Unlock()
	switch {
	case failure == nil:
	case harness != nil:
		harness(failure)
	case inv.sandbox == sandbox.Process:
		inv.postFailure(failure)
	}
}

func (inv *Invocation) postFailure(failure error) {
	defer func() { recover() }() // of the error's Error method
	text := failure.Error()
	body, err := json.Marshal(map[string]string{
		"errorType":    errtype.Of(failure),
		"errorMessage": text[:min(len(text), maxReportText)],
	})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), reportTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+localAPI+"/lambdakit/invocation/"+inv.RequestID()+"/failure", bytes.NewReader(body))
	if err != nil {
		return
	}
	// The default transport may use a proxy, or be the function's.
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
}
