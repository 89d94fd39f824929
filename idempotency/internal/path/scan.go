package path

import (
	"bytes"
	"errors"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

var errSyntax = errors.New("the event is not valid JSON")

// trim returns text without the white space around it.
func trim(text []byte) ([]byte, error) {
	text = bytes.Trim(text, " \t\r\n")
	if len(text) == 0 {
		return nil, errSyntax
	}
	return text, nil
}

// findMember returns the value of the last member with the name.
func findMember(text []byte, name string) ([]byte, error) {
	text, err := trim(text)
	if err != nil {
		return nil, err
	}
	if text[0] != '{' {
		return null, nil
	}
	found := null
	err = jsonscan.Members(text, func(key []byte, start, end int) bool {
		if jsonscan.KeyIs(key, name) {
			found = text[start:end]
		}
		return true
	})
	if err != nil {
		return nil, errSyntax
	}
	return found, nil
}

// findElement returns the element at the index.
func findElement(text []byte, index int) ([]byte, error) {
	text, err := trim(text)
	if err != nil {
		return nil, err
	}
	if text[0] != '[' {
		return null, nil
	}
	if index < 0 {
		n, err := elements(text, -1)
		if err != nil || index+n.count < 0 {
			return null, err
		}
		index += n.count
	}
	n, err := elements(text, index)
	if err != nil || n.found == nil {
		return null, err
	}
	return n.found, nil
}

type scanned struct {
	count int
	found []byte // the element at the index
}

func elements(text []byte, index int) (s scanned, err error) {
	err = jsonscan.Elements(text, func(start, end int) bool {
		if s.count == index {
			s.found = text[start:end]
		}
		s.count++
		return true
	})
	if err != nil {
		return s, errSyntax
	}
	return s, nil
}
