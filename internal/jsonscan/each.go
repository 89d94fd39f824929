package jsonscan

import "errors"

// ErrSyntax is the error of Members and Elements for a text that is not JSON.
var ErrSyntax = errors.New("not valid JSON")

// Members calls yield with each member of an object: its quoted key, and the indexes of the
// start and the end of its value. It stops if yield returns false. It returns ErrSyntax if
// text is not an object.
func Members(text []byte, yield func(key []byte, start, end int) bool) error {
	stopped := false
	_, err := Walk(text, 0, func(key []byte, start int) (int, bool) {
		end, ok := Skip(text, start)
		stopped = ok && !yield(key, start, end)
		return end, ok && !stopped
	})
	if stopped {
		return nil
	}
	return err
}

// Elements calls yield with the indexes of the start and the end of each element of an array.
// It stops if yield returns false. It returns ErrSyntax if text is not an array.
func Elements(text []byte, yield func(start, end int) bool) error {
	stopped := false
	_, err := WalkArray(text, 0, func(start int) (int, bool) {
		end, ok := Skip(text, start)
		stopped = ok && !yield(start, end)
		return end, ok && !stopped
	})
	if stopped {
		return nil
	}
	return err
}
