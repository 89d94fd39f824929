package backend

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/internal/emulator"
)

// Options configures [Measure].
type Options struct {
	Starts      int // of each function with the backend that answers immediately
	SlowStarts  int // of each function with the other backends
	Invocations int // of each start
}

// Measurement is the result of one function with one kind of backend. The slices have one value for each
// invocation, in nanoseconds.
type Measurement struct {
	coldstart.Binary
	Kind Kind

	FirstResponse, FirstWhole []float64 // of the first invocation of each start
	Response, Whole           []float64 // of the others

	TimedOut bool // some invocations
}

// Measure measures functions with all kinds of backends. The function [coldstart.Bare] has no backend, so
// it is measured once.
func Measure(ctx context.Context, functions []coldstart.Binary, o Options) ([]Measurement, error) {
	var all []*Measurement
	for _, k := range Kinds {
		for _, f := range functions {
			if f.Name != coldstart.Bare || k.Name == Immediate.Name {
				all = append(all, &Measurement{Binary: f, Kind: k})
			}
		}
	}
	var turn sync.Mutex
	for round := range max(o.Starts, o.SlowStarts) {
		var running sync.WaitGroup
		errs := make([]error, len(all))
		for i, m := range all {
			starts := o.SlowStarts
			if m.Kind.Name == Immediate.Name {
				starts = o.Starts
			}
			if round < starts {
				running.Go(func() { errs[i] = m.start(ctx, &turn, o.Invocations) })
			}
		}
		running.Wait()
		for i, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("backend: function %s, backend %s: %w", all[i].Name, all[i].Kind.Name, err)
			}
		}
	}
	results := make([]Measurement, len(all))
	for i, m := range all {
		results[i] = *m
	}
	return results, nil
}

// start starts the function once, and makes its invocations.
func (m *Measurement) start(ctx context.Context, turn *sync.Mutex, invocations int) error {
	url, stop, err := m.Kind.start()
	if err != nil {
		return err
	}
	defer stop()
	turn.Lock()
	e, err := emulator.Start(ctx, emulator.Config{
		Command:      []string{m.Path},
		FunctionName: "orders-prod",
		Env:          []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "POWERTOOLS_SERVICE_NAME=orders"},
	})
	turn.Unlock()
	if err != nil {
		return err
	}
	defer e.Close()
	for i := range invocations {
		r, err := invoke(ctx, e, turn)
		switch {
		case err != nil:
			return err
		case r.ErrorType == emulator.ErrorTimeout:
			m.TimedOut = true
		case r.Failed() || r.TimedOutAfter:
			return fmt.Errorf("invocation failed: %s: %s", r.ErrorType, r.ErrorMessage)
		}
		response, whole := float64(r.Duration), float64(r.Duration+r.After)
		if i == 0 {
			m.FirstResponse, m.FirstWhole = append(m.FirstResponse, response), append(m.FirstWhole, whole)
		} else {
			m.Response, m.Whole = append(m.Response, response), append(m.Whole, whole)
		}
		if r.ErrorType != "" {
			break
		}
	}
	return nil
}

// longestTurn is how long an invocation may keep others from starting.
const longestTurn = 50 * time.Millisecond

// invoke makes an invocation, whose turn ends with its response.
func invoke(ctx context.Context, e *emulator.Emulator, turn *sync.Mutex) (*emulator.Result, error) {
	turn.Lock()
	over := sync.OnceFunc(turn.Unlock)
	defer time.AfterFunc(longestTurn, over).Stop()
	defer over()
	return e.Invoke(ctx, emulator.Event{
		Payload:     []byte(`{"id":"ord-2048-7731","total":12.5}`),
		TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
		Answered:    func(*emulator.Result) { over() },
	})
}
