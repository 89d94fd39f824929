package openapi

import "strings"

// route is a pattern of http.ServeMux.
type route struct {
	method, host string // empty: any
	segments     []segment
}

// segment is a part of a path between slashes.
type segment struct {
	text     string // or the name of a wildcard
	wildcard bool
	rest     bool // a wildcard for the rest of the path
}

func parsePattern(pattern string) route {
	var r route
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		r.method, pattern = pattern[:i], strings.TrimLeft(pattern[i:], " \t")
	}
	slash := strings.IndexByte(pattern, '/')
	r.host = pattern[:slash]
	for text := range strings.SplitSeq(pattern[slash+1:], "/") {
		s := segment{text: text}
		if name, ok := strings.CutPrefix(text, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			s.text, s.rest = strings.CutSuffix(name, "...")
			if s.wildcard = name != "$"; !s.wildcard {
				s.text = ""
			}
		}
		r.segments = append(r.segments, s)
	}
	return r
}

// subtree reports whether the pattern matches all paths that begin with it.
func subtree(pattern string) bool { return strings.HasSuffix(pattern, "/") }

// path returns the path as OpenAPI has it. The names of wildcards are replaced by names, if there are
// some. plus writes {x+} for a wildcard of the rest, as API Gateway does.
func (r *route) path(names []string, plus bool) string {
	var b strings.Builder
	i := 0
	for _, s := range r.segments {
		b.WriteByte('/')
		if !s.wildcard {
			b.WriteString(s.text)
			continue
		}
		name := s.text
		if names != nil {
			name = names[i]
		}
		i++
		b.WriteString("{" + name)
		if s.rest && plus {
			b.WriteByte('+')
		}
		b.WriteByte('}')
	}
	return b.String()
}

// wildcards returns the names of the wildcards.
func (r *route) wildcards() []string {
	names := []string{}
	for _, s := range r.segments {
		if s.wildcard {
			names = append(names, s.text)
		}
	}
	return names
}
