package eventsource_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

var start = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// item is a message as a function sees it.
type item struct {
	name       string // the body of the message, or the key of DynamoDB
	identifier string // JSON that reports it
	count      string // ApproximateReceiveCount
}

// items decodes an event of any kind. Records of Kafka are in the order of partitions.
func items(t *testing.T, event []byte) (list []item) {
	t.Helper()
	var e struct {
		Records json.RawMessage // of Kafka: records
	}
	type record struct {
		MessageID, Body string
		Attributes      map[string]string
		Kinesis         struct {
			Data           []byte
			SequenceNumber string
		}
		DynamoDB struct {
			Keys           map[string]map[string]string
			SequenceNumber string
		}
		Value  []byte
		Offset int
	}
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatalf("the event is not JSON: %v\n%s", err, event)
	}
	var partitions map[string][]record
	if json.Unmarshal(e.Records, &partitions) == nil {
		names := make([]string, 0, len(partitions))
		for name := range partitions {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, r := range partitions[name] {
				list = append(list, item{string(r.Value), fmt.Sprintf(`{"partition":%q,"offset":%d}`, name, r.Offset), ""})
			}
		}
		return list
	}
	var records []record
	if err := json.Unmarshal(e.Records, &records); err != nil {
		t.Fatalf("the records are not a list: %v\n%s", err, event)
	}
	for _, r := range records {
		switch {
		case r.MessageID != "":
			list = append(list, item{r.Body, fmt.Sprintf("%q", r.MessageID), r.Attributes["ApproximateReceiveCount"]})
		case r.Kinesis.SequenceNumber != "":
			list = append(list, item{string(r.Kinesis.Data), fmt.Sprintf("%q", r.Kinesis.SequenceNumber), ""})
		default:
			list = append(list, item{r.DynamoDB.Keys["id"]["S"], fmt.Sprintf("%q", r.DynamoDB.SequenceNumber), ""})
		}
	}
	return list
}

// report returns the answer that reports items.
func report(failed ...item) []byte {
	parts := []string{}
	for _, i := range failed {
		parts = append(parts, `{"itemIdentifier":`+i.identifier+`}`)
	}
	return []byte(`{"batchItemFailures":[` + strings.Join(parts, ",") + `]}`)
}

// messages returns messages from words of the form BODY, BODY@GROUP or, for Kafka, BODY@PARTITION.
func messages(kind eventsource.Kind, words string) (list []eventsource.Message) {
	for _, w := range strings.Fields(words) {
		body, group, _ := strings.Cut(w, "@")
		m := eventsource.Message{Body: body}
		switch kind {
		case eventsource.SQS, eventsource.FIFO:
			m.Group = group
			m.ID = "id-" + body
		case eventsource.Kinesis:
			m.Key = group
		case eventsource.DynamoDB:
			keys := json.RawMessage(`{"id":{"S":"` + body + `"}}`)
			m = eventsource.Message{Change: &eventsource.Change{Keys: keys, New: keys}}
		case eventsource.Kafka:
			if n, err := strconv.Atoi(group); err == nil {
				m.Partition = &n
			}
		}
		list = append(list, m)
	}
	return list
}

