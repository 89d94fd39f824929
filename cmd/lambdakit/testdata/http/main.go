// Command http is the function of the tests of lambdakit run -http.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing/iotest"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/httpapi"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%v %s %s?%s %q tls=%v", httpapi.KindOf(r.Context()), r.Method, r.PathValue("id"), r.URL.RawQuery, body, r.TLS != nil)
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		http.Redirect(w, r, "/cookies", http.StatusSeeOther)
	})
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		if c := httpapi.Auth(r.Context()); c != nil {
			fmt.Fprint(w, c.Principal, " ", c.Claims["team"])
		}
	})
	mux.HandleFunc("/cookies", func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.Cookies() {
			fmt.Fprint(w, c, ",")
		}
	})
	mux.HandleFunc("/download", func(w http.ResponseWriter, r *http.Request) { // of the file that is uploaded
		f, h, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Disposition", "attachment; filename="+h.Filename)
		io.Copy(w, f)
	})
	mux.HandleFunc("/down", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "down", http.StatusServiceUnavailable) })
	mux.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic("ouch") })
	mux.HandleFunc("/exit", func(w http.ResponseWriter, r *http.Request) { os.Exit(3) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("x", 8<<20)) })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first,")
		w.(http.Flusher).Flush()
		panic("ouch")
	})
	mux.HandleFunc("/steps", func(w http.ResponseWriter, r *http.Request) { // a server of the test has the rest
		io.WriteString(w, "first,")
		w.(http.Flusher).Flush()
		if resp, err := http.Get(r.FormValue("rest")); err == nil {
			io.Copy(w, resp.Body)
			resp.Body.Close()
		}
	})
	if mark := os.Getenv("MARK"); mark != "" { // the first process starts
		f, err := os.OpenFile(mark, os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			os.Exit(3)
		}
		f.Close()
	}
	switch os.Getenv("MODE") {
	case "stream":
		lambda.Start(httpapi.WrapStream(mux))
	case "malformed":
		lambda.Start(func() (string, error) { return "ouch", nil })
	case "malformed stream":
		lambda.Start(func(context.Context, json.RawMessage) (io.Reader, error) {
			return prelude{strings.NewReader(`{"statusCode":"ouch"}` + strings.Repeat("\x00", 8))}, nil
		})
	case "no prelude":
		lambda.Start(func(context.Context, json.RawMessage) (io.Reader, error) {
			return prelude{strings.NewReader(strings.Repeat("x", 100_000))}, nil
		})
	case "broken prelude":
		lambda.Start(func(context.Context, json.RawMessage) (io.Reader, error) {
			return prelude{io.MultiReader(strings.NewReader(`{"sta`), iotest.ErrReader(errors.New("ouch")))}, nil
		})
	}
	lambda.Start(httpapi.Wrap(mux))
}

// prelude is a stream with a prelude.
type prelude struct{ r io.Reader }

func (p prelude) Read(b []byte) (int, error) { return p.r.Read(b) }

func (prelude) ContentType() string { return "application/vnd.awslambda.http-integration-response" }
