// Package env reads configuration from environment variables.
//
// Other modules import this package, so it changes only by addition.
package env

import (
	"fmt"
	"os"
	"strings"
)

// Text returns the value of a variable, or "" if it has only white space.
func Text(name string) string {
	text := os.Getenv(name)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// Bool returns the value of a switch: 1, y, yes, t, true, on, or 0, n, no, f, false, off, in upper
// or lower case. ok is false if the variable has no such value. Bool returns an error if the
// variable has another value that is not empty.
func Bool(name string) (value, ok bool, err error) {
	text := os.Getenv(name)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return false, false, nil
	case "1", "y", "yes", "t", "true", "on":
		return true, true, nil
	case "0", "n", "no", "f", "false", "off":
		return false, true, nil
	}
	return false, false, fmt.Errorf("%s=%q is not a switch (use true or false); it is ignored", name, text)
}
