//go:build unix && !linux

package emulator

import "syscall"

func endWithParent(*syscall.SysProcAttr) {}
