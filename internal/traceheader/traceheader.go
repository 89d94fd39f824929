// Package traceheader reads and writes the header X-Amzn-Trace-Id, such as
// "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1;Lineage=...".
//
// Other modules import this package, so it changes only by addition.
package traceheader

import (
	"encoding/hex"
	"strings"
)

// Name is the header's name.
const Name = "X-Amzn-Trace-Id"

// Sampling is the sampling decision of a header.
type Sampling byte

// The decisions that a header may carry. Asked is "Sampled=?": the receiver may decide, and
// the sender asks for the answer.
const (
	Unknown Sampling = iota
	No
	Yes
	Asked
)

// Header is a parsed header. The zero Header belongs to no trace.
type Header struct {
	TraceID [16]byte // Root; zero if it is missing or malformed
	Parent  [8]byte  // the span id of the parent; zero if it is missing or malformed
	Sampled Sampling
	Extra   string // the other fields, such as "Lineage=...", which downstream calls keep
	text    string
}

// maxText is the longest header, in bytes, that Parse accepts. Real headers have a tenth of it.
const maxText = 2048

// Parse parses a header. Fields may come in any order. If a field comes twice, the first one
// counts. Parse never fails: it ignores malformed fields.
func Parse(s string) Header {
	var h Header
	if len(s) > maxText {
		return h
	}
	if h.parseUsual(s) {
		h.text = s
		return h
	}
	if !printable(s) {
		return h
	}
	h.text = s
	var root, parent, sampled, self bool
	for rest := s; rest != ""; {
		var field string
		field, rest, _ = strings.Cut(rest, ";")
		field = strings.TrimSpace(field)
		key, value, ok := strings.Cut(field, "=")
		switch {
		case field == "":
		case ok && key == "Root":
			if !root {
				h.TraceID = parseRoot(value)
			}
			root = true
		case ok && key == "Parent":
			if !parent {
				decode(h.Parent[:], value)
			}
			parent = true
		case ok && key == "Sampled":
			if !sampled {
				h.Sampled = parseSampling(value)
			}
			sampled = true
		case ok && key == "Self": // a load balancer adds it about itself
			self = true
		case h.Extra == "":
			h.Extra = field
		default:
			h.Extra += ";" + field
		}
	}
	if self {
		h.text = withoutSelf(s)
	}
	return h
}

// parseUsual parses the form that Lambda writes: root, parent, decision and perhaps a
// lineage, in this order. It reports whether s has this form.
func (h *Header) parseUsual(s string) bool {
	const (
		rootAt   = len("Root=")
		parentAt = rootAt + len("1-5759e988-bd862e3fe1be46a994272793;Parent=")
		sampleAt = parentAt + len("557abcec3ee5a047;Sampled=")
		end      = sampleAt + 1
	)
	if len(s) < end || s[:rootAt] != "Root=" || s[parentAt-8:parentAt] != ";Parent=" || s[sampleAt-9:sampleAt] != ";Sampled=" {
		return false
	}
	extra := s[end:]
	if extra != "" && (!strings.HasPrefix(extra, ";Lineage=") || strings.ContainsAny(extra[1:], "; ") || !printable(extra)) {
		return false
	}
	id := parseRoot(s[rootAt : parentAt-8])
	var parent [8]byte
	sampled := parseSampling(s[sampleAt:end])
	if id == [16]byte{} || !decode(parent[:], s[parentAt:sampleAt-9]) || sampled == Unknown {
		return false
	}
	h.TraceID, h.Parent, h.Sampled = id, parent, sampled
	if extra != "" {
		h.Extra = extra[1:]
	}
	return true
}

// Traced reports whether X-Ray records the trace: the header has a root, a parent and the
// decision to record.
func (h *Header) Traced() bool {
	return h.TraceID != [16]byte{} && h.Parent != [8]byte{} && h.Sampled == Yes
}

// Decided reports whether the header says whether to record.
func (h *Header) Decided() bool { return h.Sampled == Yes || h.Sampled == No }

// Text returns the header as it came, less the fields of load balancers. Calls that add no
// span pass it on.
func (h *Header) Text() string { return h.text }

// Root returns the text of the field Root, such as "1-5759e988-bd862e3fe1be46a994272793". A header
// without fields is itself the root.
func Root(header string) string {
	for rest := header; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, ";")
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return root
		}
	}
	if !strings.Contains(header, "=") {
		return header
	}
	return ""
}

// Append appends a header for a call inside a span. extra is the Extra of the incoming header.
func Append(dst []byte, traceID [16]byte, span [8]byte, sampled bool, extra string) []byte {
	dst = append(dst, "Root="...)
	dst = AppendTraceID(dst, traceID)
	dst = append(dst, ";Parent="...)
	dst = hex.AppendEncode(dst, span[:])
	if sampled {
		dst = append(dst, ";Sampled=1"...)
	} else {
		dst = append(dst, ";Sampled=0"...)
	}
	if extra != "" {
		dst = append(dst, ';')
		dst = append(dst, extra...)
	}
	return dst
}

// AppendTraceID appends id in X-Ray's form, "1-5759e988-bd862e3fe1be46a994272793".
func AppendTraceID(dst []byte, id [16]byte) []byte {
	dst = append(dst, "1-"...)
	dst = hex.AppendEncode(dst, id[:4])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[4:])
}

func parseRoot(s string) (id [16]byte) {
	const timeLen, idLen = 8, 24
	if len(s) != len("1-")+timeLen+1+idLen || s[:2] != "1-" || s[2+timeLen] != '-' {
		return id
	}
	if !decode(id[:4], s[2:2+timeLen]) || !decode(id[4:], s[3+timeLen:]) {
		return [16]byte{}
	}
	return id
}

func parseSampling(s string) Sampling {
	switch s {
	case "0":
		return No
	case "1":
		return Yes
	case "?":
		return Asked
	}
	return Unknown
}

// decode fills dst from the hexadecimal digits of s. It clears dst and returns false if s does
// not consist of exactly two digits for each byte.
func decode(dst []byte, s string) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	for i := range dst {
		hi, lo := digits[s[2*i]]-1, digits[s[2*i+1]]-1
		if hi > 15 || lo > 15 {
			clear(dst)
			return false
		}
		dst[i] = hi<<4 | lo
	}
	return true
}

// digits holds the value of each hexadecimal digit plus one, and 0 for any other byte. Parsing with
// encoding/hex takes about twice as long.
var digits = [256]uint8{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
	'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16,
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func withoutSelf(s string) string {
	var kept []string
	for field := range strings.SplitSeq(s, ";") {
		if !strings.HasPrefix(strings.TrimSpace(field), "Self=") {
			kept = append(kept, field)
		}
	}
	return strings.Join(kept, ";")
}
