package deadletter_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/deadletter"
	"github.com/lambdakit/lambdakit/batch"
)

// lettersOf returns the letters of an event of SQS.
func lettersOf(t *testing.T, event string) []batch.Letter {
	t.Helper()
	var e batch.Event
	if err := e.UnmarshalEvent([]byte(event)); err != nil {
		t.Fatal(err)
	}
	var letters []batch.Letter
	collect := batch.DeadLetterFunc(func(_ context.Context, l batch.Letter) error {
		letters = append(letters, l)
		return nil
	})
	batch.SQS(func(context.Context, *batch.Message[string]) error { return batch.Permanent(errors.New("no")) },
		&batch.Options{DeadLetters: collect, Decoder: batch.Text})(t.Context(), e)
	return letters
}

// shown returns the attributes of an entry as text.
func shown(e types.SendMessageBatchRequestEntry) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e.MessageAttributes)) {
		a := e.MessageAttributes[name]
		fmt.Fprintf(&b, "%s:%s=%s%s ", name, aws.ToString(a.DataType), aws.ToString(a.StringValue), a.BinaryValue)
	}
	return b.String()
}

func TestSend_AttributesOfALetter(t *testing.T) {
	t.Parallel()
	const start = `{"Records":[{"messageId":"m1","body":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:r:1:orders"`
	own := "dead_letter_message_id:String=m1 dead_letter_reason:String=no dead_letter_source:String=orders "
	for _, c := range []struct {
		what, url, members string
		want               string // the attributes
		order              string // group and deduplication id
	}{
		{"none", standard, ``, own, "<nil> <nil>"},
		{"types", standard, `,"messageAttributes":{"b":{"dataType":"Binary","binaryValue":"aGk="},"n":{"dataType":"Number.int","stringValue":"5"}}`, "b:Binary=hi " + own + "n:Number.int=5 ", "<nil> <nil>"},
		{"names of its own", standard, `,"messageAttributes":{"dead_letter_reason":{"dataType":"String","stringValue":"old"}}`, own, "<nil> <nil>"},
		{"a group", standard, `,"attributes":{"MessageGroupId":"g","MessageDeduplicationId":"d"}`, own, "g <nil>"},
		{"a group and a FIFO queue", standard + ".fifo", `,"attributes":{"MessageGroupId":"g","MessageDeduplicationId":"d"}`, own, "g d"},
		{"no group and a FIFO queue", standard + ".fifo", ``, own, "orders m1"},
	} {
		q := &queue{}
		if errs := deadletter.New(q, c.url, nil).Send(t.Context(), lettersOf(t, start+c.members+`}]}`)); len(errs) != 1 || errs[0] != nil {
			t.Errorf("%s: got the errors %v, want one without an error", c.what, errs)
			continue
		}
		e := q.requests[0].Entries[0]
		if got := shown(e); got != c.want {
			t.Errorf("%s: got the attributes %s, want %s", c.what, got, c.want)
		}
		text := func(s *string) string {
			if s == nil {
				return "<nil>"
			}
			return *s
		}
		if got := text(e.MessageGroupId) + " " + text(e.MessageDeduplicationId); got != c.order || aws.ToString(q.requests[0].QueueUrl) != c.url {
			t.Errorf("%s: got group and deduplication id %s at %s, want %s at %s", c.what, got, aws.ToString(q.requests[0].QueueUrl), c.order, c.url)
		}
	}
}

// SQS allows ten attributes. The first ones by name are kept.
func TestSend_MoreAttributesThanSQSAllows(t *testing.T) {
	t.Parallel()
	var members []string
	for _, name := range strings.Split("kjihgfedcba", "") {
		members = append(members, `"`+name+`":{"dataType":"String","stringValue":"x"}`)
	}
	q := &queue{}
	deadletter.New(q, standard, &deadletter.Options{}).Send(t.Context(), lettersOf(t, `{"Records":[{"messageId":"m1","body":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:r:1:orders","messageAttributes":{`+strings.Join(members, ",")+`}}]}`))
	got := slices.Sorted(maps.Keys(q.requests[0].Entries[0].MessageAttributes))
	if want := "[a b c d dead_letter_message_id dead_letter_reason dead_letter_source e f g]"; fmt.Sprint(got) != want {
		t.Errorf("got the attributes %v, want %s", got, want)
	}
}

// A record without a source and an id has no empty attributes, which SQS refuses.
func TestSend_RecordWithoutFacts(t *testing.T) {
	t.Parallel()
	q := &queue{}
	deadletter.New(q, standard+".fifo", nil).Send(t.Context(), []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}})
	e := q.requests[0].Entries[0]
	if got, want := shown(e), "dead_letter_reason:String=no "; got != want {
		t.Errorf("got the attributes %s, want %s", got, want)
	}
	if got, want := aws.ToString(e.MessageGroupId)+" "+aws.ToString(e.MessageDeduplicationId), "unknown unknown"; got != want {
		t.Errorf("got group and deduplication id %s, want %s", got, want)
	}
}

