package xray

// limits holds the limits that a document is cut to. If the document does not fit, it is written
// again with smaller limits.
type limits struct {
	text       int // bytes of a string in metadata, causes and queries
	whole      int // total bytes of JSON values that are not cut
	member     int // bytes of a string in other members
	url        int // bytes of a URL
	list       int // elements of a list of names
	exceptions int
	frames     int // of each exception's stack
	metadata   bool
	attributes bool // whether links have attributes
	annotation int  // bytes of an annotation's text
	key        int  // bytes of an annotation's key
}

// limitSets lists the limits in the order in which fit tries them. The first set cuts only for
// X-Ray's limits of single values. With the last set every document fits, even if every byte is
// escaped and takes six. X-Ray documents no limit for URLs and lists.
var limitSets = [...]limits{
	{MaxDocument, MaxDocument, maxText, maxURL, maxList, maxCauses, 100, true, true, 4 * maxAnnotation, maxKey},
	{MaxDocument, MaxDocument, maxText, maxURL, 100, 8, 30, true, true, 4 * maxAnnotation, maxKey},
	{256, 0, 100, maxText, 10, 2, 5, false, false, 60, maxKey},
	{256, 0, 60, 150, 5, 2, 3, false, false, 40, 40},
}

// leastText is the smallest limits.text for each of the first sets. If the document does not fit
// even with that, cutToFit tries the next set.
var leastText = [...]int{1_024, 256}

// fit writes the document with the largest limits that make it fit.
func (e *encoder) fit() {
	if e.limits = limitSets[0]; e.try() {
		return
	}
	e.cutToFit()
	e.lost.hit(limitDocument)
}

func (e *encoder) cutToFit() {
	for i, least := range leastText {
		e.limits = limitSets[i]
		if e.limits.text = least; e.try() {
			e.lengthen()
			return
		}
		if e.limits.whole = 0; e.try() {
			e.keepWhole()
			e.lengthen()
			return
		}
	}
	for i := len(leastText); i < len(limitSets); i++ {
		if e.limits = limitSets[i]; e.try() {
			return
		}
	}
}

// try writes the document with the current limits, and reports whether it fits.
func (e *encoder) try() bool {
	e.buf, e.names, e.lost, e.cuts, e.whole, e.depth = e.buf[:e.start], e.names[:0], Loss{}, 0, 0, 0
	e.attrs.gather(e.span)
	e.document()
	return !e.full()
}

// free returns the number of bytes that the document may still grow by.
func (e *encoder) free() int { return MaxDocument - (len(e.buf) - e.start) }

const (
	rounds  = 8  // attempts to use the free bytes of a document
	gain    = 16 // bytes for each text: a round for less is not worth its time
	failing = 4  // rounds that may fail before lengthen stops
)

// keepWhole raises limits.whole so that as many JSON values as fit stay uncut. The document fits
// before and after.
func (e *encoder) keepWhole() {
	for range rounds {
		whole, before := e.whole, e.limits.whole
		if e.limits.whole = whole + e.free(); !e.try() {
			e.limits.whole = before
			e.try()
			return
		}
		if e.whole <= whole {
			return
		}
	}
}

// lengthen raises limits.text so that the cut texts use the free bytes. The document fits before
// and after.
func (e *encoder) lengthen() {
	failed := 0
	for range rounds {
		if e.cuts == 0 {
			return
		}
		step := e.free() / e.cuts >> failed // escaped characters take more
		if step < gain {
			return
		}
		if e.limits.text += step; e.try() {
			continue
		}
		e.limits.text -= step
		e.try()
		if failed++; failed == failing {
			return
		}
	}
}
