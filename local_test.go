package lambdakit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

var errStock = errors.New("out of stock")

// failing marks its invocation with Fail. The event selects the outcome.
var failing = Wrap(func(ctx context.Context, event string) (string, error) {
	FromContext(ctx).Fail(errStock)
	switch event {
	case "return":
		return "", errors.New("returned")
	case "panic":
		panic("ouch")
	case "fine":
	}
	return "answer", nil
})

// withAPI makes h the Runtime API of lambdakit run. Tests that call it are not parallel.
func withAPI(t *testing.T, h http.HandlerFunc) context.Context {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	localAPI = strings.TrimPrefix(server.URL, "http://")
	t.Cleanup(func() { localAPI = "" })
	return lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "id-1"})
}

func TestLocal_FailureIsReportedBeforeTheResponse(t *testing.T) {
	var got []string
	ctx := withAPI(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+string(body))
	})
	response, err := failing.Invoke(ctx, []byte(`"fine"`))
	if err != nil || string(response) != `"answer"` {
		t.Errorf("got %s, %v, want the answer", response, err)
	}
	want := `POST /lambdakit/invocation/id-1/failure {"errorMessage":"out of stock","errorType":"errorString"}`
	if len(got) != 1 || got[0] != want {
		t.Errorf("got the requests %q, want %s", got, want)
	}
}

func TestLocal_OtherOutcomesAreNotReported(t *testing.T) {
	n := 0
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) { n++ })
	failing.Invoke(ctx, []byte(`"return"`))
	func() {
		defer func() { recover() }()
		failing.Invoke(ctx, []byte(`"panic"`))
	}()
	Wrap(func(context.Context, any) (any, error) { return nil, nil }).Invoke(ctx, []byte(`1`))
	if n != 0 {
		t.Errorf("got %d reports, want none", n)
	}
}

func TestLocal_OnlyUnderLambdakitRun(t *testing.T) {
	n := 0
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) { n++ })
	localAPI = ""
	failing.Invoke(ctx, []byte(`"fine"`))
	if n != 0 {
		t.Errorf("got %d reports, want none", n)
	}
}

type panickingError struct{}

func (panickingError) Error() string { panic("in Error") }

func TestLocal_PanicOfTheErrorDoesNotChangeTheAnswer(t *testing.T) {
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) {})
	h := Wrap(func(ctx context.Context, _ any) (string, error) {
		FromContext(ctx).Fail(panickingError{})
		return "answer", nil
	})
	if response, err := h.Invoke(ctx, []byte(`{}`)); err != nil || string(response) != `"answer"` {
		t.Errorf("got %s, %v, want the answer", response, err)
	}
}

func TestLocal_HangingAPIDoesNotHoldTheFunction(t *testing.T) {
	release := make(chan struct{})
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server closes, which waits for its requests
	if response, err := failing.Invoke(ctx, []byte(`"fine"`)); err != nil || string(response) != `"answer"` {
		t.Errorf("got %s, %v, want the answer", response, err)
	}
}

func TestLocal_UnusableAPIDoesNotChangeTheAnswer(t *testing.T) {
	ctx := withAPI(t, nil)
	for _, address := range []string{"127.0.0.1:1", "no host", "\x00"} {
		localAPI = address
		if response, err := failing.Invoke(ctx, []byte(`"fine"`)); err != nil || string(response) != `"answer"` {
			t.Errorf("%q: got %s, %v, want the answer", address, response, err)
		}
	}
}

func TestLocal_TextOfTheFailureIsBounded(t *testing.T) {
	var got struct{ ErrorMessage string }
	ctx := withAPI(t, func(w http.ResponseWriter, r *http.Request) { json.NewDecoder(r.Body).Decode(&got) })
	long := Wrap(func(ctx context.Context, _ any) (any, error) {
		FromContext(ctx).Fail(errors.New(strings.Repeat("x", 1<<20)))
		return nil, nil
	})
	if long.Invoke(ctx, []byte(`1`)); len(got.ErrorMessage) != maxReportText {
		t.Errorf("got %d bytes, want %d", len(got.ErrorMessage), maxReportText)
	}
}

func TestLocal_HarnessGetsTheFailureInstead(t *testing.T) {
	n := 0
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) { n++ })
	var got []error
	ctx = execenv.NewContext(ctx, &execenv.Environment{Failed: func(err error) { got = append(got, err) }})
	for _, event := range []string{`"fine"`, `"return"`} {
		failing.Invoke(ctx, []byte(event))
	}
	localAPI = "" // outside lambdakit run
	failing.Invoke(ctx, []byte(`"fine"`))
	if len(got) != 2 || got[0] != errStock || got[1] != errStock || n != 0 {
		t.Errorf("got the errors %v in the harness and %d reports in the API, want %v twice and none", got, n, errStock)
	}
}

func TestLocal_HarnessWithoutInterestGetsNoRequests(t *testing.T) {
	n := 0
	ctx := withAPI(t, func(http.ResponseWriter, *http.Request) { n++ })
	failing.Invoke(execenv.NewContext(ctx, new(execenv.Environment)), []byte(`"fine"`))
	if n != 0 {
		t.Errorf("got %d reports, want none", n)
	}
}
