package cloudwatch

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// idSet makes logical ids of resources that are unique. An id depends on its name alone, as long as the
// names are at most 100 letters and digits.
type idSet map[string]bool

// id returns prefix and the letters and digits of name. If something of the name is lost, a hash of it
// follows.
func (s idSet) id(prefix, name string) string {
	var b strings.Builder
	for _, r := range name {
		if b.Len() < 100 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			b.WriteRune(r)
		}
	}
	id := prefix + b.String()
	if b.String() != name || s[id] {
		sum := sha256.Sum256([]byte(name))
		id += "X" + hex.EncodeToString(sum[:4])
	}
	s[id] = true
	return id
}
