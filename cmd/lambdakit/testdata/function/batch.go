package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/logging"
)

// startBatch starts a function that handles the records of a source with package batch.
func startBatch(source string) {
	o := &batch.Options{Concurrency: 4, Decoder: batch.Text}
	logs := logging.New(nil).Middleware
	switch source {
	case "kinesis":
		lambda.Start(lambdakit.Wrap(batch.Kinesis(handleText, o), logs))
	case "kafka":
		lambda.Start(lambdakit.Wrap(batch.Kafka(handleText, o), logs))
	case "dynamodb":
		lambda.Start(lambdakit.Wrap(batch.DynamoDB(handleChange, &batch.Options{Concurrency: 4}), logs))
	}
	lambda.Start(lambdakit.Wrap(batch.SQS(handleText, o), logs))
}

func handleText(_ context.Context, m *batch.Message[string]) error { return handleOnce(m.Body) }

func handleChange(_ context.Context, m *batch.Message[batch.Change[struct{ ID string }]]) error {
	return handleOnce(m.Body.New.ID)
}

// killedBefore says that an earlier process was killed.
var killedBefore = exists("once-kill")

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(os.Getenv("MARKS"), name))
	return err == nil
}

// handleOnce fails once for each of the texts kill, fail and panic, and prints every text that is done. The
// process that is killed handles the others, so that no failure is lost with its line.
func handleOnce(text string) error {
	if text != "kill" && !killedBefore {
		fmt.Printf("done: %s\n", text)
		return nil
	}
	if f, err := os.OpenFile(filepath.Join(os.Getenv("MARKS"), "once-"+text), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
		switch text {
		case "kill":
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		case "fail":
			return errors.New("no")
		case "panic":
			panic("no")
		}
	}
	fmt.Printf("done: %s\n", text)
	return nil
}
