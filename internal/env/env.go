// Package env reads configuration from environment variables.
package env

import (
	"fmt"
	"os"
	"strings"
)

// Text reads a name; one of white space is as good as none.
func Text(name string) string {
	text := os.Getenv(name)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// Bool reads a switch: 1, y, yes, t, true, on or 0, n, no, f, false, off in any
// case. ok says whether the variable holds one of them. A variable that is set
// to something else is an error that says what is accepted.
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
