package jsonschema

import "strings"

// place returns PLACE of "validating PLACE: " and the text of inner.
func place(err, inner error) string {
	text := strings.TrimSuffix(strings.TrimSuffix(err.Error(), inner.Error()), ": ")
	return strings.TrimPrefix(text, "validating ")
}

// path returns the place of a value from the places of the schemas that led to it. A place is a JSON
// Pointer into the schema, "root", or the $id of a schema.
func path(places []string) string {
	var b strings.Builder
	last := ""
	for _, p := range places {
		switch {
		case p == "root":
			last = ""
			continue
		case !strings.HasPrefix(p, "/"): // an $id; the place after it tells both steps
			continue
		}
		if step, ok := strings.CutPrefix(p, last+"/"); ok {
			appendSteps(&b, step)
		} // else a reference, which leads to the same value
		last = p
	}
	return strings.TrimPrefix(b.String(), ".")
}

// appendSteps appends the steps in the data that a relative JSON Pointer into the schema takes.
func appendSteps(b *strings.Builder, pointer string) {
	parts := strings.Split(pointer, "/")
	for i := 0; i < len(parts); i++ {
		switch parts[i] {
		case "properties":
			if i++; i < len(parts) {
				b.WriteString("." + unescape.Replace(parts[i]))
			}
		case "patternProperties":
			i++
			b.WriteString(".*")
		case "additionalProperties", "unevaluatedProperties":
			b.WriteString(".*")
		case "prefixItems", "items": // items of draft-07 may be a list, too
			if i+1 < len(parts) && isIndex(parts[i+1]) {
				i++
				b.WriteString("[" + parts[i] + "]")
			} else {
				b.WriteString("[]")
			}
		case "additionalItems", "unevaluatedItems", "contains":
			b.WriteString("[]")
		case "$defs", "definitions":
			return // a reference to a schema inside this one
		case "allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies":
			i++ // the same value
		}
	}
}

func isIndex(text string) bool { return strings.Trim(text, "0123456789") == "" }

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// violation returns the keyword of an error of the library, and details that come from the schema.
func violation(text string) (keyword, details string) {
	if strings.HasPrefix(text, "unexpected additional properties ") {
		return "additionalProperties", ""
	}
	keyword, rest, _ := strings.Cut(text, ":")
	keyword, _, _ = strings.Cut(keyword, "[") // dependentRequired["name"]
	switch {
	case !isKeyword(keyword):
		return "the schema", ""
	case keyword == "type":
		if i := strings.LastIndex(rest, ", want "); i >= 0 {
			details = "want " + rest[i+len(", want "):]
		}
	case keyword == "required":
		details = strings.TrimSpace(rest)
	}
	return keyword, details
}

// isKeyword reports whether text is the name of a keyword.
func isKeyword(text string) bool {
	for _, r := range text {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
			return false
		}
	}
	return text != ""
}
