package logging

import (
	"bytes"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

const (
	// cutMark ends a text that was cut.
	cutMark = "...[cut]"

	// minKept is the least length of a value that was cut.
	minKept = 64
)

// shorten returns line, an encoded object with a newline, in at most limit bytes. The fields of
// the toolkit, message and errors stay. First it cuts the longest values of other attributes. If
// that is not enough, it drops attributes from the end. The member log_bytes is the original
// length of the line, and log_dropped the number of dropped attributes.
func shorten(line []byte, limit int) []byte {
	note := jsonenc.AppendInt([]byte(`,"log_bytes":`), int64(len(line)))
	out := shrink(line, note, limit-len("\n"), 0)
	if out == nil {
		return line // not an object
	}
	return append(out, '\n')
}

const (
	bytesKey   = `"log_bytes"`
	droppedKey = `"log_dropped"`

	// maxShrunk bounds the depth of objects that are shortened. Deeper ones become strings.
	maxShrunk = 8
)

// part is a member of an object that is too long.
type part struct {
	key        []byte
	start, end int
	max        int  // bytes its value may take; -1: dropped
	keep       bool // see isKept
	text       bool // its value is a string
}

// shrink returns the object text in at most limit bytes with note at its end. It returns nil if
// text is not an object.
func shrink(text, note []byte, limit, depth int) []byte {
	const droppedNote = len(`,` + droppedKey + `:1234`)
	var parts []part
	size, kept := len("{}")+len(note), 0
	err := jsonscan.Members(text, func(key []byte, start, end int) bool {
		if depth == 0 && (string(key) == bytesKey || string(key) == droppedKey) {
			return true // the name is needed
		}
		p := part{key, start, end, end - start, isKept(key, text[start:end]), text[start] == '"'}
		parts = append(parts, p)
		n := len(key) + len(":,") + end - start
		if size += n; p.keep {
			kept += n
		}
		return true
	})
	if err != nil {
		return nil
	}

	// cut shortens the longest values for which which returns true to one length, so that excess
	// bytes are saved.
	cut := func(excess int, which func(*part) bool) {
		if excess <= 0 {
			return
		}
		saved := func(length int) (n int) {
			for i := range parts {
				if p := &parts[i]; which(p) {
					n += max(0, p.max-length)
				}
			}
			return n
		}
		length := minKept + sort.Search(len(text), func(less int) bool { return saved(minKept+less+1) < excess })
		for i := range parts {
			if p := &parts[i]; which(p) && p.max > length {
				size -= p.max - length
				p.max = length
			}
		}
	}
	// Three quarters of the line are for the members that stay.
	before := size
	cut(kept-limit/4*3, func(p *part) bool { return p.keep && p.text })
	cut(kept-(before-size)-limit/4*3, func(p *part) bool { return p.keep && !p.text })
	cut(size-limit, func(p *part) bool { return !p.keep })
	dropped := 0
	for _, keep := range []bool{false, true} {
		for i := len(parts) - 1; i >= 0 && size > limit; i-- {
			if p := &parts[i]; p.keep == keep && p.max >= 0 {
				if dropped++; dropped == 1 {
					size += droppedNote
				}
				size -= len(p.key) + len(":,") + p.max
				p.max = -1
			}
		}
	}

	out := make([]byte, 0, limit)
	for _, p := range parts {
		if p.max < 0 {
			continue
		}
		out = append(out, ',')
		out = append(out, p.key...)
		out = append(out, ':')
		out = appendShort(out, text[p.start:p.end], p.max, depth)
	}
	out = append(out, note...)
	if dropped > 0 {
		out = append(out, ',')
		out = append(out, droppedKey...)
		out = jsonenc.AppendInt(append(out, ':'), int64(dropped))
	}
	if len(out) == 0 {
		return []byte("{}")
	}
	out[0] = '{'
	return append(out, '}')
}

// appendShort appends a value in at most n bytes.
func appendShort(out, value []byte, n, depth int) []byte {
	switch {
	case len(value) <= n:
		return append(out, value...)
	case value[0] == '"':
		return append(out, cutString(value, n)...)
	case value[0] == '{' && depth < maxShrunk && n > 2*minKept:
		if short := shrink(value, nil, n, depth+1); short != nil && len(short) <= n {
			return append(out, short...)
		}
	}
	return appendCut(out, string(value[:n]), n)
}

// isKept reports whether a member is more important than others on a line or in an error.
func isKept(key, value []byte) bool {
	name := string(key[1 : len(key)-1])
	switch name {
	case "error", "err", "type", "cause", "stack", notice:
		return true
	}
	return slices.Contains(reservedNames, name) || bytes.HasPrefix(value, []byte(`{"message":`)) && bytes.Contains(value, []byte(`,"type":`))
}

// cutString returns the JSON string value in at most n bytes, with cutMark at its end.
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

// appendCut appends text as a JSON string of at most n bytes. If it cuts the text, it adds
// cutMark.
func appendCut(dst []byte, text string, n int) []byte {
	full := jsonenc.AppendString(nil, text)
	if len(full) <= n {
		return append(dst, full...)
	}
	return append(dst, cutString(full, n)...)
}
