package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// runQueue runs the function of testdata/queue on a file of messages.
func runQueue(t *testing.T, name, messages string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return runQueueOn(t, "./testdata/queue", name, messages, args...)
}

func runQueueOn(t *testing.T, function, name, messages string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(messages), 0o600); err != nil {
		t.Fatal(err)
	}
	line := append([]string{"run", "-queue", file, "-timeout", "1m", "-env", "MARKS=" + dir}, args...)
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), append(line, function), strings.NewReader(messages), out, errs)
	return status, out.String(), errs.String()
}

// batches returns the batches that the function printed.
func batches(out string) string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^batch: (.*)$`).FindAllStringSubmatch(out, -1) {
		list = append(list, m[1])
	}
	return strings.Join(list, " | ")
}

func wantStatus(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("got status %d, want %d", got, want)
	}
}

func wantBatches(t *testing.T, out, want string) {
	t.Helper()
	if got := batches(out); got != want {
		t.Errorf("got batches %q, want %q, in:\n%s", got, want, out)
	}
}

func TestQueue_MessagesAreDeliveredUntilTheyAreDone(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", `{"body":"a","id":"m-1"}
{"body":"fail 2","id":"m-2"}
c
`, "-batch-size", "2")
	wantStatus(t, status, 0)
	wantBatches(t, out, "a, fail 2 | c | fail 2 | fail 2")
	contains(t, out, "response to batch 1 (m-1, m-2)\n", "REPORT RequestId", `3 messages: 3 done
message                               attempts  outcome  last error or remark
m-1                                   1         done
m-2                                   3         done     reported in batchItemFailures
00000000-0000-4000-8000-000000000003  1         done
`)
}

func TestQueue_PoisonMessageGivesStatusOne(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.fifo.jsonl", `[{"body":"poison","id":"m-1","group":"x"},{"body":"b","id":"m-2","group":"x"},{"body":"c","id":"m-3","group":"y"}]`,
		"-max-receive", "2", "-batch-size", "1")
	wantStatus(t, status, 1)
	wantBatches(t, out, "poison | c | poison | b")
	contains(t, out, `3 messages: 1 dead letter, 2 done
