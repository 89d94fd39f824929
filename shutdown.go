package lambdakit

import (
	"context"
	"sync"
	"time"
)

// shutdownWait bounds Shutdown. Lambda kills the process about 300 ms after SIGTERM, or 500 ms without
// other extensions.
const shutdownWait = 250 * time.Millisecond

// Shutdown runs the hooks of [Invocation.OnDeadline] for every running invocation, so that buffered
// log lines, metrics and open spans are written before Lambda shuts down the execution environment.
// Pass it to lambda.WithEnableSIGTERM. It returns when the hooks have returned, or after 250 ms.
func Shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownWait)
	defer cancel()
	var hooks sync.WaitGroup
	for _, inv := range live.all() {
		hooks.Go(func() { inv.shutDown(ctx) })
	}
	done := make(chan struct{})
	go func() {
		hooks.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
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
