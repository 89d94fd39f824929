package lambdakit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// localAPI is the address of the Runtime API of lambdakit run. It is empty in Lambda.
var localAPI = func() string {
	if !execenv.InLocalRun() {
		return ""
	}
	return execenv.RuntimeAPI()
}()

const (
	reportTimeout = time.Second
	maxReportText = 8 << 10 // bytes of a failure's text
)

// reportFailure reports the error of Fail to lambdakit run or to the test harness, which otherwise
// see only the response. It is called once, before the response is sent. It ignores errors, so it
// cannot affect the function.
func (inv *Invocation) reportFailure() {
	harness := inv.env.Failed
	if harness == nil && localAPI == "" {
		return
	}
	inv.mu.Lock()
	failure := inv.readUncommon().failure
	if inv.err != nil || inv.panicked != nil {
		failure = nil // the caller gets an error
	}
	inv.mu.Unlock()
	switch {
	case failure == nil:
	case harness != nil:
		harness(failure)
	case inv.env == execenv.Process:
		inv.postFailure(failure)
	}
}

func (inv *Invocation) postFailure(failure error) {
	defer func() { recover() }() // the Error method may panic
	text := failure.Error()
	body, _ := json.Marshal(map[string]string{
		"errorType":    errtype.Of(failure),
		"errorMessage": text[:min(len(text), maxReportText)],
	})
	ctx, cancel := context.WithTimeout(context.Background(), reportTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+localAPI+"/lambdakit/invocation/"+inv.RequestID()+"/failure", bytes.NewReader(body))
	if err != nil {
		return
	}
	// The default transport may use a proxy, or the function may have replaced it.
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
}