message  group  attempts  outcome      last error or remark
m-1      x      2         dead letter  reported in batchItemFailures
m-2      x      1         done
m-3      y      1         done
`)
}

func TestQueue_KilledProcessInTheMiddleOfABatch(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"kill", "exit"} {
		status, out, _ := runQueue(t, "orders.jsonl", "a\n"+what+"\nc\n")
		wantStatus(t, status, 0)
		wantBatches(t, out, "a, "+what+", c | a, "+what+", c")
		contains(t, out, "failed on batch 1 (", "Runtime.ExitError", "response to batch 2 (", "3 messages: 3 done\n")
		if n := strings.Count(out, "2         done after a crash  Runtime.ExitError: Runtime exited with error: "); n != 3 {
			t.Errorf("%s: got %d messages that came again after a crash, want 3:\n%s", what, n, out)
		}
		if n := strings.Count(out, "Init Duration"); n != 2 {
			t.Errorf("%s: got %d processes, want 2", what, n)
		}
	}
}

// TestQueue_FunctionWithPackageBatch runs functions whose process is killed once, while other records of
// its batch are handled.
func TestQueue_FunctionWithPackageBatch(t *testing.T) {
	t.Parallel()
	texts := []string{"a", "kill", "fail", "b", "panic", "c"}
	text := `{"body":%q,"id":"m-%d"}`
	for source, line := range map[string]string{
		"sqs": text, "fifo": `{"body":%q,"id":"m-%d","group":"g"}`, "kinesis": `{"body":%q,"id":"m-%d","key":"k"}`, "kafka": text,
		"dynamodb": `{"new":{"ID":{"S":%q}},"keys":{"ID":{"S":"k"}},"id":"m-%d"}`,
	} {
		var messages strings.Builder
		for i, text := range texts {
			fmt.Fprintf(&messages, line+"\n", text, i)
		}
		status, out, _ := runQueueOn(t, "./testdata/function", "orders.jsonl", messages.String(), "-source", source, "-max-receive", "9", "-env", "BATCH="+source)
		wantStatus(t, status, 0)
		contains(t, out, "6 messages: 6 done\n", "done after a crash", "*batch.PanicError: panic: no")
		var done []string // each text when it was done for the last time
		for _, m := range regexp.MustCompile(`(?m)^done: (.*)$`).FindAllStringSubmatch(out, -1) {
			done = append(slices.DeleteFunc(done, func(s string) bool { return s == m[1] }), m[1])
		}
		if source == "sqs" { // the only source without an order
			slices.SortFunc(done, func(a, b string) int { return slices.Index(texts, a) - slices.Index(texts, b) })
		}
		if !slices.Equal(done, texts) {
			t.Errorf("%s: got %v done, want %v", source, done, texts)
		}
	}
}

func TestQueue_NoNewProcessStarts(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", `{"body":"kill","id":"m-1"}`, "-env", "INIT=once")
	wantStatus(t, status, 1)
	const reason = "function exited before asking for its first event: exit status 3"
	contains(t, out, "cannot run the function: "+reason+"\n", "m-1      3         dead letter  "+reason+"\n")
}

func TestQueue_TimeoutInTheMiddleOfABatch(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", "sleep\nb\n", "-timeout", "3s", "-max-receive", "100")
	wantStatus(t, status, 0)
	contains(t, out, "Sandbox.Timedout", "done after a timeout")
}

func TestQueue_ErrorAndWrongAnswerFailTheBatch(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", "a\nerror 1\n")
	wantStatus(t, status, 0)
	wantBatches(t, out, "a, error 1 | a, error 1")
	contains(t, out, "2         done     errorString: boom")

	status, out, _ = runQueue(t, "orders.jsonl", `{"body":"answer {\"batchItemFailures\":[{\"itemIdentifier\":\"x\"}]}","id":"m-1"}`)
	wantStatus(t, status, 1)
	contains(t, out, "m-1      3         dead letter  batchItemFailures[0]: x is not in the batch\n")
}

func TestQueue_MappingWithoutReportBatchItemFailures(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", "poison\n", "-report-failures=false")
	wantStatus(t, status, 0)
	contains(t, out, "done     the answer reports failures, and the mapping ignores reports\n")
}

func TestQueue_Streams(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, messages, batches, table string
		status                           int
		args                             []string
	}{
		{"kinesis", "{\"body\":\"a\",\"key\":\"k\"}\nfail 1\nc\n", "a, fail 1, c | fail 1, c", "…00000002       2         done     reported in batchItemFailures\n…00000003       2         done     behind …00000002, which was reported\n", 0, nil},
		{"kinesis", "a\nerror 9\n", "a, error 9 | a | error 9 | error 9 | error 9", "…00000002  4         dead letter  errorString: boom\n", 1, []string{"-bisect"}},
		{"dynamodb", `{"keys":{"id":{"S":"fail 1"}},"new":{"id":{"S":"fail 1"}},"id":"e-1"}`, "fail 1 | fail 1", `e-1      {"id":{"S":"fail 1"}}  2         done     reported`, 0, nil},
		{"kafka", "{\"body\":\"a\",\"partition\":1}\n{\"body\":\"fail 1\",\"partition\":0}\n{\"body\":null,\"key\":\"k\"}\n", "fail 1, , a | fail 1, ", "orders-0 offset 1  k    2         done     behind orders-0 offset 0, which was reported", 0, nil},
	} {
		status, out, _ := runQueue(t, "orders.jsonl", c.messages, append(c.args, "-source", c.source)...)
		wantStatus(t, status, c.status)
		wantBatches(t, out, c.batches)
		contains(t, out, c.table)
	}
}

func TestQueue_Concurrency(t *testing.T) {
	t.Parallel()
	status, out, _ := runQueue(t, "orders.jsonl", strings.Repeat("a\nfail 1\n", 50), "-concurrency", "4", "-batch-size", "3")
	wantStatus(t, status, 0)
	contains(t, out, "100 messages: 100 done\n", "(and 50 messages that were done at the first attempt)\n")
}

func TestQueue_RawLeavesStandardOutputToTheFunction(t *testing.T) {
	t.Parallel()
	status, out, errs := runQueue(t, "-", "a\nb\n", "-raw", "-queue", "-")
	wantStatus(t, status, 0)
	if want := "batch: a, b\n"; out != want {
		t.Errorf("got output %q, want %q", out, want)
	}
	contains(t, errs, "2 messages: 2 done\n")
}

func TestQueue_HostileMessagesAreEscaped(t *testing.T) {
	t.Parallel()
	_, out, errs := runQueue(t, "orders.jsonl", `{"body":"poison","id":"\u001b[31m\u202e","group":"\u009b2J\n"}`)
	wantClean(t, out)
	wantClean(t, errs)
	contains(t, out, `\x1b[31m\u202e`, `\u009b2J\n`)
}

func TestQueue_UsageErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-queue names no file":                   {"-queue", ""},
		"-queue and -event exclude each other":   {"-queue", "x", "-event", "y"},
		"-queue and -n exclude each other":       {"-queue", "x", "-n", "1"},
		"-queue and -serve exclude each other":   {"-queue", "x", "-serve", ":0"},
		"-source needs -queue":                   {"-source", "sqs"},
		"-batch-size needs -queue":               {"-batch-size", "1"},
		"-report-failures needs -queue":          {"-report-failures"},
		`-source "mq" is not one of sqs, fifo`:   {"-queue", "x", "-source", "mq"},
		"-batch-size 11 is not between 1 and 10": {"-queue", "x.fifo", "-batch-size", "11"},
		"-batch-size 0 is not between 1 and 100": {"-queue", "x", "-batch-size", "0"},
		"-max-receive 0 is not":                  {"-queue", "x", "-max-receive", "0"},
		"-visibility is for queues":              {"-queue", "x", "-source", "kafka", "-visibility", "1m"},
		"-visibility 1s is shorter than":         {"-queue", "x", "-visibility", "1s"},
		"-bisect is for streams":                 {"-queue", "x", "-bisect"},
		"nowhere.jsonl: no such file":            {"-queue", "nowhere.jsonl"},
	} {
		errs := newBuffer()
		if status := command(t.Context(), append(append([]string{"run"}, args...), "./testdata/queue"), nil, io.Discard, errs); status != 2 {
			t.Errorf("%q: got status %d, want 2", args, status)
		}
		contains(t, errs.String(), want)
	}
	for want, messages := range map[string]string{
		"there are none":                 "\n",
		`line 2: "grup" is not a member`: "a\n{\"body\":\"b\",\"grup\":1}",
		"line 1: the body is empty":      `{"body":""}`,
	} {
		status, _, errs := runQueue(t, "orders.jsonl", messages)
		wantStatus(t, status, 2)
		contains(t, errs, "the messages in ", want)
	}
}

func TestQueue_InterruptShowsTheTable(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	file := filepath.Join(dir, "orders.fifo")
	if err := os.WriteFile(file, []byte("sleep\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := newBuffer()
	done := make(chan int)
	go func() {
		done <- command(ctx, []string{"run", "-queue", file, "-timeout", "1h", "-batch-size", "1", "-env", "MARKS=" + dir, "./testdata/queue"}, nil, out, io.Discard)
	}()
	out.find("batch: sleep")
	cancel()
	wantStatus(t, <-done, 1)
	contains(t, out.String(), "2 messages: 1 in flight, 1 waiting\n")
}

func TestQueueName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"orders.jsonl": "orders", "a/b/my orders.fifo.jsonl": "my-orders", "-": "", ".jsonl": ""} {
		if got := queueName(file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := clock{}
		at := began.Add(time.Minute)
		<-c.alarm(at, true, 1)
		if !c.now().Equal(at) || !time.Now().Equal(at) {
			t.Errorf("a clock that does not skip: got %v at %v, want it to wait until %v", c.now(), time.Now(), at)
		}
		c = clock{skips: true}
		began = time.Now()
		at = began.Add(time.Minute)
		<-c.alarm(at, true, 0)
		if !c.now().Equal(at) || !time.Now().Equal(began) {
			t.Errorf("a clock that skips: got %v at %v, want it to move to %v", c.now(), time.Now(), at)
		}
		if c.alarm(at, true, 1) != nil || c.alarm(at, false, 0) != nil {
			t.Errorf("got an alarm while something runs, or without a time, want none")
		}
	})
}
