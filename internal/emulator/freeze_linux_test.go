package emulator_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// state returns the state of a process, such as S for one that sleeps and T for one that is stopped.
func state(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return rest[:1]
}

func TestFreeze_BetweenInvocations(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{Freeze: true})
	pid := e.PID()
	for range 3 {
		if r := invoke(t, e, event{Text: "awake"}); string(r.Payload) != `"awake"` {
			t.Errorf("got %s, want an answer", r.Payload)
		}
		got := ""
		for n := 0; got != "T" && n < 100_000; n++ { // the signal takes its time
			got = state(t, pid)
			runtime.Gosched()
		}
		if got != "T" || e.PID() != pid {
			t.Errorf("got the state %s of the process %d, want %d to be stopped", got, e.PID(), pid)
		}
	}
}

func TestFreeze_NotByDefault(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	invoke(t, e, event{})
	for range 100 {
		if got := state(t, e.PID()); got == "T" {
			t.Fatalf("got the state %s, want a process that is not stopped", got)
		}
	}
}
