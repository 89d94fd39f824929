// Package checkout finds the repository that a command of the benchmarks runs in.
package checkout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the directory of the root module. It searches from the working directory upwards.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("checkout: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(mod, []byte("module github.com/lambdakit/lambdakit\n")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("checkout: not inside a checkout of github.com/lambdakit/lambdakit")
		}
	}
}
