package main

import (
	"bytes"
	"fmt"
	"os"
)

// rewrite replaces the text between the markers <!-- name:begin --> and <!-- name:end -->. The
// markers stay. Each is a whole line.
func rewrite(text []byte, name string, between []byte) ([]byte, error) {
	begin, end := []byte("<!-- "+name+":begin -->\n"), []byte("<!-- "+name+":end -->\n")
	if bytes.Count(text, begin) != 1 || bytes.Count(text, end) != 1 {
		return nil, fmt.Errorf("not one %s and one %s", bytes.TrimSpace(begin), bytes.TrimSpace(end))
	}
	before, rest, _ := bytes.Cut(text, begin)
	_, after, ok := bytes.Cut(rest, end)
	if !ok {
		return nil, fmt.Errorf("%s stands before %s", bytes.TrimSpace(end), bytes.TrimSpace(begin))
	}
	return bytes.Join([][]byte{before, begin, between, end, after}, nil), nil
}

// rewriteFile calls rewrite for the text of a file.
func rewriteFile(path, name string, between []byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if text, err = rewrite(text, name, between); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
