package jsonscan

// Walk calls yield with each member of the object at text[i]: its quoted key, and the index of the
// start of its value. yield returns the index of the end of the value, which it has read or skipped
// with [Skip]; false stops the walk. Walk returns the index after the object. It returns ErrSyntax if
// there is no object.
func Walk(text []byte, i int, yield func(key []byte, start int) (end int, ok bool)) (int, error) {
	if i = skipSpace(text, i); i >= len(text) || text[i] != '{' {
		return 0, ErrSyntax
	}
	i = skipSpace(text, i+1)
	if i < len(text) && text[i] == '}' {
		return i + 1, nil
	}
	for i < len(text) && text[i] == '"' {
		end, ok := skipString(text, i)
		if !ok {
			return 0, ErrSyntax
		}
		key := text[i:end]
		if i = skipSpace(text, end); i >= len(text) || text[i] != ':' {
			return 0, ErrSyntax
		}
		if i, ok = yield(key, skipSpace(text, i+1)); !ok {
			return 0, ErrSyntax
		}
		if i = skipSpace(text, i); i >= len(text) {
			break
		}
		switch text[i] {
		case ',':
			i = skipSpace(text, i+1)
		case '}':
			return i + 1, nil
		default:
			return 0, ErrSyntax
		}
	}
	return 0, ErrSyntax
}

// WalkArray is [Walk] for the elements of the array at text[i].
func WalkArray(text []byte, i int, yield func(start int) (end int, ok bool)) (int, error) {
	if i = skipSpace(text, i); i >= len(text) || text[i] != '[' {
		return 0, ErrSyntax
	}
	i = skipSpace(text, i+1)
	if i < len(text) && text[i] == ']' {
		return i + 1, nil
	}
	for i < len(text) {
		var ok bool
		if i, ok = yield(i); !ok {
			return 0, ErrSyntax
		}
		if i = skipSpace(text, i); i >= len(text) {
			break
		}
		switch text[i] {
		case ',':
			i = skipSpace(text, i+1)
		case ']':
			return i + 1, nil
		default:
			return 0, ErrSyntax
		}
	}
	return 0, ErrSyntax
}
