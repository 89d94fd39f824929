package xray

import (
	"fmt"
	"strings"
)

// Loss records which values of a span its document cuts or leaves out.
type Loss struct {
	limits      uint16 // limits that values were cut for, one bit each
	Annotations int    // number left out, since X-Ray would refuse them
}

// Cut reports whether values were cut for a limit.
func (l Loss) Cut() bool { return l.limits != 0 }

func (l *Loss) hit(n limit) { l.limits |= 1 << n }

// limit names a limit of documents.
type limit uint8

const (
	limitName limit = iota
	limitMember
	limitURL
	limitList
	limitAnnotation
	limitKey
	limitSame
	limitLinks
	limitExceptions
	limitDepth
	limitDocument
	limitCount // number of limits
)

// limitTexts holds the text of each limit for reports.
var limitTexts = [limitCount]struct {
	format string
	most   int
}{
	limitName:       {"a name has at most %d characters", maxName},
	limitMember:     {"a member such as an operation has at most %d bytes", maxText},
	limitURL:        {"a URL has at most %d bytes", maxURL},
	limitList:       {"a list of names has at most %d elements", maxList},
	limitAnnotation: {"an annotation has at most %d characters", maxAnnotation},
	limitKey:        {"a key has at most %d bytes", maxKey},
	limitSame:       {"keys are not the same after %d bytes or with other characters replaced", maxKey},
	limitLinks:      {"a span has at most %d links", maxLinks},
	limitExceptions: {"a span has at most %d exceptions", maxCauses},
	limitDepth:      {"a value has at most %d levels", maxDepth},
	limitDocument:   {"a document has at most %d bytes", MaxDocument},
}

// String describes the limits that values were cut for.
func (l Loss) String() string {
	var hit []string
	for n, text := range limitTexts {
		if l.limits&(1<<n) != 0 {
			hit = append(hit, fmt.Sprintf(text.format, text.most))
		}
	}
	return strings.Join(hit, ", ")
}

// limitOf returns the limit to report if a text is cut to n bytes.
func (e *encoder) limitOf(n int) limit {
	switch n {
	case e.limits.text:
		return limitDocument
	case maxText:
		return limitMember
	case maxURL:
		return limitURL
	case 4 * maxAnnotation:
		return limitAnnotation
	}
	return limitDocument
}
