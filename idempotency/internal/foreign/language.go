package foreign

// A Language is a language whose Powertools library makes the same keys.
type Language uint8

// The languages of the digests.
const (
	Python Language = iota
	TypeScript
)

// String returns the language's name.
func (l Language) String() string {
	if l == Python {
		return "Python"
	}
	return "TypeScript"
}

// A Difference is a part of an expression whose value can differ in the library of another
// language.
type Difference struct {
	What string // the function or form, such as "to_string"
	Why  string // the behavior of the library, such as "it writes 100.00 as 100"
}

// Member returns the difference of reading a member of this name, or nil. JavaScript finds
// the members that every object inherits, and Powertools for TypeScript finds no member with an
// empty name.
func (l Language) Member(name string) *Difference {
	switch {
	case l != TypeScript:
	case name == "":
		return &Difference{What: `""`, Why: "the library never finds a member without a name"}
	case inherited(name):
		return &Difference{What: name, Why: "every object of JavaScript has a member of this name"}
	}
	return nil
}

// NewMember returns the difference of making an object with a member of this name, or nil.
func (l Language) NewMember(name string) *Difference {
	if l == TypeScript && name == "__proto__" {
		return &Difference{What: name, Why: "an object of JavaScript gets no member of this name"}
	}
	return nil
}

func inherited(name string) bool {
	switch name {
	case "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
		"__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__":
		return true
	}
	return false
}
