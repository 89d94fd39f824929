//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestInterruptLeavesNoProcessBehind(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := newBuffer()
	done := make(chan int)
	file := filepath.Join(t.TempDir(), "event.json")
	os.WriteFile(file, []byte(`{"Do":"sleep"}`), 0o600)
	go func() {
		done <- command(ctx, []string{"run", "-timeout", "1h", "-event", file, "./testdata/function"}, nil, out, io.Discard)
	}()
	var pid int
	fmt.Sscan(out.find(`sleeping (\d+)`)[1], &pid)
	cancel()
	<-done
	if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
		t.Errorf("process %d: %v", pid, err)
	}
}