func TestSend_ReasonIsCutAt1024Bytes(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		strings.Repeat("x", 1024):       strings.Repeat("x", 1024),
		strings.Repeat("x", 1025):       strings.Repeat("x", 1024),
		strings.Repeat("x", 1023) + "é": strings.Repeat("x", 1023),
	} {
		q := &queue{}
		deadletter.New(q, standard, &deadletter.Options{Reason: func(error) string { return reason }}).Send(t.Context(), []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}})
		if got := aws.ToString(q.requests[0].Entries[0].MessageAttributes["dead_letter_reason"].StringValue); got != want {
			t.Errorf("got a reason of %d bytes, want %d", len(got), len(want))
		}
	}
}

// SQS counts the attributes of a message, and 1 MiB fits.
func TestSend_SizeOfALetter(t *testing.T) {
	t.Parallel()
	const own = len("dead_letter_reasonStringno") + len("dead_letter_message_idStringm1") // there is no source
	for size, want := range map[int]string{
		1<<20 - own:     "[<nil>]",
		1<<20 - own + 1: "[deadletter: the letter for m1 has 1048577 bytes with its attributes, more than SQS takes (1 MiB)]",
	} {
		q := &queue{}
		errs := deadletter.New(q, standard, nil).Send(t.Context(), lettersOf(t, `{"Records":[{"messageId":"m1","eventSource":"aws:sqs","body":"`+strings.Repeat("x", size)+`"}]}`))
		if fmt.Sprint(errs) != want || (len(q.requests) == 1) != (errs[0] == nil) {
			t.Errorf("a body of %d bytes: got %v and %d requests, want %s", size, errs, len(q.requests), want)
		}
	}
}

// Letters fill a request up to its last byte.
func TestSend_RequestOfOneMebibyte(t *testing.T) {
	t.Parallel()
	const own = len("dead_letter_reasonStringno") + len("dead_letter_message_idStringm1")
	record := func(n int) string {
		return `{"messageId":"m1","eventSource":"aws:sqs","body":"` + strings.Repeat("x", n-own) + `"}`
	}
	for second, want := range map[int]string{1 << 19: "[2]", 1<<19 + 1: "[1 1]"} {
		q := &queue{}
		deadletter.New(q, standard, nil).Send(t.Context(), lettersOf(t, `{"Records":[`+record(1<<19)+`,`+record(second)+`]}`))
		var got []int
		for _, r := range q.requests {
			got = append(got, len(r.Entries))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("a second letter of %d bytes: got requests of %v letters, want %s", second, got, want)
		}
	}
}

func TestSend_RecordThatIsNoMessage(t *testing.T) {
	t.Parallel()
	r := &batch.Record{}
	r.System, r.ID = "aws_sqs", "m1"
	errs := deadletter.New(&queue{}, standard, nil).Send(t.Context(), []batch.Letter{{Record: r, Reason: errors.New("no")}})
	if got, want := fmt.Sprint(errs), "[deadletter: the record m1 is not a message of SQS]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSend_ErrorsOfLetters(t *testing.T) {
	t.Parallel()
	letters := []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}, {Record: &batch.Record{}, Reason: errors.New("no")}}
	refuse := func(code string, fault bool, requests ...int) func(int, types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
		return func(n int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
			if !slices.Contains(requests, n) {
				return nil
			}
			return &types.BatchResultErrorEntry{Code: aws.String(code), SenderFault: fault}
		}
	}
	for what, c := range map[string]struct {
		q        *queue
		url      string
		want     string
		requests string // the letters in each
	}{
		"no URL":             {&queue{}, "", "[deadletter: the URL of the queue is empty deadletter: the URL of the queue is empty]", "[]"},
		"the sender's fault": {&queue{answer: refuse("Bad", true, 1)}, standard, "[deadletter: the service refused the entry: Bad deadletter: the service refused the entry: Bad]", "[2]"},
		"taken at the end":   {&queue{answer: refuse("InternalError", false, 1, 2)}, standard, "[<nil> <nil>]", "[2 2 2]"},
		"never taken":        {&queue{answer: refuse("InternalError", false, 1, 2, 3, 4)}, standard, "[deadletter: the service refused the entry: InternalError deadletter: the service refused the entry: InternalError]", "[2 2 2]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			errs := deadletter.New(c.q, c.url, nil).Send(t.Context(), letters)
			sizes := []int{}
			for _, r := range c.q.requests {
				sizes = append(sizes, len(r.Entries))
			}
			if fmt.Sprint(errs) != c.want || fmt.Sprint(sizes) != c.requests {
				t.Errorf("%s: got %v after requests of %v letters, want %s after %s", what, errs, sizes, c.want, c.requests)
			}
		})
	}
}

// If the context ends, no further attempt is made, and the error of the last one stays.
func TestSend_ContextThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		q := &queue{answer: func(int, types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry {
			cancel()
			return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
		}}
		errs := deadletter.New(q, standard, nil).Send(ctx, []batch.Letter{{Record: &batch.Record{}, Reason: errors.New("no")}})
		if got, want := fmt.Sprint(errs), "[deadletter: the service refused the entry: InternalError]"; got != want || len(q.requests) != 1 {
			t.Errorf("got %s after %d requests, want %s after 1", got, len(q.requests), want)
		}
	})
}
