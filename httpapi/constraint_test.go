package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
)

// limited has members with one constraint each.
type limited struct {
	Min      *int       `json:"min" minimum:"2"`
	Max      float64    `json:"max" maximum:"2.5"`
	Above    *uint8     `json:"above" exclusiveMinimum:"2"`
	Below    int8       `json:"below" exclusiveMaximum:"2"`
	MinLen   string     `json:"minLen" minLength:"2"`
	MaxLen   **string   `json:"maxLen" maxLength:"2"`
	MinItems []int      `json:"minItems" minItems:"2"`
	MaxItems *[]string  `json:"maxItems" maxItems:"2"`
	Enum     []*string  `json:"enum" enum:"a,b"`
	Pattern  string     `json:"pattern" pattern:"^a"`
	Lists    []*float64 `json:"lists" minimum:"1"`
	Needed   *bool      `json:"needed" required:"true"`
}

// problemsOf returns the problems of an answer as text; "" if it has none.
func problemsOf(body string) string {
	var p struct{ Problems []httpapi.Problem }
	json.Unmarshal([]byte(body), &p)
	var list []string
	for _, x := range p.Problems {
		list = append(list, strings.TrimSpace(x.In+" "+x.Name+" "+x.Detail))
	}
	return strings.Join(list, "; ")
}

func TestConstraints_OfMembers(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, struct{ Body limited }) (string, error) { return "", nil })
	for members, want := range map[string]string{
		`"min":2`: "", `"min":1`: "body min must be at least 2", `"min":null`: "",
		`"max":2.5`: "", `"max":2.6`: "body max must be at most 2.5",
		`"above":3`: "", `"above":2`: "body above must be greater than 2", `"above":0`: "body above must be greater than 2",
		`"below":1`: "", `"below":2`: "body below must be less than 2", `"below":-5`: "",
		`"minLen":"éé"`: "", `"minLen":"é"`: "body minLen must have at least 2 characters", `"minLen":""`: "body minLen must have at least 2 characters",
		`"maxLen":"éé"`: "", `"maxLen":"abc"`: "body maxLen must have at most 2 characters",
		`"minItems":[1,2]`: "", `"minItems":[1]`: "body minItems must have at least 2 values", `"minItems":[]`: "body minItems must have at least 2 values",
		`"maxItems":["a","b"]`: "", `"maxItems":["a","b","c"]`: "body maxItems must have at most 2 values",
		`"enum":["a","b"]`: "", `"enum":["b","c"]`: "body enum must be one of a, b", `"enum":[null]`: "",
		`"pattern":"ab"`: "", `"pattern":"ba"`: "body pattern must match ^a",
		`"lists":[1,2]`: "", `"lists":[1,0.5]`: "body lists must be at least 1",
	} {
		w := do(h, "POST", "/", `{"needed":true,`+members+`}`)
		if got := problemsOf(w.Body.String()); got != want || (w.Code == http.StatusUnprocessableEntity) != (want != "") {
			t.Errorf("%s: got %d with %q, want %q", members, w.Code, got, want)
		}
	}
	if got, want := problemsOf(do(h, "POST", "/", `{}`).Body.String()), "body needed is required"; got != want {
		t.Errorf("an empty object: got %q, want %q", got, want)
	}
}

