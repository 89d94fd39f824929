package logging

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

const (
	// cutMark ends a text that was cut.
	cutMark = "...[cut]"

	// minKept is how much of a long value is kept at least.
	minKept = 64
)

// shorten returns line, an encoded object with a newline, in at most limit bytes:
// the longest members' values are cut, ending in "...[cut]", and where that is not
// enough, members are dropped from the end. The member log_bytes says how long the
// line was.
func shorten(line []byte, limit int) []byte {
	type part struct {
		key        []byte
		start, end int
		max        int // bytes its value may take; -1: dropped
	}
	note := strconv.AppendInt([]byte(`,"log_bytes":`), int64(len(line)), 10)
	var parts []part
	size := len("{}\n") + len(note)
	err := jsonscan.Members(line, func(key []byte, start, end int) bool {
		if string(key) == `"log_bytes"` {
			return true // the name is needed
		}
		parts = append(parts, part{key, start, end, end - start})
		size += len(key) + len(":,") + end - start
		return true
	})
	if err != nil {
		return line // not an object of ours
	}

	bySize := make([]*part, len(parts))
	for i := range parts {
		bySize[i] = &parts[i]
	}
	slices.SortStableFunc(bySize, func(a, b *part) int { return cmp.Compare(b.max, a.max) })
	for _, p := range bySize {
		if size <= limit || p.max <= minKept {
			break
		}
		kept := max(p.max-(size-limit), minKept)
		size -= p.max - kept
		p.max = kept
	}
	for i := len(parts) - 1; i >= 0 && size > limit; i-- {
		size -= len(parts[i].key) + len(":,") + parts[i].max
		parts[i].max = -1
	}

	out := make([]byte, 0, limit)
	for _, p := range parts {
		if p.max < 0 {
			continue
		}
		out = append(out, ',')
		out = append(out, p.key...)
		out = append(out, ':')
		value := line[p.start:p.end]
		switch {
		case len(value) <= p.max:
			out = append(out, value...)
		case value[0] == '"':
			out = append(out, cutString(value, p.max)...)
		default:
			out = appendCut(out, string(value[:p.max]), p.max)
		}
	}
	out = append(out, note...)
	out[0] = '{'
	return append(out, '}', '\n')
}

// cutString returns the JSON string value in at most n bytes, with a mark.
func cutString(value []byte, n int) []byte {
	end := n - len(cutMark) - 1
	// Not inside an escape: step from one character to the next.
	i := 1
	for i < len(value)-1 {
		next := i + 1
		switch {
		case value[i] == '\\' && value[i+1] == 'u':
			next = i + 6
			if c := value[i+3] | 0x20; (value[i+2]|0x20) == 'd' && (c == '8' || c == '9' || c == 'a' || c == 'b') && next+1 < len(value) && value[next] == '\\' && value[next+1] == 'u' {
				next += 6 // the other half of a surrogate pair
			}
		case value[i] == '\\':
			next = i + 2
		case value[i] >= utf8.RuneSelf:
			_, size := utf8.DecodeRune(value[i:])
			next = i + size
		}
		if next > end {
			break
		}
		i = next
	}
	out := append([]byte(nil), value[:i]...)
	out = append(out, cutMark...)
	return append(out, '"')
}

// appendCut appends text as a JSON string of at most n bytes, with a mark where it
// had to be cut.
func appendCut(dst []byte, text string, n int) []byte {
	full := jsonenc.AppendString(nil, text)
	if len(full) <= n {
		return append(dst, full...)
	}
	return append(dst, cutString(full, n)...)
}