func newMapping(t *testing.T, kind eventsource.Kind, words string, o eventsource.Options) *eventsource.Mapping {
	t.Helper()
	m, err := eventsource.New(kind, start, messages(kind, words), &o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var errBoom = errors.New("boom")

// failing returns a handler of events that fails or reports messages, and the batches that it gets.
// bad maps the name of a message to how often it fails; -1: always. If one of the messages is in
// fatal, the whole invocation fails.
func failing(t *testing.T, bad map[string]int, fatal string) (handle func([]byte) ([]byte, error), batches *[]string) {
	batches = new([]string)
	return func(event []byte) ([]byte, error) {
		var names []string
		var failed []item
		var err error
		for _, i := range items(t, event) {
			names = append(names, i.name)
			if bad[i.name] == 0 {
				continue
			}
			bad[i.name]--
			failed = append(failed, i)
			if slices.Contains(strings.Fields(fatal), i.name) {
				err = errBoom
			}
		}
		*batches = append(*batches, strings.Join(names, " "))
		return report(failed...), err
	}, batches
}

// outcomes returns the outcomes as words: BODY's position, state and attempts.
func outcomes(m *eventsource.Mapping) string {
	var list []string
	for _, o := range m.Outcomes() {
		text := fmt.Sprintf("%v*%d", o.State, o.Attempts)
		if o.Blocked {
			text = "blocked " + text
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	const (
		sqs, fifo, kinesis, dynamodb, kafka = eventsource.SQS, eventsource.FIFO, eventsource.Kinesis, eventsource.DynamoDB, eventsource.Kafka
		always                              = -1
	)
	type options = eventsource.Options
	reports := options{ReportFailures: true, MaxAttempts: 3}
	with := func(change func(*options)) options {
		o := reports
		change(&o)
		return o
	}
	pairs := with(func(o *options) { o.BatchSize = 2 })
	bisect := with(func(o *options) { o.Bisect = true })
	for _, c := range []struct {
		name     string
		kind     eventsource.Kind
		messages string
		options  options
		bad      map[string]int
		fatal    string
		batches  string
		outcomes string
	}{
		{"SQS: batches of the batch size", sqs, "a b c", pairs, nil, "", "a b|c", "done*1, done*1, done*1"},
		{"SQS: reported messages come again, others are deleted", sqs, "a b c", reports, map[string]int{"b": 1}, "", "a b c|b", "done*1, done*2, done*1"},
		{"SQS: messages that were never sent come before a redelivery", sqs, "a b c", pairs, map[string]int{"a": 1}, "", "a b|c|a", "done*2, done*1, done*1"},
		{"SQS: an error brings the whole batch again", sqs, "a b c", reports, map[string]int{"b": 1}, "b", "a b c|a b c", "done*2, done*2, done*2"},
		{"SQS: a poison message goes to the dead-letter queue", sqs, "a b", reports, map[string]int{"b": always}, "", "a b|b|b", "done*1, dead letter*3"},
		{"SQS: a poison error takes the batch along", sqs, "a b", reports, map[string]int{"b": always}, "b", "a b|a b|a b", "dead letter*3, dead letter*3"},
		{"SQS: a group of a fair queue does not block", sqs, "a@g b@g c@g", with(func(o *options) { o.BatchSize = 1 }), map[string]int{"a": 1}, "", "a|b|c|a", "done*2, done*1, done*1"},
		{"SQS: reports count only if the mapping asks for them", sqs, "a b", options{MaxAttempts: 3}, map[string]int{"a": always}, "", "a b", "done*1, done*1"},

		{"FIFO: a batch holds several groups", fifo, "a@1 b@2 c@1", reports, nil, "", "a b c", "done*1, done*1, done*1"},
		{"FIFO: a failed message blocks its group, other groups go on", fifo, "a@1 b@2 c@1 d@2", pairs, map[string]int{"a": 1}, "", "a b|d|a c", "done*2, done*1, done*1, done*1"},
		{"FIFO: a message behind a reported one is deleted if it is not reported", fifo, "a@1 b@1 c@1", reports, map[string]int{"a": 1}, "", "a b c|a", "done*2, done*1, done*1"},
		{"FIFO: reported with all behind it, the order holds", fifo, "a@1 b@1 c@1", reports, map[string]int{"a": 1, "b": 1, "c": 1}, "", "a b c|a b c", "done*2, done*2, done*2"},
		{"FIFO: a dead letter frees its group", fifo, "a@1 b@1", with(func(o *options) { o.BatchSize = 1 }), map[string]int{"a": always}, "", "a|a|a|b", "dead letter*3, done*1"},

		{"Kinesis: all from the lowest reported one come again", kinesis, "a b c d", reports, map[string]int{"b": 1, "d": 1}, "", "a b c d|b c d", "done*1, done*2, done*2, done*2"},
		{"Kinesis: nothing else is sent before they are done", kinesis, "a b c d", pairs, map[string]int{"b": 2}, "", "a b|b|b|c d", "done*1, done*3, done*1, done*1"},
		{"Kinesis: progress starts the count of attempts again", kinesis, "a b c d", reports, map[string]int{"a": 2, "b": 3, "c": 4}, "", "a b c d|a b c d|a b c d|b c d|c d", "done*3, done*4, done*5, done*5"},
		{"Kinesis: without progress the rest of the batch is given up", kinesis, "a b c d", reports, map[string]int{"b": always}, "", "a b c d|b c d|b c d|b c d", "done*1, dead letter*4, dead letter*4, dead letter*4"},
		{"Kinesis: an error brings the batch again and gives it up", kinesis, "a b c", pairs, map[string]int{"a": always}, "a", "a b|a b|a b|c", "dead letter*3, dead letter*3, done*1"},
		{"Kinesis: bisect isolates a record that fails the batch", kinesis, "a b c d", bisect, map[string]int{"c": always}, "c", "a b c d|a b|c d|c|c|c|d", "done*2, done*2, dead letter*5, done*3"},
		{"Kinesis: bisect splits a reporting batch at the checkpoint", kinesis, "a b c d", bisect, map[string]int{"b": 1}, "", "a b c d|b c d", "done*1, done*2, done*2, done*2"},
		{"Kinesis: bisect splits in the middle if the checkpoint is the first record", kinesis, "a b c", bisect, map[string]int{"b": always}, "", "a b c|b c|b|b|b|c", "done*1, dead letter*5, done*3"},
		{"Kinesis: bisect without retries still splits", kinesis, "a b", with(func(o *options) { o.Bisect, o.MaxAttempts = true, 1 }), map[string]int{"b": always}, "b", "a b|a|b", "done*2, dead letter*2"},

		{"DynamoDB: as Kinesis", dynamodb, "a b c", reports, map[string]int{"b": 1}, "", "a b c|b c", "done*1, done*2, done*2"},

		{"Kafka: a batch holds several partitions", kafka, "a@0 b@1 c@0", reports, nil, "", "a c b", "done*1, done*1, done*1"},
		{"Kafka: each reported partition resumes from its offset", kafka, "a@0 b@1 c@0 d@1 e@2", reports, map[string]int{"c": 1, "b": 1}, "", "a c b d e|c b d", "done*1, done*2, done*2, done*2, done*1"},
		{"Kafka: an error brings the whole batch again", kafka, "a@0 b@1", reports, map[string]int{"b": 1}, "b", "a b|a b", "done*2, done*2"},
		{"Kafka: a partition is given up alone", kafka, "a@0 b@1 c@0", reports, map[string]int{"a": always}, "", "a c b|a c|a c", "dead letter*3, done*1, dead letter*3"},
		{"Kafka: bisect separates partitions, then records", kafka, "a@0 b@0 c@1", bisect, map[string]int{"b": always}, "b", "a b c|c|a b|a|b|b|b", "done*3, dead letter*5, done*2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMapping(t, c.kind, c.messages, c.options)
			handle, batches := failing(t, c.bad, c.fatal)
			m.Run(start, handle)
			wantEqual(t, "batches", strings.Join(*batches, "|"), c.batches)
			wantEqual(t, "outcomes", outcomes(m), c.outcomes)
		})
	}
}

// begin calls Next and returns its batches as names.
func begin(t *testing.T, m *eventsource.Mapping, now time.Time) (batches []string, list []eventsource.Invocation) {
	t.Helper()
	list = m.Next(now)
	for _, inv := range list {
		var names []string
		for _, i := range items(t, inv.Event) {
			names = append(names, i.name)
		}
		batches = append(batches, strings.Join(names, " "))
	}
	return batches, list
}

func TestQueue_FailedMessageIsInvisibleForTheTimeout(t *testing.T) {
	t.Parallel()
	m := newMapping(t, eventsource.SQS, "a", eventsource.Options{Visibility: time.Minute})
	_, list := begin(t, m, start)
	if at, ok := m.Wake(start); ok {
		t.Errorf("Wake while the message is in flight: got %v, want none", at)
	}
	failed := start.Add(5 * time.Second)
	m.Done(failed, list[0].Token, nil, errBoom)
	visible := failed.Add(time.Minute)
	if at, ok := m.Wake(failed); !ok || !at.Equal(visible) {
		t.Errorf("Wake: got %v %v, want %v", at, ok, visible)
	}
	batches, _ := begin(t, m, visible.Add(-1))
	wantEqual(t, "batches before the end", batches, []string{})
	batches, list = begin(t, m, visible)
	wantEqual(t, "batches at the end", batches, []string{"a"})
	i := items(t, list[0].Event)[0]
	wantEqual(t, "ApproximateReceiveCount", i.count, "2")
}

func TestNext_SeveralInvocationsAtATime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		kind     eventsource.Kind
		messages string
		options  eventsource.Options
		want     []string
	}{
		{"SQS", eventsource.SQS, "a b c d e", eventsource.Options{BatchSize: 2, Concurrency: 2}, []string{"a b", "c d"}},
		{"FIFO: a group has one batch in flight", eventsource.FIFO, "a@1 b@1 c@2 d@1 e@3", eventsource.Options{BatchSize: 1, Concurrency: 9}, []string{"a", "c", "e"}},
		{"Kinesis: a shard has one batch in flight", eventsource.Kinesis, "a@x b@x c@x", eventsource.Options{BatchSize: 2, Concurrency: 9}, []string{"a b"}},
		{"Kinesis: shards by key", eventsource.Kinesis, "a@x b@y c@x d@y", eventsource.Options{Shards: 2, Concurrency: 9}, []string{"b d", "a c"}},
		{"Kafka: a consumer has several partitions", eventsource.Kafka, "a@0 b@1 c@2 d@3", eventsource.Options{Concurrency: 2}, []string{"a c", "b d"}},
		{"Kafka: a partition has one consumer", eventsource.Kafka, "a@0 b@1 c@0", eventsource.Options{BatchSize: 1, Concurrency: 9}, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			batches, _ := begin(t, newMapping(t, c.kind, c.messages, c.options), start)
			wantEqual(t, "batches", batches, c.want)
		})
	}
}

