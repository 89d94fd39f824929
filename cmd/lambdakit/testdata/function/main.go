// Command function is the function of the tests of lambdakit run. It does as the event says,
// without the toolkit, unless INIT is "kit". If BATCH is set, it handles the records of that source.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing/iotest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Fprintln(os.Stderr, "no configuration")
		os.Exit(3)
	case "once": // the first process starts
		if f, err := os.OpenFile(os.Getenv("MARK"), os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			os.Exit(3)
		} else {
			f.Close()
		}
	case "panic":
		panic("no configuration")
	case "kit":
		logs := logging.New(nil)
		slog.SetDefault(slog.New(logs))
		lambda.Start(lambdakit.Wrap(answerFailure, logs.Middleware))
	}
	if source := os.Getenv("BATCH"); source != "" {
		startBatch(source)
	}
	lambda.Start(handle)
}

type event struct {
	Do, Text string
	N        int
}

// answerFailure answers, and marks the invocation as failed if the event has a text.
func answerFailure(ctx context.Context, e event) (map[string]any, error) {
	if e.Do == "panic" {
		panic(e.Text)
	}
	if e.Text != "" {
		lambdakit.FromContext(ctx).Fail(errors.New(e.Text))
	}
	return map[string]any{"statusCode": 500, "body": `{"reason":["none"]}`}, nil
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(4)
	case "sleep":
		fmt.Printf("sleeping %d\n", os.Getpid())
		time.Sleep(time.Hour)
	case "log":
		fmt.Println(`{"time":"2026-01-02T03:04:05.678Z","level":"WARN","msg":"a library's line","n":1,"text":"two words","stack":"f\n\tg"}`)
		fmt.Println("a plain line")
		fmt.Fprintln(os.Stderr, "on standard error")
		fmt.Print("without an end")
	case "emf":
		fmt.Printf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":1}]}]},"service":"orders","Orders":[1,2]}`+"\n", time.Now().UnixMilli())
	case "trace":
		return nil, trace(ctx, e.N)
	case "env":
		return os.Getenv(e.Text), nil
	case "directory":
		return os.Getwd()
	case "print": // text as it is
		fmt.Print(e.Text)
		return nil, nil
	case "stderr":
		fmt.Fprint(os.Stderr, e.Text)
		return nil, nil
	case "response": // of N bytes
		return strings.Repeat("x", e.N-2), nil
	case "print lines": // without an end
		for {
			fmt.Println("a line")
		}
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		return map[string]any{"tenant": lc.TenantID, "client": lc.ClientContext}, nil
	case "stream":
		return io.MultiReader(strings.NewReader("first,"), strings.NewReader(e.Text)), nil
	case "broken stream":
		return io.MultiReader(strings.NewReader("first,"), iotest.ErrReader(errors.New(e.Text))), nil
	}
	return e.Text, nil
}

// trace sends two subsegments to the X-Ray daemon, the inner one first, and n others.
func trace(ctx context.Context, n int) error {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	root, _, _ := strings.Cut(strings.TrimPrefix(header, "Root="), ";")
	conn, err := net.Dial("udp", os.Getenv("AWS_XRAY_DAEMON_ADDRESS"))
	if err != nil {
		return err
	}
	defer conn.Close()
	for i := range n {
		fmt.Fprintf(conn, `{"format":"json","version":1}`+"\n"+`{"id":"%016x","trace_id":%q,"name":"one more","start_time":10,"end_time":11}`, 0x1000+i, root)
	}
	for _, doc := range []string{
		`{"id":"00000000000000b1","trace_id":%q,"parent_id":"00000000000000a1","type":"subsegment","name":"charge card","start_time":10.1,"end_time":10.2,"fault":true,"namespace":"remote"}`,
		`{"id":"00000000000000a1","trace_id":%q,"parent_id":"0000000000000001","type":"subsegment","name":"## handler","start_time":10,"end_time":10.5,"annotations":{"ColdStart":true}}`,
	} {
		fmt.Fprintf(conn, `{"format":"json","version":1}`+"\n"+doc, root)
	}
	return nil
}
