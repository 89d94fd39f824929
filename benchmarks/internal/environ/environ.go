// Package environ removes settings from the environment, so that they do not affect comparisons.
package environ

import (
	"os"
	"strings"
)

// Clear removes the variables that the compared libraries read. With them some libraries would
// write more than others.
func Clear() {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "OTEL_") ||
			name == "_X_AMZN_TRACE_ID" || name == "LOG_LEVEL" || name == "TZ" {
			os.Unsetenv(name)
		}
	}
}