func TestOutcomes_OfARunThatIsNotOver(t *testing.T) {
	t.Parallel()
	m := newMapping(t, eventsource.FIFO, "a@1 b@1 c@2 d@2", eventsource.Options{BatchSize: 1})
	_, list := begin(t, m, start)
	m.Done(start, list[0].Token, nil, errBoom)
	begin(t, m, start)
	wantEqual(t, "FIFO", outcomes(m), "waiting*1, blocked waiting*0, in flight*1, waiting*0")

	m = newMapping(t, eventsource.Kinesis, "a b c", eventsource.Options{BatchSize: 2})
	_, list = begin(t, m, start)
	m.Done(start, list[0].Token, nil, errBoom)
	wantEqual(t, "Kinesis", outcomes(m), "waiting*1, blocked waiting*1, blocked waiting*0")
	begin(t, m, start)
	wantEqual(t, "Kinesis", outcomes(m), "in flight*2, in flight*2, blocked waiting*0")
}

func TestOutcomes_Reasons(t *testing.T) {
	t.Parallel()
	reasons := func(kind eventsource.Kind, words string, answer func([]item) ([]byte, error), o eventsource.Options) string {
		o.MaxAttempts = 1
		m := newMapping(t, kind, words, o)
		m.Run(start, func(event []byte) ([]byte, error) { return answer(items(t, event)) })
		var list []string
		for _, o := range m.Outcomes() {
			list = append(list, o.Reason)
		}
		return strings.Join(list, "|")
	}
	reports := eventsource.Options{ReportFailures: true}
	first := func(i []item) ([]byte, error) { return report(i[0]), nil }
	fails := func([]item) ([]byte, error) { return nil, errBoom }
	wantEqual(t, "an error", reasons(eventsource.SQS, "a", fails, reports), "boom")
	wantEqual(t, "a report", reasons(eventsource.SQS, "a b", first, reports), "reported in batchItemFailures|")
	wantEqual(t, "a report out of order", reasons(eventsource.FIFO, "a b", first, reports), "reported in batchItemFailures|deleted, although id-a before it in its group was reported")
	wantEqual(t, "behind a report", reasons(eventsource.Kafka, "a b", first, reports), "reported in batchItemFailures|behind orders-0 offset 0, which was reported")
	const ignored = "the answer reports failures, and the mapping ignores reports"
	wantEqual(t, "an ignored report of a queue", reasons(eventsource.SQS, "a", first, eventsource.Options{}), ignored)
	wantEqual(t, "an ignored report of a stream", reasons(eventsource.Kinesis, "a", first, eventsource.Options{}), ignored)
}

