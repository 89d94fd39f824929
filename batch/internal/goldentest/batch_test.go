package goldentest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// exchange is one invocation.
type exchange struct {
	*invocation
	c       *batchGiven
	t       *testing.T
	options options
	records []any // nil if the event is not a list of objects of the source
	ordered bool  // the order of reports counts
	stuck   bool  // earlier options stick upstream
	spoiled bool  // the caller changed an earlier response
	want    answer

	mu   sync.Mutex
	got  answer
	kept batch.Response
	seen bool // the context of the invocation
}

func batchCase(t *testing.T, given, want []byte, touch func(string)) (skip string) {
	var c batchGiven
	var w batchWant
	decode(t, given, want, &c, &w)
	if len(c.Invocations) != len(w.Invocations) {
		t.Fatalf("got %d invocations, want %d", len(w.Invocations), len(c.Invocations))
	}
	c.validate(t)
	functions := make(map[string]*function)
	stuck, spoiled := false, false
	for n := range c.Invocations {
		x := &exchange{invocation: &c.Invocations[n], c: &c, t: t, options: c.Options, stuck: stuck, spoiled: spoiled}
		if x.NewProcessor {
			clear(functions)
			x.stuck, stuck = false, false
		}
		if x.Options != nil {
			x.options = *x.Options
		}
		if x.NoOptions {
			x.options = options{}
		} else {
			stuck = true
		}
		w := &w.Invocations[n]
		x.ordered = w.Max <= 1
		x.want = answer{err: w.Error != nil, calls: setOf(w.Calls...), succeeded: setOf(w.Succeeded...), failed: setOf(w.Failed...), payloads: map[int]any{}}
		if w.Response != nil {
			for _, f := range w.Response.Failures {
				x.want.reported = append(x.want.reported, textOf(f.Identifier))
			}
		}
		for _, p := range w.Payloads {
			x.want.payloads[p.Record] = p.Payload
		}
		x.readRecords()
		for _, r := range batchRules {
			before := x.want.clone()
			if r.applies(x); before.String() != x.want.String() {
				touch(r.id)
			}
		}
		key, _ := json.Marshal(x.options)
		f := functions[string(key)]
		if f == nil {
			f = newFunction(x)
			functions[string(key)] = f
		}
		f.play(x)
		x.compare(n)
		if w.ContextSeen && !x.seen {
			t.Errorf("invocation %d: got no context of the invocation in the handler, want it", n)
		}
		if x.CallerAppends != nil {
			spoiled = true
			x.kept.BatchItemFailures = append(x.kept.BatchItemFailures, *x.CallerAppends)
		}
	}
	return ""
}

// function is a function of package batch with the options of an exchange.
type function struct {
	call func(context.Context, batch.Event) (batch.Response, error)
	now  *exchange
}

type contextKey struct{}

func newFunction(x *exchange) *function {
	f := new(function)
	o := &batch.Options{StopGroups: x.stopsGroups(), ErrorIfAllFail: x.throws()}
	if x.c.Mode == "parallel" && !x.stream() {
		o.Concurrency = 100
	}
	if x.c.Source == "dynamodb" {
		f.call = batch.DynamoDB(func(ctx context.Context, m *batch.Message[batch.Change[map[string]any]]) error {
			image := func(p *map[string]any) any {
				if p == nil {
					return nil
				}
				return plain(*p)
			}
			payload, err := f.now.checkChange(image(m.Body.Old), image(m.Body.New))
			if err != nil {
				return batch.Permanent(err)
			}
			return f.now.handle(ctx, m.Record, payload)
		}, o)
		return f
	}
	o.Decoder = func(data []byte, v any) (err error) {
		*v.(*any), err = f.now.decodeData(data)
		return err
	}
	handle := func(ctx context.Context, m *batch.Message[any]) error { return f.now.handle(ctx, m.Record, m.Body) }
	if x.c.Source == "kinesis" {
		f.call = batch.Kinesis(handle, o)
	} else {
		f.call = batch.SQS(handle, o)
	}
	return f
}

// play invokes the function with the event.
func (f *function) play(x *exchange) {
	f.now = x
	x.got = answer{calls: set{}, succeeded: set{}, failed: set{}, payloads: map[int]any{}}
	h := lambdakit.Wrap(func(ctx context.Context, e batch.Event) (batch.Response, error) {
		r, err := f.call(ctx, e)
		x.kept = r
		return r, err
	}, func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnMessage(x)
			inv.OnBatch(x)
			return next(ctx, inv)
		}
	})
	text, err := h.Invoke(context.WithValue(x.t.Context(), contextKey{}, true), x.Event)
	if x.got.err = err != nil; err != nil {
		return
	}
	var r batch.Response
	if err := strict(text, &r); err != nil {
		x.t.Fatalf("got the response %s: %v", text, err)
	}
	for _, f := range r.BatchItemFailures {
		x.got.reported = append(x.got.reported, f.ItemIdentifier)
	}
}

// handle is the handler of a record.
func (x *exchange) handle(ctx context.Context, r *batch.Record, payload any) error {
	x.mu.Lock()
	x.got.calls[r.Index] = true
	if x.c.Decode != nil {
		x.got.payloads[r.Index] = payload
	}
	x.seen = ctx.Value(contextKey{}) == true && lambdakit.FromContext(ctx) != nil
	x.mu.Unlock()
	o := x.outcome(r.Index)
	time.Sleep(time.Duration(o.Delay) * time.Millisecond)
	if o.Mutate != nil {
		clear(r.Raw())
		clear(r.Data())
		r.ID = "changed"
	}
	if x.c.Handler == "json" {
		if _, err := parse([]byte(textOf(payload))); err != nil {
			return err
		}
	}
	if o.Error != nil {
		return fmt.Errorf("%s: %s", o.Error.Name, o.Error.Message)
	}
	return nil
}

// BeginMessage implements lambdakit.BatchObserver.
func (x *exchange) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	return ctx
}

// EndMessage implements lambdakit.BatchObserver.
func (x *exchange) EndMessage(_ context.Context, m *lambdakit.Message, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil {
		x.got.succeeded[m.Index] = true
	}
}

// EndBatch implements lambdakit.BatchObserver.
func (x *exchange) EndBatch(_ context.Context, r lambdakit.BatchResult) {
	for i := range r.Records {
		if !x.got.succeeded[i] {
			x.got.failed[i] = true
		}
	}
}

// compare fails the test if another answer came.
func (x *exchange) compare(n int) {
	x.t.Helper()
	want, got := x.want.clone(), x.got.clone()
	if !x.ordered {
		slices.Sort(want.reported)
		slices.Sort(got.reported)
	}
	if got.String() != want.String() {
		x.t.Errorf("invocation %d:\ngot  %v\nwant %v", n, &got, &want)
	}
}
