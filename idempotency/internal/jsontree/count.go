package jsontree

// exceeds reports whether a JSON text has more than this many values, without making any. The
// answer for another text does not matter, because [Parse] refuses it.
func exceeds(text string, values int) bool {
	if len(text)/2 < values { // a value and its comma or bracket take two bytes
		return false
	}
	n := 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = skipString(text, i)
		case ',':
			n++
		case '[', '{':
			if !isEmptyAt(text, i+1) {
				n++
			}
		}
		if n > values {
			return true
		}
	}
	return false
}

// skipString returns the index of the quotation mark that ends the string at text[i].
func skipString(text string, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

// isEmptyAt reports whether the array or object that was opened just before text[i] ends there.
func isEmptyAt(text string, i int) bool {
	for ; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\n', '\r':
		case ']', '}':
			return true
		default:
			return false
		}
	}
	return false
}
