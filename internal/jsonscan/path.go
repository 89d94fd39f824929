package jsonscan

import (
	"fmt"
	"strconv"
	"strings"
)

// Step is one step of a path: the name of a member, or the index of an element.
type Step struct {
	Name    string
	Index   int // if IsIndex
	IsIndex bool
}

// ParsePath parses a path such as requestContext.requestId,
// headers."x-amzn-trace-id" or Records[0].messageId.
func ParsePath(path string) ([]Step, error) {
	var steps []Step
	for rest := path; rest != "" || len(steps) == 0; {
		switch {
		case strings.HasPrefix(rest, "[") && rest != "[":
			text, after, ok := strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(text)
			if !ok || err != nil || n < 0 {
				return nil, fmt.Errorf("path %q: %q is not an index such as [0]", path, rest)
			}
			steps = append(steps, Step{Index: n, IsIndex: true})
			rest = after
		case strings.HasPrefix(rest, `"`):
			prefix, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("path %q: unterminated quotation mark", path)
			}
			name, _ := strconv.Unquote(prefix)
			steps = append(steps, Step{Name: name})
			rest = rest[len(prefix):]
		default:
			end := strings.IndexAny(rest, `.["`)
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, fmt.Errorf("path %q: a name is missing", path)
			}
			steps = append(steps, Step{Name: rest[:end]})
			rest = rest[end:]
		}
		if after, ok := strings.CutPrefix(rest, "."); ok {
			if after == "" {
				return nil, fmt.Errorf("path %q: a name is missing at its end", path)
			}
			rest = after
		} else if rest != "" && rest[0] != '[' {
			return nil, fmt.Errorf("path %q: a dot is missing before %q", path, rest)
		}
	}
	return steps, nil
}
