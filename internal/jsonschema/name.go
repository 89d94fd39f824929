package jsonschema

import (
	"path"
	"reflect"
	"strconv"
	"strings"
)

// name returns the name of the component of a type. It has letters and digits only, as the names of
// models of API Gateway do. Two types of the same name get the name of the package, or a number.
func (g *Generator) name(t reflect.Type) string {
	name := ""
	for i, part := range strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[],", r) }) {
		part = alphanumeric(part[strings.LastIndexAny(part, "/.")+1:])
		if i > 0 {
			part = title(part)
		}
		name += part
	}
	if name == "" {
		name = "Type"
	}
	if _, taken := g.Components[name]; taken {
		name = title(alphanumeric(path.Base(t.PkgPath()))) + title(name)
	}
	for i, first := 2, name; ; i++ {
		if _, taken := g.Components[name]; !taken {
			return name
		}
		name = first + strconv.Itoa(i)
	}
}

func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}

func title(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
