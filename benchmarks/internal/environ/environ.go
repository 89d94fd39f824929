// Package environ keeps settings from outside out of comparisons.
package environ

import (
	"os"
	"strings"
)

// Clear removes from the environment what the libraries that are compared look at: they would
// add to their output what the others do not have.
func Clear() {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "OTEL_") ||
			name == "_X_AMZN_TRACE_ID" || name == "LOG_LEVEL" || name == "TZ" {
			os.Unsetenv(name)
		}
	}
}
