package guide_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// guide: streaming-http
// export writes one line of JSON for each order, as it reads them.
func export(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	for _, o := range []Order{good, bad} {
		lines.Encode(o)
		http.NewResponseController(w).Flush() // the client has the line now
	}
}

// end

func Example_streamingStart() {
	logs := logging.New(nil)
	// guide: streaming-start
	lambda.Start(httpapi.WrapStream(http.HandlerFunc(export), logs.Middleware))
	// end
}

func Example_streamingReader() {
	// guide: streaming-reader
	report := func(ctx context.Context, o Order) (io.Reader, error) {
		r, w := io.Pipe()
		go func() {
			_, err := fmt.Fprintf(w, "order %s: %.2f\n", o.ID, o.Total)
			w.CloseWithError(err) // nil: io.EOF ends the response
		}()
		return r, nil
	}
	fn := lambdakit.WrapStream(report) // for lambda.Start
	// end
	fmt.Print(string(lambdatest.Run(t, fn, good).Response))
	// Output:
	// order o-1001: 29.95
}

// guide: streaming-test
func TestExport_HasALineForEachOrder(t *testing.T) {
	h := httpapi.WrapStream(http.HandlerFunc(export))

	resp := lambdatest.Request(t, h, httptest.NewRequest("GET", "/export", nil), httpapi.FunctionURL)

	body, err := io.ReadAll(resp.Body)
	if n := len(body); err != nil || n == 0 || body[n-1] != '\n' {
		t.Errorf("got %q and the error %v, want whole lines", body, err)
	}
}

// end
