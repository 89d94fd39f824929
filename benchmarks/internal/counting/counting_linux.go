// Package counting counts the system calls and the instructions of commands. Unlike times, they are
// about the same on a busy machine.
//
// System calls are counted with strace, if it is installed and may trace. Some calls are not counted:
// those that Go's runtime makes to schedule goroutines and to get memory, and reads, because a read that
// finds no data yet is repeated.
//
// Instructions are counted in user space, by the counters of the processor (perf_event_open). Virtual
// machines often have none.
package counting

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Counts are the counts of a command or of an operation. A count is NaN if this machine
// cannot count it.
type Counts struct {
	SystemCalls  float64
	Instructions float64 // also of processes that the command starts
}

// Run counts one run of a command. It calls command for each of the counts. The command must exit with
// the status.
func Run(ctx context.Context, status int, command func(context.Context) *exec.Cmd) (c Counts, err error) {
	c = Counts{math.NaN(), math.NaN()}
	if traces() {
		if c.SystemCalls, err = systemCalls(ctx, status, command(ctx)); err != nil {
			return c, err
		}
	}
	if hasInstructions() {
		if c.Instructions, err = countEvents(status, command(ctx), instructions); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Each counts one operation. The command does a number of operations. Each runs it with few and with
// many operations, and divides the difference.
func Each(ctx context.Context, few, many int, command func(ctx context.Context, operations int) *exec.Cmd) (Counts, error) {
	run := func(n int) (Counts, error) {
		return Run(ctx, 0, func(ctx context.Context) *exec.Cmd { return command(ctx, n) })
	}
	base, err := run(few)
	if err != nil {
		return base, err
	}
	all, err := run(many)
	n := float64(many - few)
	return Counts{(all.SystemCalls - base.SystemCalls) / n, (all.Instructions - base.Instructions) / n}, err
}

// notCounted are the system calls that are not counted. A question mark makes strace accept names that
// this processor does not have.
const notCounted = "?futex,?nanosleep,?clock_nanosleep,?sched_yield,?epoll_wait,?epoll_pwait,?epoll_pwait2," +
	"?mmap,?munmap,?madvise,?mprotect,?brk,?rt_sigaction,?rt_sigprocmask,?rt_sigreturn,?sigaltstack,?tgkill," +
	"?gettid,?getpid,?clone,?clone3,?exit,?timer_create,?timer_settime,?timer_delete,?restart_syscall," +
	"?rseq,?set_robust_list,?arch_prctl,?prctl,?prlimit64,?sched_getaffinity,?read,?recvfrom,?recvmsg"

// traces reports whether strace works.
var traces = sync.OnceValue(func() bool { return exec.Command("strace", "-o", os.DevNull, "true").Run() == nil })

// systemCalls runs cmd and returns the number of its system calls. Processes that it starts do not count.
func systemCalls(ctx context.Context, status int, cmd *exec.Cmd) (float64, error) {
	dir, err := os.MkdirTemp("", "counting")
	if err != nil {
		return 0, fmt.Errorf("counting: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "calls")
	args := []string{"-f", "-b", "execve", "-c", "-U", "name,calls", "-e", "trace=!" + notCounted, "-o", file, cmd.Path}
	traced := exec.CommandContext(ctx, "strace", append(args, cmd.Args[1:]...)...)
	traced.Dir, traced.Env = cmd.Dir, cmd.Env
	if err := run(traced, status); err != nil {
		return 0, err
	}
	summary, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("counting: %w", err)
	}
	return total(string(summary))
}

// total returns the last number of a summary of strace.
func total(summary string) (float64, error) {
	lines := strings.Split(strings.TrimSpace(summary), "\n")
	calls, ok := strings.CutPrefix(lines[len(lines)-1], "total")
	n, err := strconv.ParseFloat(strings.TrimSpace(calls), 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("counting: strace printed no total: %q", summary)
	}
	return n, nil
}

// event is a kind of event that the kernel counts.
type event struct {
	kind   uint32
	config uint64
}

var instructions = event{unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS}

// hasInstructions reports whether the kernel lets this process count instructions, and the processor can.
var hasInstructions = sync.OnceValue(func() bool {
	fd, err := instructions.open()
	if err == nil {
		unix.Close(fd)
	}
	return err == nil
})

// open returns a counter of the children that this thread starts, from their exec on.
func (e event) open() (fd int, err error) {
	attr := unix.PerfEventAttr{
		Type:   e.kind,
		Config: e.config,
		Size:   uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Bits: unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec |
			unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
	}
	return unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
}

// countEvents runs cmd and returns the number of its events.
func countEvents(status int, cmd *exec.Cmd, e event) (float64, error) {
	runtime.LockOSThread() // the thread that has the counter starts the command
	defer runtime.UnlockOSThread()
	fd, err := e.open()
	if err != nil {
		return 0, fmt.Errorf("counting: perf_event_open: %w", err)
	}
	defer unix.Close(fd)
	if err := run(cmd, status); err != nil {
		return 0, err
	}
	var count [8]byte
	if _, err := unix.Read(fd, count[:]); err != nil {
		return 0, fmt.Errorf("counting: the counter: %w", err)
	}
	return float64(binary.NativeEndian.Uint64(count[:])), nil
}

// run runs cmd, which must exit with the status.
func run(cmd *exec.Cmd, status int) error {
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if (err == nil || errors.As(err, &exit)) && cmd.ProcessState.ExitCode() == status {
		return nil
	}
	return fmt.Errorf("counting: %s: got exit status %d, want %d: %v\n%s", cmd.Args[0], cmd.ProcessState.ExitCode(), status, err, out)
}