func TestConstraints_OfParameters(t *testing.T) {
	t.Parallel()
	type in struct {
		Above float32   `query:"above,optional" exclusiveMinimum:"2"`
		Below *int      `query:"below" exclusiveMaximum:"2"`
		Items []string  `query:"items,optional" minItems:"2" maxLength:"1"`
		Time  time.Time `query:"time,optional"`
		Big   uint64    `query:"big,optional" maximum:"10"`
		Mode  string    `header:"x-mode,optional" enum:"a,b" minLength:"1"`
	}
	h := httpapi.Func(func(_ context.Context, in in) (string, error) { return fmt.Sprint(in.Time.Year()), nil })
	for query, want := range map[string]string{
		"": "", "above=2.1": "", "above=2": "query above must be greater than 2", "below=1": "", "below=2": "query below must be less than 2",
		"items=a&items=b": "", "items=a": "query items must have at least 2 values", "items=a&items=bc": "query items must have at most 1 characters",
		"big=10": "", "big=11": "query big must be at most 10", "big=-1": "query big must be an integer of 64 bits, not negative",
		"above=NaN": "query above must be a number", "above=Inf": "query above must be a number", "above=1e39": "query above must be a number",
		"time=2026-01-02T03:04:05Z": "", "time=2026": "query time must be a time such as 2026-01-02T15:04:05Z",
	} {
		w := do(h, "GET", "/?"+query, "")
		if got := problemsOf(w.Body.String()); got != want || (w.Code == http.StatusBadRequest) != (want != "") {
			t.Errorf("%s: got %d with %q, want %q", query, w.Code, got, want)
		}
	}
	if got, want := problemsOf(do(h, "GET", "/", "", "X-Mode", "c").Body.String()), "header X-Mode must be one of a, b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// input returns a function that makes an operation with an input.
func input[In any]() func() {
	return func() { httpapi.Func(func(context.Context, In) (any, error) { return nil, nil }) }
}

type hidden struct {
	A string `query:"a"`
}

// Paging is embedded into inputs.
type Paging struct {
	Page int `query:"page,optional"`
}

// TestFunc_PanicsNameTheMistake has the texts that a programmer sees.
func TestFunc_PanicsNameTheMistake(t *testing.T) {
	t.Parallel()
	type text struct {
		ID string `query:"id"`
	}
	add := func(pattern string) func() {
		return func() {
			new(httpapi.API).Handle(pattern, httpapi.Func(func(context.Context, text) (any, error) { return nil, nil }))
		}
	}
	for want, f := range map[string]func(){
		`httpapi: Func: the input int is no struct; put a body into a struct with the field Body`: input[int](),
		`httpapi: Func: the input func() is no struct; put a body`:                                input[func()](),
		`httpapi: Func: the input http.HandlerFunc is no struct`:                                  input[http.HandlerFunc](),
		`httpapi: Func: the input interface {} is no struct`:                                      input[any](),
		`httpapi: Func: .a has a tag and is not exported`: input[struct {
			a string `query:"a"`
		}](),
		`httpapi: Func: .A has no tag path, query, header, cookie or auth, and is not Body`: input[struct{ A int }](),
		`httpapi: Func: .A: the tag query names nothing`: input[struct {
			A string `query:",optional"`
		}](),
		`httpapi: Func: .A: the tag query has the option "required"; there is only optional`: input[struct {
			A string `query:"a,required"`
		}](),
		`httpapi: Func: .A: the type []string cannot be set from the path;`: input[struct {
			A []string `path:"a"`
		}](),
		`httpapi: Func: .A: the type []string cannot be set from the cookie;`: input[struct {
			A []string `cookie:"a"`
		}](),
		`httpapi: Func: .A: the type *[]string cannot be set from the query;`: input[struct {
			A *[]string `query:"a"`
		}](),
		`httpapi: Func: .A: the default "x" does not fit the type int`: input[struct {
			A int `query:"a" default:"x"`
		}](),
		`httpapi: Func: .A: the default "x" does not fit the type []string`: input[struct {
			A []string `query:"a" default:"x"`
		}](),
		`httpapi: Func: .A: the default "x" must have at least 2 characters`: input[struct {
			A string `query:"a" default:"x" minLength:"2"`
		}](),
		`httpapi: .A: the tag minimum:"x" needs a number, and a field that is one`: input[struct {
			A int `query:"a" minimum:"x"`
		}](),
		`httpapi: .A: the tag maximum:"5" needs a number, and a field that is one`: input[struct {
			A time.Duration `query:"a" maximum:"5"`
		}](),
		`httpapi: .A: the tag minLength:"1" needs a count, and a field that has a length`: input[struct {
			A []int `query:"a" minLength:"1"`
		}](),
		`httpapi: .A: the tag maxLength:"-1" needs a count, and a field that has a length`: input[struct {
			A string `query:"a" maxLength:"-1"`
		}](),
		`httpapi: .A: the tag minItems:"1" needs a count, and a field that has a length`: input[struct {
			A string `query:"a" minItems:"1"`
		}](),
		`httpapi: .A: the tag maxItems:"1" needs a count, and a field that has a length`: input[struct {
			A string `query:"a" maxItems:"1"`
		}](),
		`httpapi: .A: the tag enum:"1,2" is for texts`: input[struct {
			A int `query:"a" enum:"1,2"`
		}](),
		`httpapi: .A: the tag pattern:"1" is for texts, and needs an import of github.com/lambdakit/lambdakit/httpapi/pattern`: input[struct {
			A int `query:"a" pattern:"1"`
		}](),
		`httpapi: .A: the tag pattern:"(" is no regular expression: error parsing regexp`: input[struct {
			A string `query:"a" pattern:"("`
		}](),
		`httpapi: Handle: the pattern "/{id}" has the wildcard {id}, and the input httpapi_test.text has no such path tag`: add("/{id}"),
		`parsing "/{id}/{": `: func() {
			new(httpapi.API).Handle("/{id}/{", httpapi.Func(func(context.Context, struct {
				ID string `path:"id"`
			}) (any, error) {
				return nil, nil
			}))
		},
		`httpapi: Group: the prefix "/v1/" must begin with a slash and end without one`: func() { new(httpapi.API).Group("/v1/") },
		`httpapi: OnError: give an error, and a status from 400 to 599`:                 func() { httpapi.OnError(nil, 400) },
		`httpapi: OnProblem: the function is nil`:                                       func() { httpapi.OnProblem(nil) },
		`parsing "orders": at offset 0: host/path missing /`:                            func() { new(httpapi.API).Group("/v1").Handle("orders", http.NotFoundHandler()) },
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, want) {
					t.Errorf("got the panic %s, want %s", v, want)
				}
			}()
			f()
		}()
	}
	for _, status := range []int{400, 599} {
		httpapi.OnError(http.ErrAbortHandler, status)
	}
}

