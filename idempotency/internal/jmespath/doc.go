// Package jmespath evaluates JMESPath expressions (https://jmespath.org/specification.html)
// over the trees of package jsontree: the whole language with all of its functions, and the
// functions powertools_json, powertools_base64 and powertools_base64_gzip that Powertools
// for AWS Lambda adds.
//
//	expression, err := jmespath.Compile("powertools_json(body).[user, orderId]")
//	...
//	key, err := expression.Search(event)
//
// If the specification leaves a question open, this package follows the libraries of the
// language's authors, because the keys must be equal:
//
//   - Objects have an order: keys, values and wildcards follow it, a multi-select hash has
//     the order of the expression, and merge keeps the place of a name's first occurrence.
//   - Numbers that are passed on keep the text that they had. Numbers that a function
//     computes are integers or floats as in Python: 1+2 is 3, 1.5+1.5 is 3.0, an average is
//     a float always. Integers have any size. A number is an integer if it is written
//     without fraction and exponent. to_string writes numbers as RFC 8785 does, so that the
//     texts of 100.00 and 100.0 make one key.
//   - Comparisons other than == and != are of numbers; of anything else they are null.
//   - "!" binds tighter than ".": !a.b is (!a).b, which is null; !(a.b) is the negation of
//     a.b. And a.*.b.c is (a.*.b).c, which is null since a.*.b is an array; a.*.[b.c][] or
//     values(a)[*].b.c has the intended value.
//
// [Expression.Differs] names the functions and forms of an expression that those libraries
// still compute differently: they differ from each other, or between versions.
//
// In contrast to those libraries Compile refuses unknown functions, wrong numbers of
// arguments and misplaced expression references, which they find out about in the first
// event that gets that far.
package jmespath
