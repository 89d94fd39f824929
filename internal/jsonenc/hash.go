package jsonenc

import "math/bits"

// Hash returns a hash of s, and whether s is printable ASCII that needs no escape. The hash
// depends on the first and the last eight bytes of s and on its length. Its highest bits are
// the best.
func Hash(s string) (hash uint64, isPlain bool) {
	var first, last uint64
	n := len(s)
	switch {
	case n >= 8:
		first, last = firstEight(s), firstEight(s[n-8:])
		isPlain = !special(first) && !special(last) && (n <= 16 || Plain(s[8:n-8]))
	case n >= 4:
		first = firstFour(s) | firstFour(s[n-4:])<<32
		isPlain = !special(first)
	case n > 0:
		first = oneToThree(s)
		isPlain = !special(first)
	default:
		isPlain = true
	}
	const odd = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	hash = (first ^ bits.RotateLeft64(last, 29) ^ uint64(n)) * odd
	return hash, isPlain
}
