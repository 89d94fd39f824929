package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// message is what the tests put into a body.
type message struct {
	Name string
	Do   string        // what the handler does
	For  time.Duration // how long
}

var errBoom = errors.New("boom")

// act is a handler that does what the message says.
func act(ctx context.Context, m message) error {
	time.Sleep(m.For)
	switch m.Do {
	case "fail":
		return errBoom
	case "fail for good":
		return batch.Permanent(errBoom)
	case "panic":
		panic("boom")
	case "exit":
		runtime.Goexit()
	case "wait":
		<-ctx.Done()
		return context.Cause(ctx)
	case "hang":
		select {}
	case "cycle":
		<-ctx.Done()
		time.Sleep(time.Hour)
	}
	return nil
}

// queue returns the event of a queue. A message is written as group/name or name.
func queue(arn string, messages ...message) batch.Event {
	var records []string
	for _, m := range messages {
		group, name, ok := strings.Cut(m.Name, "/")
		if !ok {
			group, name = "", m.Name
		}
		body, _ := json.Marshal(m)
		text, _ := json.Marshal(string(body))
		attributes := ""
		if ok {
			attributes = fmt.Sprintf(`"MessageGroupId":%q`, group)
		}
		records = append(records, fmt.Sprintf(`{"messageId":%q,"body":%s,"attributes":{%s},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:%s"}`, name, text, attributes, arn))
	}
	var e batch.Event
	e.UnmarshalJSON([]byte(`{"Records":[` + strings.Join(records, ",") + `]}`))
	return e
}

// calls notes which handlers were called, in order.
type calls struct {
	mu    sync.Mutex
	names []string
	now   int
	most  int // at the same time
}

func (c *calls) handle(ctx context.Context, m *batch.Message[message]) error {
	c.mu.Lock()
	c.names = append(c.names, m.Body.Name)
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	return act(ctx, m.Body)
}

func reported(r batch.Response) string {
	var ids []string
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

func named(spec string) (messages []message) {
	for part := range strings.FieldsSeq(spec) {
		name, do, _ := strings.Cut(part, ":")
		messages = append(messages, message{Name: name, Do: strings.ReplaceAll(do, "-", " ")})
	}
	return messages
}

func TestSQS_WhatIsReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, queue, given, called, want string
		o                                batch.Options
	}{
		{what: "all done", queue: "q", given: "a b c", called: "a b c"},
		{what: "one fails", queue: "q", given: "a b:fail c", called: "a b c", want: "b"},
		{what: "panic and Goexit", queue: "q", given: "a:panic b:exit c:exit d e:panic f", called: "a b c d e f", want: "a b c e"},
		{what: "groups of a standard queue", queue: "q", given: "g/a:fail g/b h/c", called: "g/a g/b h/c", want: "a"},
		{what: "groups of a FIFO queue", queue: "q.fifo", given: "g/a:fail h/b g/c h/d", called: "g/a h/b h/d", want: "a c"},
		{what: "stopped groups", queue: "q.fifo", given: "g/a:fail h/b g/c h/d", called: "g/a", want: "a b c d", o: batch.Options{StopGroups: true}},
		{what: "panic in a group", queue: "q.fifo", given: "g/a:panic h/b:exit g/c h/d", called: "g/a h/b", want: "a b c d"},
		{what: "a later failure", queue: "q.fifo", given: "g/a g/b:fail g/c h/d", called: "g/a g/b h/d", want: "b c"},
		{what: "no queue of that kind", queue: "fifo", given: "g/a:fail g/b", called: "g/a g/b", want: "a"},
		{what: "failures for good", queue: "q", given: "a:fail-for-good b", called: "a b", want: "a"},
	} {
		for _, concurrency := range []int{1, 3, 100} {
			o := c.o
			o.Concurrency = concurrency
			if o.StopGroups && concurrency > 1 {
				continue // other groups may have been done before
			}
			synctest.Test(t, func(t *testing.T) {
				var calls calls
				got, err := batch.SQS(calls.handle, &o)(t.Context(), queue(c.queue, named(c.given)...))
				if err != nil || reported(got) != c.want {
					t.Errorf("%s, %d at once: got %q reported and %v, want %q", c.what, concurrency, reported(got), err, c.want)
				}
				names := calls.names
				if concurrency > 1 {
					names = slices.Sorted(slices.Values(names))
				}
				want := strings.Fields(c.called)
				if concurrency > 1 {
					slices.Sort(want)
				}
				if !slices.Equal(names, want) {
					t.Errorf("%s, %d at once: got the calls %v, want %v", c.what, concurrency, names, want)
				}
			})
		}
	}
}

func TestSQS_DeadlineStopsTheBatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, given string
		want        string
		after       time.Duration
	}{
		{"handlers that obey", "a b:wait c d", "b c d", 8500 * time.Millisecond},
		{"handlers that hang", "a b:cycle c d", "b c d", 8875 * time.Millisecond},
		{"enough time", "a b c d", "", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			begin := time.Now()
			var calls calls
			got, err := batch.SQS(calls.handle, nil)(ctx, queue("q", named(c.given)...))
			if took := time.Since(begin); err != nil || reported(got) != c.want || took != c.after {
				t.Errorf("%s: got %q after %v and %v, want %q after %v", c.what, reported(got), took, err, c.want, c.after)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}

func TestSQS_Concurrency(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3, 50} {
		synctest.Test(t, func(t *testing.T) {
			var calls calls
			var messages []message
			for i := range 20 {
				messages = append(messages, message{Name: fmt.Sprint("m", i), For: time.Second})
			}
			begin := time.Now()
			batch.SQS(calls.handle, &batch.Options{Concurrency: n})(t.Context(), queue("q", messages...))
			want := time.Duration((20+n-1)/n) * time.Second
			if took := time.Since(begin); calls.most != min(n, 20) || took != want {
				t.Errorf("got %d at once in %v, want %d in %v", calls.most, took, min(n, 20), want)
			}
		})
	}
}