// Fields of an embedded struct are fields of the input, wherever they stand.
func TestFunc_EmbeddedInputs(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		First string `query:"first"`
		hidden
		Paging
		Last string `query:"last"`
	}) (string, error) {
		return fmt.Sprint(in.First, in.A, in.Last, in.Page), nil
	})
	if w := do(h, "GET", "/?first=1&a=2&last=3&page=4", ""); w.Body.String() != "1234" {
		t.Errorf("got %s, want 1234", w.Body)
	}
	if got, want := problemsOf(do(h, "GET", "/?first=1&last=3", "").Body.String()), "query a is required"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// checkedBody has a method Validate, and so has checkedInput.
type checkedBody struct {
	N    int `json:"n"`
	List []struct {
		A string `json:"a" required:"true"`
	} `json:"list" maxItems:"1"`
}

func (b checkedBody) Validate() error {
	switch b.N {
	case 1:
		return errors.New("n is 1")
	case 2:
		return &httpapi.Error{Status: 409, Detail: "n is 2"}
	case 3:
		return &httpapi.Error{Status: 200, Detail: "n is 3"}
	}
	return nil
}

type checkedInput struct {
	Q    int `query:"q,optional"`
	Body *checkedBody
}

func (i *checkedInput) Validate() error {
	if i.Q == 1 {
		return errors.New("q is 1")
	}
	return nil
}

func TestFunc_Validate(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, checkedInput) (string, error) { return "done", nil })
	for _, c := range []struct{ query, body, want string }{
		{"", `{}`, "200 done"}, {"", ``, "200 done"}, {"", `null`, "200 done"},
		{"?q=1", `{}`, `422 {"title":"Unprocessable Entity","status":422,"detail":"q is 1"}`},
		{"?q=1", `{"n":1}`, `422 {"title":"Unprocessable Entity","status":422,"detail":"q is 1"}`},
		{"", `{"n":1}`, `422 {"title":"Unprocessable Entity","status":422,"problems":[{"in":"body","detail":"n is 1"}]}`},
		{"", `{"n":2}`, `409 {"title":"Conflict","status":409,"detail":"n is 2"}`},
		{"", `{"n":3}`, `422 {"title":"Unprocessable Entity","status":422,"detail":"n is 3"}`},
		{"", `{"list":[{},{}]}`, `422 {"title":"Unprocessable Entity","status":422,"problems":[{"in":"body","name":"list","detail":"must have at most 1 values"}]}`},
		{"", `{"list":[{}]}`, `422 {"title":"Unprocessable Entity","status":422,"problems":[{"in":"body","name":"list[0].a","detail":"is required"}]}`},
	} {
		w := do(h, "POST", "/"+c.query, c.body)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.query, c.body, got, c.want)
		}
	}
}

type titled struct {
	Title string `json:"title" minLength:"3"`
	Note  string `json:"note" minLength:"3"`
}

// renamed hides the title, and its constraint, of the struct in it.
type renamed struct {
	titled
	Heading string `json:"title"`
}

func TestConstraints_OfMembersThatAreHidden(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct{ Body renamed }) (string, error) { return in.Body.Heading, nil })
	for body, want := range map[string]string{
		`{"title":"a"}`:              "",
		`{"title":"a","note":"b"}`:   "body note must have at least 3 characters",
		`{"title":"a","note":"bcd"}`: "",
	} {
		w := do(h, "POST", "/", body)
		if got := problemsOf(w.Body.String()); got != want || (w.Code == 200) != (want == "") {
			t.Errorf("%s: got %d %q, want %q", body, w.Code, got, want)
		}
	}
}

type upperCase [4]byte

func (u *upperCase) UnmarshalText(text []byte) error {
	copy(u[:], strings.ToUpper(string(text)))
	return nil
}

