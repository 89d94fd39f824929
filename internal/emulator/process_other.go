//go:build !unix

package emulator

import (
	"os/exec"
	"syscall"
)

func ownProcessGroup(*exec.Cmd) {}

func signalGroup(cmd *exec.Cmd, _ syscall.Signal) { cmd.Process.Kill() }

func stopGroup(*exec.Cmd)     {}
func continueGroup(*exec.Cmd) {}

func maxRSS(*exec.Cmd) int64 { return 0 }
