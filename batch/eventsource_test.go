package batch_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// deed is what a handler does.
type deed int

const (
	succeeds deed = iota
	fails
	failsForGood
	panics
	exits
	waitsAndFails    // for the end of its context
	waitsAndSucceeds // the same
	ignoresContext   // and succeeds much later
	isBroken         // the payload does not decode
	deeds
)

var deedNames = [deeds]string{"succeeds", "fails", "fails for good", "panics", "exits", "waits and fails", "waits and succeeds", "ignores its context", "is broken"}

func (d deed) String() string { return deedNames[d] }

// try is one handling of a message.
type try struct {
	deed  deed
	delay time.Duration
}

func (t try) String() string { return fmt.Sprintf("%v after %v", t.deed, t.delay) }

// planned is a message and what its handler does, time after time. In the end it succeeds.
type planned struct {
	lane  int // its group, key, item or partition
	tries []try
}

func (m planned) broken() bool { return len(m.tries) > 0 && m.tries[0].deed == isBroken }

// lettersPlan is what the dead-letter queue does.
type lettersPlan string

// history is what happens to the messages of an event source.
type history struct {
	source   string // sqs, fifo, kinesis, dynamodb or kafka
	messages []planned
	rounds   int
	timeout  time.Duration // of an invocation; 0: none
	cancel   time.Duration // until its context is cancelled; 0: never
	pause    time.Duration // between two invocations
	letters  lettersPlan   // "", takes, refuses, panics, exits, miscounts or dawdles
	o        batch.Options
}

func (h *history) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d rounds of %v with pauses of %v, cancelled after %v, Concurrency %d, Order %d, StopGroups %v, ErrorIfAllFail %v, Reserve %v, DeadLetters %q",
		h.source, h.rounds, h.timeout, h.pause, h.cancel, h.o.Concurrency, h.o.Order, h.o.StopGroups, h.o.ErrorIfAllFail, h.o.Reserve, h.letters)
	for i, m := range h.messages {
		fmt.Fprintf(&b, "\n\tmessage %d of lane %d: %v", i, m.lane, m.tries)
	}
	return b.String()
}

func randomHistory(seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 0))
	h := &history{
		source:  []string{"sqs", "fifo", "kinesis", "dynamodb", "kafka"}[r.IntN(5)],
		rounds:  1 + r.IntN(5),
		pause:   time.Duration(r.IntN(20)) * time.Second,
		letters: []lettersPlan{"", "", "takes", "takes", "refuses", "panics", "miscounts", "dawdles", "exits"}[r.IntN(9)],
		o:       batch.Options{Concurrency: 1 + r.IntN(5), Order: batch.Order(r.IntN(3)), StopGroups: r.IntN(3) == 0, ErrorIfAllFail: r.IntN(3) == 0},
	}
	if r.IntN(3) > 0 {
		h.timeout = time.Duration(1+r.IntN(10)) * time.Second
	}
	if h.timeout > 0 && r.IntN(8) == 0 {
		h.cancel = time.Duration(1+r.IntN(5000)) * time.Millisecond
	}
	if r.IntN(4) == 0 {
		h.o.Reserve = time.Duration(1+r.IntN(20)) * 200 * time.Millisecond
	}
	lanes, trouble := 1+r.IntN(4), r.IntN(5)
	for i := range 1 + r.IntN(12) {
		m := planned{lane: r.IntN(lanes)}
		for range r.IntN(4) {
			t := try{delay: time.Duration(r.IntN(4)*r.IntN(500))*time.Millisecond + time.Duration(i+1)} // no two things happen at the same time
			if r.IntN(5) < trouble {
				t.deed = deed(r.IntN(int(isBroken)))
			}
			m.tries = append(m.tries, t)
		}
		if trouble > 2 && r.IntN(20) == 0 {
			m.tries = []try{{deed: isBroken}}
		}
		h.messages = append(h.messages, m)
	}
	return h
}

// ordered returns the name of the sequence that a message belongs to; empty if its order does not count.
func (h *history) ordered(i int) string {
	switch {
	case h.source == "sqs":
		return ""
	case h.source == "fifo", h.source == "kafka", h.o.Order == batch.ByKey:
		return fmt.Sprint("lane ", h.messages[i].lane)
	case h.o.Order == batch.ByShard:
		return "shard"
	}
	return ""
}

func (h *history) isStream() bool { return h.source == "kinesis" || h.source == "dynamodb" }

// body is the payload of a message.
type body struct{ I int }

// do handles a message.
func (t try) do(ctx context.Context) error {
	time.Sleep(t.delay)
	_, bounded := ctx.Deadline()
	switch t.deed {
	case fails:
		return errBoom
	case failsForGood:
		return batch.Permanent(errBoom)
	case panics:
		panic(errBoom)
	case exits:
		runtime.Goexit()
	case waitsAndFails, waitsAndSucceeds:
		if bounded {
			<-ctx.Done()
		}
		if t.deed == waitsAndFails {
			return causeOf(ctx)
		}
	case ignoresContext:
		if bounded {
			time.Sleep(20 * time.Second)
		}
	}
	return nil
}

