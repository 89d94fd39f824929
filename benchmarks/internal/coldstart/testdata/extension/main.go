// Command extension is a function without the toolkit that registers itself as an internal extension, as a
// function must that works after its response.
package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

func handle(_ context.Context, o order) (receipt, error) {
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension/"
	id := call(http.MethodPost, api+"register", "Lambda-Extension-Name", "by-hand", `{"events":["INVOKE"]}`).Get("Lambda-Extension-Identifier")
	go func() {
		for {
			call(http.MethodGet, api+"event/next", "Lambda-Extension-Identifier", id, "")
		}
	}()
	lambda.Start(handle)
}

// call sends a request with a header, and returns the headers of the answer.
func call(method, url, key, value, body string) http.Header {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set(key, value)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		panic(resp.Status)
	}
	return resp.Header
}
