package counting

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// operations is the environment variable with the number of operations that this program does.
const operations = "LAMBDAKIT_BENCHMARKS_OPERATIONS"

// memory keeps the compiler from removing the work.
var memory []byte

// TestMain makes this program a command to count: an operation makes three system calls and touches 64
// pages. It exits with status 3.
func TestMain(m *testing.M) {
	n, err := strconv.Atoi(os.Getenv(operations))
	if err != nil {
		os.Exit(m.Run())
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	memory = make([]byte, n*64*os.Getpagesize())
	for i := range n {
		for range 3 {
			io.WriteString(null, "x")
		}
		for page := range 64 {
			memory[(i*64+page)*os.Getpagesize()] = 1
		}
	}
	os.Exit(3)
}

func command(n int) func(context.Context) *exec.Cmd {
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", operations, n))
		return cmd
	}
}

func TestSystemCalls_OneMoreForEachCall(t *testing.T) {
	t.Parallel()
	if !traces() {
		t.Skip("strace cannot trace here")
	}
	var got [2]float64
	for i, n := range []int{10, 1010} {
		var err error
		if got[i], err = systemCalls(t.Context(), 3, command(n)(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if each := (got[1] - got[0]) / 1000; math.Abs(each-3) > 0.1 {
		t.Errorf("got %v system calls for an operation, want 3", each)
	}
}

// Page faults are counted in the same way as instructions, and every machine has them.
func TestCountEvents_OfTheChildOnly(t *testing.T) {
	t.Parallel()
	faults := event{unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS}
	if fd, err := faults.open(); err != nil {
		t.Skipf("the kernel refuses to count: %v", err)
	} else {
		unix.Close(fd)
	}
	var got [2]float64
	for i, n := range []int{1, 101} {
		var err error
		if got[i], err = countEvents(3, command(n)(t.Context()), faults); err != nil {
			t.Fatal(err)
		}
	}
	// Huge pages need fewer faults, so only the order is certain.
	if got[0] == 0 || got[1] <= got[0] {
		t.Errorf("got %v page faults, want more of the second, which touches more pages", got)
	}
}

func TestRun_WrongStatus(t *testing.T) {
	t.Parallel()
	err := run(command(1)(t.Context()), 0)
	if err == nil || !strings.Contains(err.Error(), "got exit status 3, want 0") {
		t.Errorf("got the error %v, want the statuses", err)
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	got, err := total("syscall  calls\n------- ------\nwrite       20\n------- ------\ntotal       28\n")
	if got != 28 || err != nil {
		t.Errorf("got %v, %v, want 28", got, err)
	}
	for _, summary := range []string{"", "write 3\n", "total x\n"} {
		if got, err := total(summary); err == nil {
			t.Errorf("%q: got %v, want an error", summary, got)
		}
	}
}
