package jmespath_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expression, document, want string }{
		{`abs(@)`, `-5`, `5`},
		{`abs(@)`, `5`, `5`},
		{`abs(@)`, `-0`, `0`},
		{`abs(@)`, `-1.50`, `1.5`},
		{`abs(@)`, `-123456789012345678901234567890`, `123456789012345678901234567890`},
		{`abs(@)`, `1E2`, `100.0`},

		{`avg(@)`, `[1,2,3]`, `2.0`},
		{`avg(@)`, `[1,2]`, `1.5`},
		{`avg(@)`, `[]`, `null`},
		{`avg(@)`, `[9223372036854775807,9223372036854775807]`, `9.223372036854776e+18`},

		{`ceil(@)`, `1.001`, `2`},
		{`ceil(@)`, `-1.5`, `-1`},
		{`ceil(@)`, `-0.5`, `0`},
		{`ceil(@)`, `7`, `7`},
		{`ceil(@)`, `1e22`, `10000000000000000000000`},
		{`floor(@)`, `1.999`, `1`},
		{`floor(@)`, `-1.5`, `-2`},
		{`floor(@)`, `2.0`, `2`},
		{`floor(@)`, `123456789012345678901`, `123456789012345678901`},

		{`contains(@, 'oo')`, `"foobar"`, `true`},
		{`contains(@, '')`, `"foobar"`, `true`},
		{`contains(@, 'x')`, `"foobar"`, `false`},
		{"contains(@, `1`)", `"1"`, `false`},
		{"contains(@, `1.0`)", `[2,1]`, `true`},
		{"contains(@, `{\"a\":[1]}`)", `[{"a":[1]}]`, `true`},
		{"contains(@, `null`)", `[]`, `false`},
		{"contains(@, `true`)", `[1]`, `false`},
		{`ends_with(@, 'bar')`, `"foobar"`, `true`},
		{`ends_with(@, 'foo')`, `"foobar"`, `false`},
		{`starts_with(@, 'foo')`, `"foobar"`, `true`},
		{`starts_with(@, 'bar')`, `"foobar"`, `false`},

		{`join(', ', @)`, `["a","b","c"]`, `"a, b, c"`},
		{`join('x', @)`, `[]`, `""`},
		{`join('', @)`, `["\ud83d","\ude00","\ud83d"]`, "\"😀\\ud83d\""},

		{`keys(@)`, `{"b":1,"a":2,"b":3}`, `["b","a"]`},
		{`values(@)`, `{"b":1,"a":2,"b":3}`, `[3,2]`},
		{`keys(@)`, `{}`, `[]`},
		{`length(@)`, `"aé😀\ud800"`, `4`},
		{`length(@)`, `[1,2]`, `2`},
		{`length(@)`, `{"a":1}`, `1`},

		{`map(&a, @)`, `[{"a":1},{"b":2},{"a":3}]`, `[1,null,3]`},
		{`map(&[], @)`, `[[1,[2]],[3]]`, `[[1,2],[3]]`},
		{`map(&a || 'x', @)`, `[{"a":1},{}]`, `[1,"x"]`},
		{`max(@)`, `[1,3.0,3,2]`, `3.0`},
		{`max(@)`, `["a","c","b"]`, `"c"`},
		{`max(@)`, `[]`, `null`},
		{`min(@)`, `[2,1,1.0]`, `1`},
		{`min(@)`, `["b","a"]`, `"a"`},
		{`max_by(@, &a)`, `[{"a":1},{"a":2,"b":1},{"a":2}]`, `{"a":2,"b":1}`},
		{`min_by(@, &a)`, `[{"a":"y"},{"a":"x"}]`, `{"a":"x"}`},
		{`max_by(@, &a)`, `[]`, `null`},
		{`merge(@, {a: a, c: b})`, `{"b":1,"a":2}`, `{"b":1,"a":2,"c":1}`},
		{"merge(@, `{\"b\":3}`, `{\"b\":4,\"d\":5}`)", `{"b":1,"a":2}`, `{"b":4,"a":2,"d":5}`},
		{`merge(@)`, `{}`, `{}`},

		{`not_null(a, b, c)`, `{"b":false,"c":1}`, `false`},
		{`not_null(a, b)`, `{}`, `null`},
		{`reverse(@)`, `[1,2,3]`, `[3,2,1]`},
		{`reverse(@)`, `"aé😀"`, `"😀éa"`},
		{`reverse(@)`, `"\ude00\ud83dx\udc00"`, `"\udc00x😀"`},
		{`reverse(@)`, `"ab\ud800"`, `"\ud800ba"`},
		{`sort(@)`, `[3,1.0,2,1]`, `[1.0,1,2,3]`},
		{`sort(@)`, `["b","B","a","é","😀","\uffff"]`, "[\"B\",\"a\",\"b\",\"é\",\"\uffff\",\"😀\"]"},
		{`sort(@)`, `[]`, `[]`},
		{`sort_by(@, &n)[*].i`, `[{"n":2,"i":0},{"n":1,"i":1},{"n":2.0,"i":2},{"n":1,"i":3}]`, `[1,3,0,2]`},
		{`sort_by(@, &n)`, `[]`, `[]`},

		{`sum(@)`, `[1,2]`, `3`},
		{`sum(@)`, `[]`, `0`},
		{`sum(@)`, `[1,2.5]`, `3.5`},
		{`sum(@)`, `[1.5,1.5]`, `3.0`},
		{`sum(@)`, `[1e0]`, `1.0`},
		{`sum(@)`, `[0.1,0.2]`, `0.30000000000000004`},
		{`sum(@)`, `[9223372036854775807,1,-2]`, `9223372036854775806`},
		{`sum(@)`, `[9223372036854775807,1]`, `9223372036854775808`},
		{`sum(@)`, `[-9223372036854775808,-1]`, `-9223372036854775809`},
		{`sum(@)`, `[12345678901234567890,1]`, `12345678901234567891`},
		{`sum(@)`, `[12345678901234567890,1.0]`, `1.2345678901234567e+19`},
		{`sum(@)`, `[-0.0]`, `0.0`},
		{`sum(@)`, `[1e16]`, `1e+16`},
		{`sum(@)`, `[1e15]`, `1000000000000000.0`},
		{`sum(@)`, `[9999999999999998.0]`, `9999999999999998.0`},
		{`sum(@)`, `[0.0001]`, `0.0001`},
		{`sum(@)`, `[0.00001]`, `1e-05`},
		{`sum(@)`, `[1.5e-7]`, `1.5e-07`},
		{`sum(@)`, `[1.5e300]`, `1.5e+300`},
		{`sum(@)`, `[5e-324]`, `5e-324`},

		{`to_array(@)`, `[1]`, `[1]`},
		{`to_array(@)`, `null`, `[null]`},
		{`to_array(@)`, `{"a":1}`, `[{"a":1}]`},
		{`to_string(@)`, `"s"`, `"s"`},
		{`to_string(@)`, `{"b":1.0,"a":["é","\n"]}`, `"{\"b\":1,\"a\":[\"é\",\"\\n\"]}"`},
		{`to_string(@)`, `100.00`, `"100"`},
		{`to_string(@)`, `[100.0,1e2,100,-0,0.00001e5,1E21,1e-7,-1.50]`, `"[100,100,100,0,1,1e+21,1e-7,-1.5]"`},
		{`to_string(@)`, `[9007199254740993,12345678901234567890]`, `"[9007199254740993,12345678901234567890]"`},
		{`to_string(avg(@))`, `[1,2,3]`, `"2"`},
		{`to_string(@)`, `null`, `"null"`},
		{`to_number(@)`, `1.50`, `1.50`},
		{`to_number(@)`, `"12"`, `12`},
		{`to_number(@)`, `"-0"`, `0`},
		{`to_number(@)`, `"+007"`, `7`},
		{`to_number(@)`, `" 12\n"`, `12`},
		{`to_number(@)`, `"1.50"`, `1.5`},
		{`to_number(@)`, `".5"`, `0.5`},
		{`to_number(@)`, `"5."`, `5.0`},
		{`to_number(@)`, `"-0.0"`, `-0.0`},
		{`to_number(@)`, `"1E2"`, `100.0`},
		{`to_number(@)`, `"12345678901234567890"`, `12345678901234567890`},
		{`to_number(@)`, `"1e999"`, `null`},
		{`to_number(@)`, `"inf"`, `null`},
		{`to_number(@)`, `"NaN"`, `null`},
		{`to_number(@)`, `"0x10"`, `null`},
		{`to_number(@)`, `"1_000"`, `null`},
		{`to_number(@)`, `"1 2"`, `null`},
		{`to_number(@)`, `"1e"`, `null`},
		{`to_number(@)`, `"."`, `null`},
		{`to_number(@)`, `"-"`, `null`},
		{`to_number(@)`, `""`, `null`},
		{`to_number(@)`, `true`, `null`},
		{`to_number(@)`, `null`, `null`},
		{`to_number(@)`, `[1]`, `null`},
		{`[type(@[0]), type(@[1]), type(@[2]), type(@[3]), type(@[4]), type(@[5])]`, `[1,"",true,null,[],{}]`,
			`["number","string","boolean","null","array","object"]`},

		{`length (@)`, `[]`, `0`},
		{`a.length(@)`, `{"a":"xyz"}`, `3`},
		{`a.b.type(@)`, `{}`, `"null"`},
		{`@ | not_null(@, 'x')`, `null`, `"x"`},
		{`[].to_string(@)`, `[1,[2]]`, `["1","2"]`},
		{`length`, `{"length":1}`, `1`},
		{`unknown`, `{"unknown":1}`, `1`},
	} {
		t.Run(tt.expression+" of "+tt.document, func(t *testing.T) {
			t.Parallel()
			got, err := search(t, tt.expression, tt.document)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEvalErrors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 5000)
	for _, tt := range []struct{ expression, document, want string }{
		{`abs(a)`, `{"a":"secret"}`, `jmespath: abs: expected number, found string`},
		{`a.length(@)`, `{}`, `jmespath: length: expected string or array or object, found null`},
		{`sum(a)`, `{"a":[1,"secret",null]}`, `jmespath: sum: expected array of numbers, found array of number and string and null`},
		{`sum(a)`, `{}`, `jmespath: sum: expected array of numbers, found null`},
		{`sort(a)`, `{"a":["secret",1]}`, `jmespath: sort: expected array of numbers or array of strings, found array of string and number`},
		{`join(@, @)`, `"secret"`, `jmespath: join: argument 2: expected array of strings, found string`},
		{`starts_with(@, a)`, `"secret"`, `jmespath: starts_with: argument 2: expected string, found null`},
		{`merge(@, a)`, `{"a":1}`, `jmespath: merge: argument 2: expected object, found number`},
		{`map(&a, @)`, `{"a":1}`, `jmespath: map: argument 2: expected array, found object`},
		{`sort_by(@, &a)`, `[{"a":true}]`, `jmespath: sort_by: expected number or string as value of the expression, found boolean`},
		{`max_by(@, &a)`, `[{"a":1},{"a":"secret"}]`, `jmespath: max_by: expected number as value of the expression, as for the first element, found string`},
		{`min_by(@, &abs(a))`, `[{"a":"secret"}]`, `jmespath: abs: expected number, found string`},
		{`@[::0]`, `[1]`, `jmespath: the step of a slice must not be 0`},
		{`ceil(@)`, `1e999`, `jmespath: ceil: a number is out of range`},
		{`abs(@)`, `-1e999`, `jmespath: abs: a number is out of range`},
		{`to_string(@)`, `[1,{"a":1e999}]`, `jmespath: to_string: a number is out of range`},
		{`sum(@)`, `[1e308,1e308]`, `jmespath: sum: a number is out of range`},
		{`sum(@)`, `[` + long + `]`, `jmespath: sum: a number is out of range`},
		{`powertools_json(body)`, `{}`, `jmespath: powertools_json: expected string, found null`},
		{`powertools_json(@)`, `"{secret}"`, `jmespath: powertools_json: expected JSON: invalid data: jsontree: expected a name at offset 1`},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			t.Parallel()
			_, err := search(t, tt.expression, tt.document)
			var eval *jmespath.EvalError
			if !errors.As(err, &eval) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
