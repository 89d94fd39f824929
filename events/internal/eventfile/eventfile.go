// Package eventfile names the files of schemas and of recorded events.
package eventfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Name returns SOURCE.TYPE.vN.json. Different events have different names, and a name works as a file
// name on any system. Letters, digits and hyphens stay, and underscores and dots of the source. Other
// bytes become %XX, and a long name is cut and gets a hash.
func Name(source, name string, version int) string {
	escaped := escape(source, "-_.") + "." + escape(name, "-_")
	if first, _, _ := strings.Cut(escaped, "."); first == "" || slices.Contains(reserved, strings.ToLower(first)) {
		escaped = fmt.Sprintf("%%%02X%s", escaped[0], escaped[1:])
	}
	if len(escaped) > maxLength {
		sum := sha256.Sum256([]byte(escaped))
		escaped = escaped[:maxLength-33] + "%" + hex.EncodeToString(sum[:16])
	}
	return fmt.Sprintf("%s.v%d.json", escaped, version)
}

const maxLength = 200

// reserved are names of devices on Windows, with any extension.
var reserved = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")

func escape(text, keep string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
