package lambdakit

import (
	"context"
	"slices"
	"sync"
	"time"
)

// shutdownWait bounds Shutdown. Lambda kills the process about 300 ms after SIGTERM, or 500 ms without
// other extensions.
const shutdownWait = 250 * time.Millisecond

// Shutdown runs the hooks of [Invocation.OnDeadline] for every running invocation, so that buffered
// log lines, metrics and open spans are written before Lambda shuts down the execution environment.
// After them it runs the functions of [OnShutdown]. Pass it to lambda.WithEnableSIGTERM. It returns when
// all have returned, or after 250 ms.
func Shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownWait)
	defer cancel()
	var all []func()
	for _, inv := range live.all() {
		all = append(all, func() { inv.shutDown(ctx) })
	}
	if !together(ctx, all) {
		return
	}
	all = all[:0]
	for _, f := range atShutdown.list() {
		all = append(all, func() {
			defer recoverHook("function of OnShutdown")
			f(ctx)
		})
	}
	together(ctx, all)
}

// together runs functions at the same time. It returns false if ctx is done first.
func together(ctx context.Context, all []func()) bool {
	var wg sync.WaitGroup
	for _, f := range all {
		wg.Go(f)
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// OnShutdown registers f for the end of the execution environment: [Shutdown] runs it, also if no invocation
// is running. It is for what no invocation owns, such as spans that wait for a backend. ctx ends when Lambda
// is about to kill the process. A panic in f is recovered and reported on os.Stderr.
func OnShutdown(f func(ctx context.Context)) {
	atShutdown.mu.Lock()
	defer atShutdown.mu.Unlock()
	atShutdown.functions = append(atShutdown.functions, f)
}

// atShutdown holds the functions of OnShutdown.
var atShutdown shutdownFunctions

type shutdownFunctions struct {
	mu        sync.Mutex
	functions []func(context.Context)
}

func (s *shutdownFunctions) list() []func(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.functions)
}

// shutDown runs the hooks of OnDeadline. If hooks are running already, it only waits for them, until
// ctx is done.
func (inv *Invocation) shutDown(ctx context.Context) {
	inv.shuttingDown.Store(true)
	if inv.nearDeadline() {
		return
	}
	for {
		inv.mu.Lock()
		if !inv.phase.hooksRun() {
			inv.mu.Unlock()
			return
		}
		changed := inv.phaseChange()
		inv.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
