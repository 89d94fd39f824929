package jmespath

// function is a function of the language.
type function uint8

const (
	noFunction function = iota
	absFunction
	avgFunction
	ceilFunction
	containsFunction
	endsWithFunction
	floorFunction
	joinFunction
	keysFunction
	lengthFunction
	mapFunction
	maxFunction
	maxByFunction
	mergeFunction
	minFunction
	minByFunction
	notNullFunction
	reverseFunction
	sortFunction
	sortByFunction
	startsWithFunction
	sumFunction
	toArrayFunction
	toNumberFunction
	toStringFunction
	typeFunction
	valuesFunction
	jsonFunction
	base64Function
	base64GzipFunction
	functionCount
)

// functionNamed returns the function with this name, or noFunction.
func functionNamed(name string) function {
	for f := noFunction + 1; f < functionCount; f++ {
		if f.String() == name {
			return f
		}
	}
	return noFunction
}

// String returns the function's name.
func (f function) String() string {
	switch f {
	case absFunction:
		return "abs"
	case avgFunction:
		return "avg"
	case ceilFunction:
		return "ceil"
	case containsFunction:
		return "contains"
	case endsWithFunction:
		return "ends_with"
	case floorFunction:
		return "floor"
	case joinFunction:
		return "join"
	case keysFunction:
		return "keys"
	case lengthFunction:
		return "length"
	case mapFunction:
		return "map"
	case maxFunction:
		return "max"
	case maxByFunction:
		return "max_by"
	case mergeFunction:
		return "merge"
	case minFunction:
		return "min"
	case minByFunction:
		return "min_by"
	case notNullFunction:
		return "not_null"
	case reverseFunction:
		return "reverse"
	case sortFunction:
		return "sort"
	case sortByFunction:
		return "sort_by"
	case startsWithFunction:
		return "starts_with"
	case sumFunction:
		return "sum"
	case toArrayFunction:
		return "to_array"
	case toNumberFunction:
		return "to_number"
	case toStringFunction:
		return "to_string"
	case typeFunction:
		return "type"
	case valuesFunction:
		return "values"
	case jsonFunction:
		return "powertools_json"
	case base64Function:
		return "powertools_base64"
	case base64GzipFunction:
		return "powertools_base64_gzip"
	}
	return "unknown function"
}

// signature says what arguments a function takes.
type signature struct {
	arguments int
	variadic  bool // takes more of the first one's type
	reference int  // the argument that is an expression reference, counted from 1; 0: none
	types     [2]types
}

func (f function) signature() signature {
	switch f {
	case absFunction, ceilFunction, floorFunction:
		return signature{arguments: 1, types: [2]types{isNumber}}
	case avgFunction, sumFunction:
		return signature{arguments: 1, types: [2]types{isNumbers}}
	case containsFunction:
		return signature{arguments: 2, types: [2]types{isArray | isString, isAny}}
	case endsWithFunction, startsWithFunction:
		return signature{arguments: 2, types: [2]types{isString, isString}}
	case joinFunction:
		return signature{arguments: 2, types: [2]types{isString, isStrings}}
	case keysFunction, valuesFunction:
		return signature{arguments: 1, types: [2]types{isObject}}
	case lengthFunction:
		return signature{arguments: 1, types: [2]types{isString | isArray | isObject}}
	case mapFunction:
		return signature{arguments: 2, reference: 1, types: [2]types{isAny, isArray}}
	case maxByFunction, minByFunction, sortByFunction:
		return signature{arguments: 2, reference: 2, types: [2]types{isArray, isAny}}
	case maxFunction, minFunction, sortFunction:
		return signature{arguments: 1, types: [2]types{isNumbers | isStrings}}
	case mergeFunction:
		return signature{arguments: 1, variadic: true, types: [2]types{isObject}}
	case notNullFunction:
		return signature{arguments: 1, variadic: true}
	case reverseFunction:
		return signature{arguments: 1, types: [2]types{isArray | isString}}
	case jsonFunction, base64Function, base64GzipFunction:
		return signature{arguments: 1, types: [2]types{isString}}
	}
	return signature{arguments: 1}
}
