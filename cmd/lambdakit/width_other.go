//go:build !linux && !darwin

package main

import "io"

// widthOf returns 0: the number of columns is unknown.
func widthOf(io.Writer) int { return 0 }
