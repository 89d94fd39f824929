//go:build unix

package emulator

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// ownProcessGroup makes cmd the leader of a group: a signal reaches its children as
// well, and a Ctrl-C at the terminal reaches this process first.
func ownProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

func signalGroup(cmd *exec.Cmd, sig syscall.Signal) {
	syscall.Kill(-cmd.Process.Pid, sig)
}

// stopGroup freezes a process and all that it started, and continueGroup lets them go on.
func stopGroup(cmd *exec.Cmd)     { signalGroup(cmd, syscall.SIGSTOP) }
func continueGroup(cmd *exec.Cmd) { signalGroup(cmd, syscall.SIGCONT) }

// maxRSS returns the peak memory of a running process from /proc, 0 without it.
func maxRSS(cmd *exec.Cmd) int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			var kb int64
			fmt.Sscan(rest, &kb)
			return kb << 10
		}
	}
	return 0
}
