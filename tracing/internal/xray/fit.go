package xray

// effort says how far a document is cut to fit.
type effort struct {
	text       int // bytes of a string in metadata, causes and queries
	whole      int // bytes of JSON values that are not cut, together
	member     int // bytes of a member that X-Ray knows
	url        int // bytes of one that is a URL
	list       int // elements of one that is a list
	exceptions int
	frames     int // of the stack of each
	metadata   bool
	attributes bool // of links
	annotation int  // bytes of one
	key        int  // and of its key
}

// efforts begin with one that cuts only for X-Ray's limits of single values, and end with one
// that fits in any case, each byte taking six if it has to be escaped. X-Ray documents no limit
// for URLs and lists.
var efforts = [...]effort{
	{MaxDocument, MaxDocument, maxText, maxURL, maxList, maxCauses, 100, true, true, 4 * maxAnnotation, maxKey},
	{MaxDocument, MaxDocument, maxText, maxURL, 100, 8, 30, true, true, 4 * maxAnnotation, maxKey},
	{256, 0, 100, maxText, 10, 2, 5, false, false, 60, maxKey},
	{256, 0, 60, 150, 5, 2, 3, false, false, 40, 40},
}

// leastText is the number of bytes that an effort leaves of each string. If the document does
// not fit then, the next effort is tried.
var leastText = [...]int{1_024, 256}

// fit writes the document with the least effort that makes it fit.
func (e *encoder) fit() {
	if e.effort = efforts[0]; e.try() {
		return
	}
	e.cutToFit()
	e.lost.hit(limitDocument)
}

func (e *encoder) cutToFit() {
	for i, least := range leastText {
		e.effort = efforts[i]
		if e.effort.text = least; e.try() {
			e.lengthen()
			return
		}
		if e.effort.whole = 0; e.try() {
			e.keepWhole()
			e.lengthen()
			return
		}
	}
	for i := len(leastText); i < len(efforts); i++ {
		if e.effort = efforts[i]; e.try() {
			return
		}
	}
}

// try writes the document with the effort, and reports whether it fits.
func (e *encoder) try() bool {
	e.buf, e.names, e.lost, e.cuts, e.whole, e.depth = e.buf[:e.start], e.names[:0], Loss{}, 0, 0, 0
	e.facts.gather(e.span)
	e.document()
	return !e.full()
}

// free returns how many bytes more the document may have.
func (e *encoder) free() int { return MaxDocument - (len(e.buf) - e.start) }

const (
	rounds  = 8  // that use the free bytes of a document
	gain    = 16 // bytes for each text, the least that is worth a round
	failing = 4  // rounds that may be in vain
)

// keepWhole leaves as many JSON values whole as fit. The document fits.
func (e *encoder) keepWhole() {
	for range rounds {
		whole, effort := e.whole, e.effort.whole
		if e.effort.whole = whole + e.free(); !e.try() {
			e.effort.whole = effort
			e.try()
			return
		}
		if e.whole <= whole {
			return
		}
	}
}

// lengthen gives the free bytes to the texts that are cut. The document fits.
func (e *encoder) lengthen() {
	failed := 0
	for range rounds {
		if e.cuts == 0 {
			return
		}
		step := e.free() / e.cuts >> failed // characters that are escaped take more
		if step < gain {
			return
		}
		if e.effort.text += step; e.try() {
			continue
		}
		e.effort.text -= step
		e.try()
		if failed++; failed == failing {
			return
		}
	}
}
