// Package modelcheck checks the state machine of package idempotency against rules, for many
// possible sequences of events.
//
// It runs the real code of package idempotency with a simulated store, network and clock. Every
// event is a step that a scheduler chooses: a worker makes a call, a request arrives or gets lost,
// a process crashes, time passes. After each step the rules of invariants.go are checked.
//
//   - [Exhaustively] takes every choice in small scenarios.
//   - [AtRandom] takes random choices in large scenarios.
//   - [FindsHoles] breaks the store on purpose, and proves that the rules notice each fault.
//   - [FencesBeyondTheMargin] has clocks that differ by more than LeaseMargin.
//   - [StoreIsAStore] runs package storetest on the simulated store.
//
// The tests of package idempotency call these functions: go test -run TestModel ./idempotency.
//
// Environment:
//
//   - LAMBDAKIT_HISTORIES: how many histories to play at random. Default: 3,000. A larger number
//     is also the limit for each small scenario, with two failures and two steps of the clock.
//   - LAMBDAKIT_SEED: the first seed of the random histories. Default: 0.
package modelcheck

import (
	"os"
	"strconv"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
)

// Prepare makes a new Guard repeatable: its retries must not pause at random, and its requests
// must not start goroutines. Package idempotency passes a function of its tests.
type Prepare func(*idempotency.Guard)

// raceDetector reports whether the race detector is on. It makes the model ten times as slow,
// and finds little in it: only one goroutine of a history runs at a time.
var raceDetector = false

// defaultHistories is the number of random histories if LAMBDAKIT_HISTORIES is not set.
const defaultHistories = 3_000

// wantHistories returns how many histories to play at random.
func wantHistories(t *testing.T) int {
	text := os.Getenv("LAMBDAKIT_HISTORIES")
	if text == "" {
		return defaultHistories
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("LAMBDAKIT_HISTORIES: %v", err)
	}
	return n
}
