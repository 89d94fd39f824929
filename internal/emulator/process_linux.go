package emulator

import "syscall"

// endWithParent keeps the function from outliving an emulator that is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
