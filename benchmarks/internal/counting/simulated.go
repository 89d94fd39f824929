package counting

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// Simulates reports whether valgrind is installed, for [Simulated].
func Simulates() bool {
	_, err := exec.LookPath("valgrind")
	return err == nil
}

// Simulated counts the instructions of one operation with a simulated processor, callgrind of valgrind. It
// needs no counters of the real one. The program runs on one processor, without garbage collection and some
// fifty times slower. Two counts of an operation with some ten thousand instructions differ by about one per
// cent, and those of a short one by more. few, many and command are as for [Each].
func Simulated(ctx context.Context, few, many int, command func(ctx context.Context, operations int) *exec.Cmd) (float64, error) {
	base, err := simulate(ctx, command(ctx, few))
	if err != nil {
		return 0, err
	}
	all, err := simulate(ctx, command(ctx, many))
	return (all - base) / float64(many-few), err
}

// simulate returns the instructions of cmd and of the processes that it starts.
func simulate(ctx context.Context, cmd *exec.Cmd) (float64, error) {
	args := []string{"--tool=callgrind", "--callgrind-out-file=" + os.DevNull, "--trace-children=yes", cmd.Path}
	s := exec.CommandContext(ctx, "valgrind", append(args, cmd.Args[1:]...)...)
	s.Dir = cmd.Dir
	s.Env = append(cmd.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	out, err := s.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("counting: valgrind: %w\n%s", err, out)
	}
	return collected(out)
}

var collectedLine = regexp.MustCompile(`(?m)^==\d+== Collected : (\d+)$`)

// collected returns the sum of the instructions that the output of callgrind names, one for each process.
func collected(output []byte) (sum float64, err error) {
	found := collectedLine.FindAllSubmatch(output, -1)
	if found == nil {
		return 0, fmt.Errorf("counting: callgrind printed no total: %q", output)
	}
	for _, m := range found {
		n, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			return 0, fmt.Errorf("counting: %w", err)
		}
		sum += n
	}
	return sum, nil
}
