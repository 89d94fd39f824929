package xray

import (
	"runtime"

	"github.com/lambdakit/lambdakit/internal/errstack"
)

// Stack returns the stack of its caller's caller, skip more frames up.
func Stack(skip int) string {
	var pcs [64]uintptr
	return errstack.Text(pcs[:runtime.Callers(3+skip, pcs[:])])
}
