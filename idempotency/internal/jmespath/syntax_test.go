package jmespath_test

import (
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
)

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		expression string
		offset     int
		problem    string
	}{
		{``, 0, `expected expression, found end of expression`},
		{`  `, 2, `expected expression, found end of expression`},
		{`a[`, 2, `expected number, ":" or "*", found end of expression`},
		{`a.`, 2, `expected identifier, function, "*", "[" or "{" after ".", found end of expression`},
		{`.a`, 0, `expected expression, found "."`},
		{`a b`, 2, `expected operator or end of expression, found identifier`},
		{`a..b`, 2, `expected identifier, function, "*", "[" or "{" after ".", found "."`},
		{`a.[0]`, 3, `expected expression, found number`},
		{`a.1`, 2, `expected identifier, function, "*", "[" or "{" after ".", found number`},
		{`a.'b'`, 2, `expected identifier, function, "*", "[" or "{" after ".", found literal`},
		{`1`, 0, `expected expression, found number`},
		{`-`, 0, `expected a token, found '-'`},
		{`a-b`, 1, `expected a token, found '-'`},
		{`a#b`, 1, `expected a token, found '#'`},
		{`é`, 0, `expected a token, found 'é'`},
		{`a = b`, 2, `expected "==", found "="`},
		{`a == `, 5, `expected expression, found end of expression`},
		{`a*`, 1, `expected operator or end of expression, found "*"`},
		{`a!b`, 1, `expected operator or end of expression, found "!"`},
		{`**`, 1, `expected operator or end of expression, found "*"`},
		{`a[*]b`, 4, `expected operator or end of expression, found identifier`},
		{`a[b]`, 2, `expected number, ":" or "*", found identifier`},
		{`a[1`, 3, `expected "]", found end of expression`},
		{`a[1 2]`, 4, `expected "]", found number`},
		{`a[1:2:3:4]`, 7, `expected "]", found ":"`},
		{`a[*`, 3, `expected "]", found end of expression`},
		{`a[?b`, 4, `expected "]", found end of expression`},
		{`a[?]`, 3, `expected expression, found "]"`},
		{`[a`, 2, `expected "," or "]", found end of expression`},
		{`[a,]`, 3, `expected expression, found "]"`},
		{`[ ]`, 2, `expected expression, found "]"`},
		{`{}`, 1, `expected identifier as name of a member, found "}"`},
		{`{a}`, 2, `expected ":", found "}"`},
		{`{a: b,}`, 6, `expected identifier as name of a member, found "}"`},
		{`{a: b c: d}`, 6, `expected "," or "}", found identifier`},
		{`a{b: c}`, 1, `expected operator or end of expression, found "{"`},
		{`(a`, 2, `expected ")", found end of expression`},
		{`a)`, 1, `expected operator or end of expression, found ")"`},
		{`(a)(b)`, 3, `expected operator or end of expression, found "("`},
		{`"a`, 0, `expected a closing ", found end of expression`},
		{`'a`, 0, `expected a closing ', found end of expression`},
		{`'a\'`, 0, `expected a closing ', found end of expression`},
		{"`a", 0, "expected a closing `, found end of expression"},
		{`'a\`, 0, `expected a closing ', found end of expression`},
		{`"\x"`, 0, `expected a JSON string as quoted identifier`},
		{"`a\"b`", 0, `expected JSON as literal`},
		{"a\xff", 0, `expected UTF-8`},
		{`@a`, 1, `expected operator or end of expression, found identifier`},
		{`&a`, 0, `expected expression, found "&"`},

		{`nope(a)`, 0, `expected the name of a function, found nope`},
		{`"abs"(a)`, 5, `expected operator after a quoted identifier, which names no function, found "("`},
		{`abs()`, 0, `expected 1 argument of abs, found 0`},
		{`abs(a, b)`, 0, `expected 1 argument of abs, found 2`},
		{`join(a)`, 0, `expected 2 arguments of join, found 1`},
		{`merge()`, 0, `expected 1 argument or more of merge, found 0`},
		{`abs(a`, 5, `expected "," or ")", found end of expression`},
		{`abs(a,)`, 6, `expected expression, found ")"`},
		{`abs(&a)`, 4, `expected argument of abs, which takes no expression reference there, found "&"`},
		{`sort_by(a, b)`, 11, `expected "&" and an expression as argument 2 of sort_by, found identifier`},
		{`map(a, b)`, 4, `expected "&" and an expression as argument 1 of map, found identifier`},
		{`a.b | [?nope(@)]`, 8, `expected the name of a function, found nope`},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			t.Parallel()
			_, err := jmespath.Compile(tt.expression)
			var syntax *jmespath.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got error %v", err)
			}
			if syntax.Offset != tt.offset || syntax.Problem != tt.problem || syntax.Expression != tt.expression {
				t.Errorf("got %d, %s", syntax.Offset, syntax.Problem)
			}
		})
	}
}

func TestSyntaxErrorText(t *testing.T) {
	t.Parallel()
	_, err := jmespath.Compile(`a["b`)
	if err == nil || err.Error() != `jmespath: "a[\"b": at offset 2: expected a closing ", found end of expression` {
		t.Errorf("got %v", err)
	}
}