func causeOf(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errBoom
}

// function returns the function for the event source.
func (h *history) function(handle func(ctx context.Context, r *batch.Record, i int) error, o *batch.Options) func(context.Context, batch.Event) (any, error) {
	plain := func(ctx context.Context, m *batch.Message[body]) error { return handle(ctx, m.Record, m.Body.I) }
	var call func(context.Context, batch.Event) (batch.Response, error)
	switch h.source {
	case "kinesis":
		call = batch.Kinesis(plain, o)
	case "dynamodb":
		call = batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[body]]) error {
			return handle(ctx, m.Record, m.Body.New.I)
		}, o)
	case "kafka":
		call := batch.Kafka(plain, o)
		return func(ctx context.Context, e batch.Event) (any, error) { return call(ctx, e) }
	default:
		call = batch.SQS(plain, o)
	}
	return func(ctx context.Context, e batch.Event) (any, error) { return call(ctx, e) }
}

// event returns the event for messages, and the messages in the order of their records.
func (h *history) event(messages []int) ([]byte, []int) {
	var records []string
	partitions, lanes := make(map[int][]string), []int(nil)
	for _, i := range messages {
		m := h.messages[i]
		text := fmt.Sprintf(`{"I":%d}`, i)
		if m.broken() {
			text = `{"I":"x"}`
		}
		data := base64.StdEncoding.EncodeToString([]byte(text))
		switch h.source {
		case "sqs", "fifo":
			arn := map[string]string{"sqs": "orders", "fifo": "orders.fifo"}[h.source]
			quoted, _ := json.Marshal(text)
			records = append(records, fmt.Sprintf(`{"messageId":"%d","body":%s,"attributes":{"MessageGroupId":"g%d"},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:%s"}`, i, quoted, m.lane, arn))
		case "kinesis":
			records = append(records, fmt.Sprintf(`{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"k%d","sequenceNumber":"%d","data":"%s"}}`, m.lane, i, data))
		case "dynamodb":
			n := fmt.Sprint(i)
			if m.broken() {
				n = "x"
			}
			records = append(records, fmt.Sprintf(`{"eventSource":"aws:dynamodb","eventName":"MODIFY","dynamodb":{"Keys":{"id":{"S":"k%d"}},"SequenceNumber":"%d","NewImage":{"I":{"N":"%s"}}}}`, m.lane, i, n))
		case "kafka":
			if partitions[m.lane] == nil {
				lanes = append(lanes, m.lane)
			}
			partitions[m.lane] = append(partitions[m.lane], fmt.Sprintf(`{"topic":"t","partition":%d,"offset":%d,"value":"%s"}`, m.lane, i, data))
		}
	}
	if h.source != "kafka" {
		return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`), messages
	}
	messages = slices.Clone(messages)
	slices.SortStableFunc(messages, func(a, b int) int {
		return slices.Index(lanes, h.messages[a].lane) - slices.Index(lanes, h.messages[b].lane)
	})
	for _, lane := range lanes {
		records = append(records, fmt.Sprintf(`"t-%d":[%s]`, lane, strings.Join(partitions[lane], ",")))
	}
	return []byte(`{"eventSource":"aws:kafka","records":{` + strings.Join(records, ",") + `}}`), messages
}

// failures reads the response.
func (h *history) failures(response []byte) (messages []int, err error) {
	var r struct {
		BatchItemFailures []struct{ ItemIdentifier json.RawMessage }
	}
	if err := json.Unmarshal(response, &r); err != nil {
		return nil, err
	}
	if r.BatchItemFailures == nil {
		return nil, fmt.Errorf("got the response %s, want a list", response)
	}
	for _, f := range r.BatchItemFailures {
		i, want := 0, ""
		if h.source == "kafka" {
			var id batch.KafkaOffset
			err = json.Unmarshal(f.ItemIdentifier, &id)
			if i = int(id.Offset); i < len(h.messages) {
				want = fmt.Sprintf(`{"partition":"t-%d","offset":%d}`, h.messages[i].lane, i)
			}
		} else {
			_, err = fmt.Sscanf(string(f.ItemIdentifier), "%q", &want)
			if err == nil {
				_, err = fmt.Sscan(want, &i)
			}
			want = fmt.Sprintf("%q", fmt.Sprint(i))
		}
		if err != nil || string(f.ItemIdentifier) != want {
			return nil, fmt.Errorf("got the identifier %s, want %s", f.ItemIdentifier, want)
		}
		messages = append(messages, i)
	}
	return messages, nil
}

// acknowledged returns the messages of a batch that the event source does not deliver again.
func (h *history) acknowledged(messages, reported []int) (acknowledged []int) {
	behind := make(map[int]bool) // lanes of Kafka; 0 is the stream
	for _, i := range messages {
		lane := 0
		if h.source == "kafka" {
			lane = h.messages[i].lane
		}
		bad := slices.Contains(reported, i)
		if h.isStream() || h.source == "kafka" {
			behind[lane] = behind[lane] || bad
			bad = behind[lane]
		}
		if !bad {
			acknowledged = append(acknowledged, i)
		}
	}
	return acknowledged
}
