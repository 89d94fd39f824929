package jsonscan

import "errors"

// ErrSyntax is the error of Members and Elements for a text that is not JSON.
var ErrSyntax = errors.New("not valid JSON")

// Members calls yield with each member of an object: its quoted key, and the indexes of the
// start and the end of its value. It stops if yield returns false. It returns ErrSyntax if
// text is not an object.
func Members(text []byte, yield func(key []byte, start, end int) bool) error {
	i := skipSpace(text, 0)
	if i >= len(text) || text[i] != '{' {
		return ErrSyntax
	}
	i = skipSpace(text, i+1)
	for first := true; i < len(text) && (text[i] != '}' || !first); first = false {
		end, ok := 0, false
		if text[i] == '"' {
			end, ok = skipString(text, i)
		}
		if !ok {
			return ErrSyntax
		}
		key := text[i:end]
		if i = skipSpace(text, end); i >= len(text) || text[i] != ':' {
			return ErrSyntax
		}
		start := skipSpace(text, i+1)
		if end, ok = Skip(text, start); !ok {
			return ErrSyntax
		}
		if !yield(key, start, end) {
			return nil
		}
		if i = skipSpace(text, end); i >= len(text) || text[i] != ',' {
			break
		}
		i = skipSpace(text, i+1)
	}
	if i < len(text) && text[i] == '}' {
		return nil
	}
	return ErrSyntax
}

// Elements calls yield with the indexes of the start and the end of each element of an array.
// It stops if yield returns false. It returns ErrSyntax if text is not an array.
func Elements(text []byte, yield func(start, end int) bool) error {
	i := skipSpace(text, 0)
	if i >= len(text) || text[i] != '[' {
		return ErrSyntax
	}
	i = skipSpace(text, i+1)
	for first := true; i < len(text) && (text[i] != ']' || !first); first = false {
		end, ok := Skip(text, i)
		if !ok {
			return ErrSyntax
		}
		if !yield(i, end) {
			return nil
		}
		if i = skipSpace(text, end); i >= len(text) || text[i] != ',' {
			break
		}
		i = skipSpace(text, i+1)
	}
	if i < len(text) && text[i] == ']' {
		return nil
	}
	return ErrSyntax
}