func TestFunc_NamesTheKindOfValueThatFits(t *testing.T) {
	t.Parallel()
	type bytes []byte
	h := httpapi.Func(func(context.Context, struct {
		Body struct {
			Code  upperCase  `json:"code"`
			Codes *upperCase `json:"codes"`
			Photo bytes      `json:"photo"`
			List  []int      `json:"list"`
			Map   map[string]int
		}
	}) (string, error) {
		return "", nil
	})
	for member, want := range map[string]string{
		`"code":[1,2]`: "code must be a string", `"codes":5`: "codes must be a string", `"photo":5`: "photo must be a string",
		`"list":{}`: "list must be an array", `"Map":[]`: "Map must be an object", `"code":"ab","photo":"aGk="`: "",
	} {
		w := do(h, "POST", "/", "{"+member+"}")
		if got := strings.TrimPrefix(problemsOf(w.Body.String()), "body "); got != want || (w.Code == 200) != (want == "") {
			t.Errorf("%s: got %d %q, want %q", member, w.Code, got, want)
		}
	}
}

type price struct {
	Amount int    `json:"amount" minimum:"1" required:"true"`
	Unit   string `json:"unit"`
}

// UnmarshalJSON also accepts a text.
func (p *price) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		*p = price{5, "EUR"}
		return nil
	}
	type plain price
	return json.Unmarshal(b, (*plain)(p))
}

func TestConstraints_OfElementsAndOwnTypes(t *testing.T) {
	t.Parallel()
	type body struct {
		Keys  [][]byte          `json:"keys" maxItems:"2"`
		Raw   []json.RawMessage `json:"raw" maxItems:"2"`
		Grid  [][]int           `json:"grid" minItems:"2"`
		None  []*int            `json:"none" minimum:"1"`
		Ratio float32           `json:"ratio" minimum:"0.1" maximum:"0.3"`
		Price price             `json:"price"`
	}
	h := httpapi.Func(func(context.Context, struct{ Body body }) (string, error) { return "", nil })
	for members, want := range map[string]string{
		`"keys":["aGVsbG8="]`: "", `"keys":["","",""]`: "body keys must have at most 2 values",
		`"raw":[{"a":1}]`: "", `"grid":[[1],[2]]`: "", `"grid":[[1,2]]`: "body grid must have at least 2 values",
		`"none":[null,1]`: "", `"none":[null,0]`: "body none must be at least 1",
		`"ratio":0.1`: "", `"ratio":0.3`: "", `"ratio":0.09`: "body ratio must be at least 0.1", `"ratio":0.31`: "body ratio must be at most 0.3",
		`"price":"5 EUR"`: "", `"price":{"unit":"EUR"}`: "body price.amount is required", `"price":{"amount":0}`: "body price.amount must be at least 1",
	} {
		w := do(h, "POST", "/", `{`+members+`}`)
		if got := problemsOf(w.Body.String()); got != want || (w.Code == 200) != (want == "") {
			t.Errorf("%s: got %d %q, want %q", members, w.Code, got, want)
		}
	}
}

func TestConstraints_NullHasNoMembers(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, struct{ Body struct{ Prices []price } }) (string, error) { return "", nil })
	if w := do(h, "POST", "/", `{"Prices":[null]}`); problemsOf(w.Body.String()) != "body Prices[0].amount is required" {
		t.Errorf("an element: got %d %s, want the missing member", w.Code, w.Body)
	}
	h = httpapi.Func(func(context.Context, struct{ Body price }) (string, error) { return "", nil })
	for _, body := range []string{`{}`, ` { } `} {
		if w := do(h, "POST", "/", body); problemsOf(w.Body.String()) != "body amount is required" {
			t.Errorf("%s: got %d %s, want the missing member", body, w.Code, w.Body)
		}
	}
	h = httpapi.Func(func(context.Context, struct{ Body counted }) (string, error) { return "", nil })
	if w := do(h, "POST", "/", ` null`); problemsOf(w.Body.String()) != "body count is required" {
		t.Errorf("null: got %d %s, want the missing member", w.Code, w.Body)
	}
}

type secretCommon struct {
	User string `auth:"sub"`
}

type withBody struct{ Body string }

type Body struct{ Name string }

// An embedded pointer may be the body.
func TestFunc_EmbeddedBody(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		*Body
		ID string `query:"id,optional"`
	}) (string, error) {
		return in.Body.Name, nil
	})
	if w := do(h, "POST", "/", `{"Name":"ann"}`); w.Code != 200 || w.Body.String() != "ann" {
		t.Errorf("got %d %s, want 200 ann", w.Code, w.Body)
	}
}

func TestFunc_PanicsIfATagWouldBeIgnored(t *testing.T) {
	t.Parallel()
	for want, make := range map[string]func(){
		"secretCommon is embedded as a pointer": input[struct {
			*secretCommon
			ID string `query:"id"`
		}](),
		"Body is a second Body": input[struct {
			Body struct{ A int }
			withBody
		}](),
		"has the tags query and header": input[struct {
			ID string `query:"id" header:"X-Id"`
		}](),
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("got the panic %s, want %q in it", got, want)
				}
			}()
			make()
		}()
	}
}
