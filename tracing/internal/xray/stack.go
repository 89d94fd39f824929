package xray

import (
	"runtime"

	"github.com/lambdakit/lambdakit/internal/errstack"
)

// Stack returns the stack that begins at its caller's caller, without the first skip frames.
func Stack(skip int) string {
	var pcs [64]uintptr
	return errstack.Text(pcs[:runtime.Callers(3+skip, pcs[:])])
}
