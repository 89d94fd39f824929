package jsonscan

// Find returns the text of the value at path in the first value of text. It does not validate
// text.
func Find(text []byte, path []Step) ([]byte, bool) {
	i := skipSpace(text, 0)
	for _, step := range path {
		if i >= len(text) {
			return nil, false
		}
		var ok bool
		switch {
		case text[i] == '{' && !step.IsIndex:
			i, ok = member(text, i, step.Name)
		case text[i] == '[' && step.IsIndex:
			i, ok = element(text, i, step.Index)
		}
		if !ok {
			return nil, false
		}
	}
	end, ok := Skip(text, i)
	if !ok {
		return nil, false
	}
	return text[i:end], true
}

// String returns the decoded text of a JSON string, or the digits of a number. It reports false
// for any other value.
func String(value []byte) (string, bool) {
	if len(value) == 0 {
		return "", false
	}
	switch c := value[0]; {
	case c == '"':
		return unquote(value)
	case c == '-' || c >= '0' && c <= '9':
		return string(value), true
	}
	return "", false
}

// Text returns the decoded text of a JSON string, and any other value as JSON.
func Text(value []byte) string {
	if s, ok := String(value); ok {
		return s
	}
	return string(value)
}

// unquote decodes a JSON string.
func unquote(value []byte) (string, bool) {
	inner := value[1 : len(value)-1]
	if plainLen(inner) == len(inner) {
		return string(inner), true
	}
	text, ok := AppendText(make([]byte, 0, len(inner)), value)
	return string(text), ok
}

// member returns the index of the value of a member of the object that starts at text[i].
func member(text []byte, i int, name string) (int, bool) {
	i = skipSpace(text, i+1)
	for i < len(text) && text[i] == '"' {
		end, ok := skipString(text, i)
		if !ok {
			return 0, false
		}
		key := text[i:end]
		if i = skipSpace(text, end); i >= len(text) || text[i] != ':' {
			return 0, false
		}
		i = skipSpace(text, i+1)
		if KeyIs(key, name) {
			return i, true
		}
		if i, ok = Skip(text, i); !ok {
			return 0, false
		}
		if i = skipSpace(text, i); i >= len(text) || text[i] != ',' {
			return 0, false
		}
		i = skipSpace(text, i+1)
	}
	return 0, false
}

// KeyIs reports whether the quoted key is name.
func KeyIs(key []byte, name string) bool {
	inner := key[1 : len(key)-1]
	if string(inner) == name {
		return true
	}
	for _, c := range inner {
		if c == '\\' {
			s, ok := unquote(key)
			return ok && s == name
		}
	}
	return false
}

// element returns the index of an element of the array that starts at text[i].
func element(text []byte, i, index int) (int, bool) {
	i = skipSpace(text, i+1)
	for ; index > 0; index-- {
		var ok bool
		if i, ok = Skip(text, i); !ok {
			return 0, false
		}
		if i = skipSpace(text, i); i >= len(text) || text[i] != ',' {
			return 0, false
		}
		i = skipSpace(text, i+1)
	}
	return i, i < len(text) && text[i] != ']'
}
