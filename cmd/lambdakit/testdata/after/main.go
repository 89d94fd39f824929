// Command after is a function for tests. It works after its response.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/httpapi"
)

func main() {
	switch os.Getenv("ANSWER") {
	case "empty":
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, _ struct{}) (any, error) {
			lambdakit.AfterResponse(ctx, "print", work)
			return map[string]int{"statusCode": 202}, nil
		}, lambdakit.RespondFirst))
	case "stream":
		lambda.Start(httpapi.WrapStream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lambdakit.AfterResponse(r.Context(), "print", work)
			io.WriteString(w, "ok")
		}), lambdakit.RespondFirst))
	default:
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, _ struct{}) (string, error) {
			lambdakit.AfterResponse(ctx, "print", work)
			return "ok", nil
		}, lambdakit.RespondFirst))
	}
}

func work(context.Context) error {
	if backend := os.Getenv("BACKEND"); backend != "" { // answers when the client has the response
		if resp, err := http.Get(backend); err == nil {
			resp.Body.Close()
		}
	}
	fmt.Println("worked")
	return nil
}
