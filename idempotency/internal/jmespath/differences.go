package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/foreign"

// A Row is one function or form of the table that [Differences] returns.
type Row struct {
	Name       string
	Python     string // why the value can differ in that language, empty if it cannot
	TypeScript string
}

// Differences returns a row for each function, in the order of their names, and then a row
// for each form that differs in a language.
func Differences() []Row {
	var rows []Row
	for f := noFunction + 1; f < functionCount; f++ {
		if !f.conditional() {
			rows = append(rows, Row{Name: f.String(), Python: f.why(foreign.Python), TypeScript: f.why(foreign.TypeScript)})
		}
	}
	for f := range formCount {
		rows = append(rows, Row{Name: f.String(), Python: f.why(foreign.Python), TypeScript: f.why(foreign.TypeScript)})
	}
	return append(rows,
		Row{Name: `a member whose name is ""`, TypeScript: foreign.TypeScript.Member("").Why},
		Row{Name: "a member that every object of JavaScript has, such as constructor", TypeScript: foreign.TypeScript.Member("constructor").Why},
		Row{Name: "{__proto__: a}", TypeScript: foreign.TypeScript.NewMember("__proto__").Why},
	)
}

// conditional reports whether it depends on the arguments if the function's value differs:
// such functions are forms.
func (f function) conditional() bool {
	return f == containsFunction || f == startsWithFunction || f == endsWithFunction
}

// why returns how the function's value differs in a language, or nothing.
func (f function) why(l foreign.Language) string {
	if l == foreign.Python {
		return f.whyPython()
	}
	return f.whyTypeScript()
}

func (f function) whyPython() string {
	switch f {
	case avgFunction, sumFunction:
		return "Python 3.12 and later add fractions more exactly than earlier versions do"
	case mergeFunction:
		return "it takes lists of pairs for objects"
	case toNumberFunction:
		return "it also reads texts such as 1_000, nan and infinity"
	case toStringFunction:
		return "it writes 100.00 as 100.0 and é as \\u00e9"
	}
	return ""
}

func (f function) whyTypeScript() string {
	switch f {
	case avgFunction, sumFunction:
		return "it rounds integers beyond 2^53"
	case keysFunction, valuesFunction:
		return "members whose names are integers come first"
	case lengthFunction:
		return "it counts UTF-16 code units of a text"
	case mapFunction:
		return "it makes null of 0, false and empty texts"
	case maxFunction, minFunction:
		return "it compares UTF-16 code units of texts"
	case maxByFunction, minByFunction, sortByFunction:
		return "it compares UTF-16 code units of texts and rounds integers beyond 2^53"
	case mergeFunction:
		return "it takes null, texts and arrays for objects"
	case notNullFunction:
		return "it makes null of 0, false and empty texts"
	case reverseFunction:
		return "it splits characters beyond U+FFFF and reverses the array of the event itself"
	case sortFunction:
		return "it sorts texts by locale and sorts the array of the event itself"
	case toNumberFunction:
		return "it also reads texts such as 0x10 and Infinity, and makes 0 of an empty text"
	case toStringFunction:
		return "it writes 100.00 as 100 and rounds integers beyond 2^53"
	}
	return ""
}

// form is a part of the language other than a function, or a function with some of its
// arguments.
type form uint8

const (
	containsForm form = iota
	startsWithForm
	endsWithForm
	equalityForm
	orderForm
	orderValueForm
	objectWildcardForm
	filterAfterFilterForm
	sliceAfterIndexForm
	bareLiteralForm
	escapedDelimitersForm
	formCount
)

// String returns the form as the table and errors call it.
func (f form) String() string {
	switch f {
	case containsForm:
		return "contains, if the second argument is not a literal string"
	case startsWithForm:
		return "starts_with, if the second argument is not a literal string"
	case endsWithForm:
		return "ends_with, if the second argument is not a literal string"
	case equalityForm:
		return "== and != without a literal null, boolean, string or small number"
	case orderForm:
		return "<, <=, > and >= without a literal number that is small"
	case orderValueForm:
		return "<, <=, > and >= outside of a condition"
	case objectWildcardForm:
		return ".* and *"
	case filterAfterFilterForm:
		return "a filter after a filter, such as a[?b].c[?d]"
	case sliceAfterIndexForm:
		return "a slice after an index, such as a[0][1:]"
	case bareLiteralForm:
		return "a literal in backticks that is not JSON"
	case escapedDelimitersForm:
		return "a string with more than one escaped quotation mark"
	}
	return "unknown form"
}

func (f form) why(l foreign.Language) string {
	if l == foreign.Python {
		return f.whyPython()
	}
	return f.whyTypeScript()
}

func (f form) whyPython() string {
	switch f {
	case containsForm:
		return "1 and true are equal in an array"
	case equalityForm:
		return "[1] and [true] are equal"
	case orderForm:
		return "it compares texts too"
	case sliceAfterIndexForm:
		return "the slice is not a projection"
	case bareLiteralForm:
		return "NaN and Infinity are numbers"
	}
	return ""
}

func (f form) whyTypeScript() string {
	switch f {
	case containsForm:
		return "no object or array is equal to another, and a text contains a number"
	case startsWithForm, endsWithForm:
		return "half of a surrogate pair is a part of a text"
	case equalityForm, orderForm:
		return "integers beyond 2^53 are rounded"
	case orderValueForm:
		return "the value is undefined instead of null, and members with it are left out"
	case objectWildcardForm:
		return "members whose names are integers come first"
	case filterAfterFilterForm:
		return "the second filter applies to each value and not to all of them"
	case sliceAfterIndexForm:
		return "the slice is not a projection"
	case bareLiteralForm:
		return "the expression is invalid"
	case escapedDelimitersForm:
		return "only the first backslash is removed"
	}
	return ""
}
