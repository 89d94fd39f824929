package jmespath

import (
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// call returns the value of a function call.
func (r *run) call(n *callNode, v jsontree.Value) (jsontree.Value, error) {
	s := n.function.signature()
	args := make([]jsontree.Value, len(n.args))
	for i, arg := range n.args {
		if i+1 == s.reference {
			continue
		}
		value, err := r.eval(arg, v)
		if err != nil {
			return null, err
		}
		args[i] = value
	}
	if err := n.function.check(s, args); err != nil {
		return null, err
	}
	if s.reference > 0 {
		return r.callBy(n, args)
	}
	return r.apply(n.function, args)
}

// callBy calls a function that takes an expression reference.
func (r *run) callBy(n *callNode, args []jsontree.Value) (jsontree.Value, error) {
	switch n.function {
	case mapFunction:
		return r.mapped(n.args[0], args[1].Elements())
	case sortByFunction:
		return r.sortBy(n.args[1], args[0])
	}
	return r.extremeBy(n.function, n.args[1], args[0].Elements())
}

// apply calls a function with arguments of the right types.
func (r *run) apply(f function, args []jsontree.Value) (jsontree.Value, error) {
	arg := args[0]
	switch f {
	case absFunction:
		return f.inRange(absolute(arg.Text()))
	case ceilFunction:
		return f.inRange(round(arg.Text(), true))
	case floorFunction:
		return f.inRange(round(arg.Text(), false))
	case avgFunction, sumFunction:
		return f.inRange(sum(arg.Elements(), f == avgFunction))
	case maxFunction, minFunction:
		return extreme(arg.Elements(), f == maxFunction), nil
	case sortFunction:
		return r.sort(arg)

	case containsFunction:
		return r.contains(arg, args[1])
	case endsWithFunction:
		return jsontree.NewBool(strings.HasSuffix(arg.Text(), args[1].Text())), nil
	case startsWithFunction:
		return jsontree.NewBool(strings.HasPrefix(arg.Text(), args[1].Text())), nil
	case joinFunction:
		return r.join(arg.Text(), args[1].Elements())
	case lengthFunction:
		return jsontree.NewNumber(strconv.Itoa(length(arg))), nil
	case reverseFunction:
		return r.reverse(arg)

	case keysFunction:
		return r.keys(arg.Members())
	case valuesFunction:
		return r.values(arg.Members())
	case mergeFunction:
		return r.merge(args)

	case notNullFunction:
		return firstNotNull(args), nil
	case typeFunction:
		return jsontree.NewString(arg.Kind().String()), nil
	case toArrayFunction:
		return r.toArray(arg)
	case toNumberFunction:
		return toNumber(arg), nil
	case toStringFunction:
		return r.toString(arg)

	case jsonFunction:
		return r.json(arg.Text())
	case base64Function:
		return r.base64(arg.Text())
	case base64GzipFunction:
		return r.base64Gzip(arg.Text())
	}
	return null, &EvalError{Function: f.String(), Problem: "not implemented"}
}

// inRange returns the result of a numeric function, or an error if JSON has no such number.
func (f function) inRange(v jsontree.Value, ok bool) (jsontree.Value, error) {
	if !ok {
		return null, &EvalError{Function: f.String(), Problem: "a number is out of range"}
	}
	return v, nil
}
