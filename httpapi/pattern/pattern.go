// Package pattern makes the tag pattern of typed operations work. Import it for its effect:
//
//	import _ "github.com/lambdakit/lambdakit/httpapi/pattern"
//
// It links package regexp, which adds about 0.26 MB to a binary. Patterns have the syntax of package
// regexp and match anywhere in a text, unless they have anchors.
package pattern

import (
	"regexp"

	"github.com/lambdakit/lambdakit/httpapi"
)

func init() {
	httpapi.SetPatternCompiler(func(text string) (func(string) bool, error) {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, err
		}
		return re.MatchString, nil
	})
}
