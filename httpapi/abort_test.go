package httpapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

var errReset = errors.New("connection reset")

// failing is a reader that fails after a beginning, and knows whether it was closed.
type failing struct {
	io.Reader
	closed bool
}

func newFailing() *failing {
	return &failing{Reader: io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errReset))}
}

func (f *failing) Close() error {
	f.closed = true
	return nil
}

// The cause of an aborted response reaches the failure of the invocation.
func TestAbort_HasItsCause(t *testing.T) {
	t.Parallel()
	var problems []*httpapi.Error
	body := newFailing()
	reader := httpapi.Func(func(context.Context, struct{}) (io.Reader, error) { return body, nil },
		httpapi.OnProblem(func(_ context.Context, e *httpapi.Error) { problems = append(problems, e) }))
	panics := httpapi.Recover(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		panic(errReset.Error())
	}))
	for name, h := range map[string]any{
		"reader":           httpapi.Wrap(reader),
		"reader, Recover":  httpapi.Wrap(httpapi.Recover(reader)),
		"reader, streamed": httpapi.WrapStream(reader),
		"panic":            httpapi.Wrap(panics),
		"panic, streamed":  httpapi.WrapStream(panics),
	} {
		*body = *newFailing()
		problems = nil
		event := getEvent
		if strings.HasSuffix(name, "streamed") {
			event = urlEvent
		}
		res := lambdatest.Run(t, h, event)
		if !errors.Is(res.Err, http.ErrAbortHandler) || !strings.Contains(res.Err.Error(), errReset.Error()) {
			t.Errorf("%s: got %v, want http.ErrAbortHandler and its cause", name, res.Err)
		}
		if strings.HasPrefix(name, "reader") && (!body.closed || len(problems) != 1 || problems[0].Err != errReset) {
			t.Errorf("%s: got %v and closed: %v, want one problem with the cause, and the reader closed", name, problems, body.closed)
		}
	}
}

func TestFunc_ResultsThatAreNone(t *testing.T) {
	t.Parallel()
	body := newFailing()
	for name, c := range map[string]struct {
		f    func() (any, error)
		want string
	}{
		"nil Response": {func() (any, error) { return (*httpapi.Response[string])(nil), nil }, "neither a Response nor an error"},
		"nil Error":    {func() (any, error) { return "x", (*httpapi.Error)(nil) }, "a *Error that is nil"},
		"status":       {func() (any, error) { return httpapi.Response[io.Reader]{Status: 700, Body: body}, nil }, "the status 700"},
	} {
		h := httpapi.Wrap(httpapi.Func(func(context.Context, struct{}) (any, error) { return c.f() }))
		res := lambdatest.Run(t, h, getEvent)
		if !strings.Contains(fmt.Sprint(res.Err), c.want) || !strings.Contains(string(res.Response), `"statusCode":500`) {
			t.Errorf("%s: got %v and %s, want a 500 and an error with %q", name, res.Err, res.Response, c.want)
		}
	}
	if !body.closed {
		t.Error("got an open body, want it closed")
	}
}

// The temporary files of a form would fill /tmp of an execution environment.
func TestWrap_RemovesTheFilesOfForms(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	var upload bytes.Buffer
	form := multipart.NewWriter(&upload)
	part, _ := form.CreateFormFile("photo", "photo.png")
	part.Write(make([]byte, 64<<10))
	form.Close()
	var event map[string]any
	if err := json.Unmarshal([]byte(urlEvent), &event); err != nil {
		t.Fatal(err)
	}
	event["headers"] = map[string]string{"host": "x", "content-type": form.FormDataContentType()}
	event["isBase64Encoded"], event["body"] = true, base64.StdEncoding.EncodeToString(upload.Bytes())
	text, _ := json.Marshal(event)

	files := func() int {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	during := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
		}
		during = files()
	})
	for name, f := range map[string]any{"Wrap": httpapi.Wrap(h), "WrapStream": httpapi.WrapStream(h)} {
		if res := lambdatest.Run(t, f, text); res.Err != nil || during != 1 || files() != 0 {
			t.Errorf("%s: got %v, %d files in the handler and %d after it; want 1 and 0", name, res.Err, during, files())
		}
	}
}
