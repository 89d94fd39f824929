package awssdk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

// These outputs have the fields of the outputs in the clients of the services.
type (
	failedEntry struct{ Id, Code, Message *string }
	keys        struct{ Keys []map[string]string }
	statement   struct {
		Error *failedEntry
		Item  map[string]string
	}

	putEvents struct {
		Entries          []failedEntry
		FailedEntryCount int32
	}
	putRecords struct {
		Records           []failedEntry
		FailedRecordCount *int32
	}
	putRecordBatch struct {
		FailedPutCount   *int32
		RequestResponses []failedEntry
	}
	sendMessageBatch      struct{ Successful, Failed []failedEntry }
	deleteObjects         struct{ Errors []failedEntry }
	runTask               struct{ Failures []failedEntry }
	batchWriteItem        struct{ UnprocessedItems map[string][]failedEntry }
	batchGetItem          struct{ UnprocessedKeys map[string]keys }
	batchExecuteStatement struct{ Responses []statement }
	sendBulkEmail         struct{ BulkEmailEntryResults []struct{ Error *string } }
	invoke                struct {
		FunctionError *string
		Payload       []byte
	}
)

var hidden = failedEntry{new("hidden"), new("hidden"), new("hidden")}

func outcome(s lambdatest.Segment) string {
	cause, _ := s.Document["cause"].(map[string]any)
	list, _ := cause["exceptions"].([]any)
	var failures []string
	for _, x := range list {
		x := x.(map[string]any)
		failures = append(failures, fmt.Sprint(x["type"], ": ", x["message"]))
	}
	return fmt.Sprint(s.Fault, s.Error, " ", s.Metadata["default"]["aws.failed_entries"], " ", failures)
}

func TestPartialFailure_IsAnErrorWithACount(t *testing.T) {
	t.Parallel()
	for operation, output := range map[string]any{
		"PutEvents":             &putEvents{[]failedEntry{hidden, {}}, 2},
		"PutRecords":            &putRecords{[]failedEntry{hidden}, new(int32(2))},
		"PutRecordBatch":        &putRecordBatch{new(int32(2)), []failedEntry{hidden}},
		"SendMessageBatch":      &sendMessageBatch{[]failedEntry{hidden}, []failedEntry{hidden, hidden}},
		"DeleteObjects":         &deleteObjects{[]failedEntry{hidden, hidden}},
		"RunTask":               &runTask{[]failedEntry{hidden, hidden}},
		"BatchWriteItem":        &batchWriteItem{map[string][]failedEntry{"a": {hidden}, "b": {hidden}}},
		"BatchGetItem":          &batchGetItem{map[string]keys{"a": {[]map[string]string{{"id": "hidden"}, {"id": "hidden"}}}}},
		"BatchExecuteStatement": &batchExecuteStatement{[]statement{{nil, map[string]string{"id": "hidden"}}, {&hidden, nil}, {&hidden, nil}}},
		"SendBulkEmail":         &sendBulkEmail{[]struct{ Error *string }{{new("hidden")}, {nil}, {new("hidden")}}},
	} {
		for range 2 { // the second call uses the cache of the type
			s := spanOf(t, call{service: "Service", operation: operation, output: output, response: answered(200, 2)})
			if got, want := outcome(s), "true false 2 [PartialFailure: 2 of the entries failed]"; got != want {
				t.Errorf("%s: got %s, want %s", operation, got, want)
			}
			if strings.Contains(string(s.JSON), "hidden") {
				t.Errorf("%s: the document holds an entry: %s", operation, s.JSON)
			}
		}
	}
}

func TestPartialFailure_IsNoneIfNothingFailed(t *testing.T) {
	t.Parallel()
	for operation, output := range map[string]any{
		"PutEvents":             &putEvents{[]failedEntry{{}}, 0},
		"PutRecords":            &putRecords{},
		"PutRecords of 0":       &putRecords{nil, new(int32(0))},
		"SendMessageBatch":      &sendMessageBatch{[]failedEntry{{}}, nil},
		"BatchWriteItem":        &batchWriteItem{map[string][]failedEntry{}},
		"BatchGetItem":          &batchGetItem{},
		"BatchExecuteStatement": &batchExecuteStatement{[]statement{{}}},
		"Invoke":                &invoke{},
		"no output":             nil,
		"nil output":            (*putEvents)(nil),
		"no struct":             new(3),
		"other types": &struct {
			FailedEntryCount, Errors, FunctionError string
			Failed                                  int32
			Responses                               []string
		}{"x", "x", "x", 3, []string{"x"}},
		"errors of an embedded struct": &struct {
			Responses []struct{ statement }
		}{[]struct{ statement }{{statement{&hidden, nil}}}},
		"errors that are not there": &struct {
			Responses []struct{ Error string }
		}{[]struct{ Error string }{{"x"}}},
	} {
		s := spanOf(t, call{service: "Service", operation: operation, output: output, response: answered(200, 2)})
		if got, want := outcome(s), "false false <nil> []"; got != want {
			t.Errorf("%s: got %s, want %s", operation, got, want)
		}
	}
}

func TestInvoke_FunctionErrorIsAnError(t *testing.T) {
	t.Parallel()
	s := spanOf(t, call{service: "Lambda", operation: "Invoke", output: &invoke{new("Unhandled"), []byte("hidden")}, response: answered(200, 2)})
	if got, want := outcome(s), "true false <nil> [Unhandled: the invoked function failed]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
