package lambdakit

// phase is the state of an invocation. Invocation.mu guards it.
//
//	phase       the function   hooks
//	running     runs           none run
//	notifying   runs           NearDeadline hooks run
//	waiting     has returned   NearDeadline hooks still run
//	ending      has returned   EndInvocation hooks run
//	ended       has returned   all have returned; the data is released
//
// An invocation can alternate between running and notifying. The other phases follow in order;
// waiting is often skipped.
type phase uint8

const (
	phaseRunning phase = iota
	phaseNotifying
	phaseWaiting
	phaseEnding
	phaseEnded
)

// hasEnded reports whether the function has returned, or its response stream has ended.
func (p phase) hasEnded() bool { return p >= phaseWaiting }

// hooksRun reports whether hooks are running or about to run.
func (p phase) hooksRun() bool { return p != phaseRunning && p != phaseEnded }

// setPhase changes the phase. The caller holds inv.mu.
func (inv *Invocation) setPhase(p phase) {
	inv.phase = p
	if inv.phaseChanged != nil {
		close(inv.phaseChanged)
		inv.phaseChanged = nil
	}
}

// phaseChange returns a channel that is closed at the next change of the phase. The caller holds
// inv.mu. Most invocations never need the channel, so it is made here.
func (inv *Invocation) phaseChange() <-chan struct{} {
	if inv.phaseChanged == nil {
		inv.phaseChanged = make(chan struct{})
	}
	return inv.phaseChanged
}
