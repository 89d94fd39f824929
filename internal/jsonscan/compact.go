package jsonscan

import "strconv"

// AppendCompact appends the valid JSON text src to dst, without the white space between its
// tokens. If secret reports true for the name of a member, its value becomes the string
// replacement. secret may be nil.
func AppendCompact(dst, src []byte, secret func(name string) bool, replacement string) []byte {
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case ' ', '\n', '\t', '\r':
			i++
		case '"':
			end, ok := skipString(src, i)
			if !ok {
				return dst
			}
			dst = append(dst, src[i:end]...)
			key := src[i:end]
			i = end
			colon := skipSpace(src, i)
			if secret == nil || colon >= len(src) || src[colon] != ':' {
				continue
			}
			name, _ := unquote(key)
			if !secret(name) {
				continue
			}
			dst = append(dst, ':')
			dst = strconv.AppendQuote(dst, replacement)
			if i, ok = Skip(src, skipSpace(src, colon+1)); !ok {
				return dst
			}
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}