func TestDone_UnknownTokenChangesNothing(t *testing.T) {
	t.Parallel()
	m := newMapping(t, eventsource.SQS, "a", eventsource.Options{})
	_, list := begin(t, m, start)
	m.Done(start, list[0].Token+1, nil, nil)
	wantEqual(t, "outcome", outcomes(m), "in flight*1")
	m.Done(start, list[0].Token, nil, nil)
	m.Done(start, list[0].Token, nil, errBoom)
	wantEqual(t, "outcome", outcomes(m), "done*1")
}

func TestNext_EventsStayBelowTheLimit(t *testing.T) {
	t.Parallel()
	for kind, want := range map[eventsource.Kind][]int{eventsource.SQS: {6, 2}, eventsource.FIFO: {6, 2}, eventsource.Kinesis: {4, 4}, eventsource.Kafka: {4, 4}} {
		var list []eventsource.Message
		for range 8 {
			list = append(list, eventsource.Message{Body: strings.Repeat("x", 1000<<10)})
		}
		m, err := eventsource.New(kind, start, list, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for next := m.Next(start); len(next) > 0; next = m.Next(start) {
			if n := len(next[0].Event); n > eventsource.MaxEvent {
				t.Errorf("%v: got an event of %d bytes, want at most %d", kind, n, eventsource.MaxEvent)
			}
			got = append(got, len(next[0].Messages))
			m.Done(start, next[0].Token, nil, nil)
		}
		wantEqual(t, kind.String(), got, want)
	}
}
