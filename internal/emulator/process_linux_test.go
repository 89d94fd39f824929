package emulator

import (
	"os/exec"
	"syscall"
	"testing"
)

func TestProcess_EndsWithTheEmulator(t *testing.T) {
	t.Parallel()
	cmd := new(exec.Cmd)
	ownProcessGroup(cmd)
	if got := cmd.SysProcAttr.Pdeathsig; got != syscall.SIGKILL {
		t.Errorf("got the signal %v at the end of the emulator, want SIGKILL", got)
	}
}
