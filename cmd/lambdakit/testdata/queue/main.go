// Command queue is the function of the tests of lambdakit run -queue. It reports failures by hand
// and prints the messages of each batch. The text of a message says what happens to it:
//
//	fail N    the message is reported N times
//	poison    the message is always reported
//	error N   the invocation fails N times
//	kill      the process kills itself once in the middle of the batch
//	exit      the process exits once in the middle of the batch
//	sleep     the invocation does not end once
//	answer X  the answer is X
//
// If INIT is "once", only the first process starts.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	if os.Getenv("INIT") == "once" && enough(message{}, "1") {
		os.Exit(3)
	}
	lambda.Start(handle)
}

type record struct {
	MessageID  string          `json:"messageId"`
	Body       string          `json:"body"`
	Attributes json.RawMessage `json:"attributes"`
	Kinesis    struct {
		SequenceNumber string `json:"sequenceNumber"`
		Data           []byte `json:"data"`
	} `json:"kinesis"`
	DynamoDB struct {
		Keys           map[string]map[string]string
		SequenceNumber string
	} `json:"dynamodb"`
	Offset int    `json:"offset"`
	Value  []byte `json:"value"`
}

// message is a record of any source: its text and its identifier.
type message struct {
	text string
	id   any
}

func messages(event map[string]json.RawMessage) (list []message, err error) {
	var partitions map[string][]record
	if json.Unmarshal(event["records"], &partitions) == nil {
		for _, name := range slices.Sorted(maps.Keys(partitions)) {
			for _, r := range partitions[name] {
				list = append(list, message{string(r.Value), map[string]any{"partition": name, "offset": r.Offset}})
			}
		}
		return list, nil
	}
	var records []record
	err = json.Unmarshal(event["Records"], &records)
	for _, r := range records {
		switch {
		case r.MessageID != "":
			list = append(list, message{r.Body, r.MessageID})
		case r.Kinesis.SequenceNumber != "":
			list = append(list, message{string(r.Kinesis.Data), r.Kinesis.SequenceNumber})
		default:
			list = append(list, message{r.DynamoDB.Keys["id"]["S"], r.DynamoDB.SequenceNumber})
		}
	}
	return list, err
}

func handle(_ context.Context, event map[string]json.RawMessage) (any, error) {
	list, err := messages(event)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, m := range list {
		texts = append(texts, m.text)
	}
	fmt.Printf("batch: %s\n", strings.Join(texts, ", "))
	failures := []map[string]any{}
	for _, m := range list {
		what, n, _ := strings.Cut(m.text, " ")
		switch {
		case what == "poison", what == "fail" && !enough(m, n):
			failures = append(failures, map[string]any{"itemIdentifier": m.id})
		case what == "error" && !enough(m, n):
			return nil, errors.New("boom")
		case what == "kill" && !enough(m, "1"):
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		case what == "exit" && !enough(m, "1"):
			os.Exit(4)
		case what == "sleep" && !enough(m, "1"):
			time.Sleep(time.Hour)
		case what == "answer":
			return json.RawMessage(n), nil
		}
	}
	return map[string]any{"batchItemFailures": failures}, nil
}

// enough reports whether a message has come more than n times. It counts in files, as processes
// die.
func enough(m message, n string) bool {
	for i := 0; fmt.Sprint(i) != n; i++ {
		name := fmt.Sprintf("%x-%d", fmt.Sprint(m.text, m.id), i)
		f, err := os.OpenFile(filepath.Join(os.Getenv("MARKS"), name), os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			return false
		}
	}
	return true
}
