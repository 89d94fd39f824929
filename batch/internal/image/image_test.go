package image_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/batch/internal/image"
)

type (
	Text   string
	Octets []byte
	Octet  byte
	Moment time.Time
	Hex    [1]byte
)

func (h *Hex) UnmarshalText(text []byte) error {
	h[0] = text[0]
	return nil
}

type Base struct {
	ID   string `dynamodbav:"id"`
	Kind string
}

type Line struct {
	SKU   string  `dynamodbav:"sku"`
	Price float64 `dynamodbav:"price,omitempty"`
	Next  *Line
}

type hidden struct{ Deep int }

type Order struct {
	Base
	*Line
	hidden
	Kind    int // hides Base.Kind
	Items   []Line
	Quoted  int `dynamodbav:",string"`
	Skipped int `dynamodbav:"-"`
	private int
}

func pointer[T any](v T) *T { return &v }

// cases are images and the values that they decode into.
var cases = map[string]struct {
	image string
	want  any
}{
	"struct": {
		`{"id":{"S":"o-1"},"Kind":{"N":"2"},"sku":{"S":"a"},"Deep":{"N":"7"},"Quoted":{"S":"5"},"Skipped":{"N":"1"},"private":{"N":"1"},"unknown":{"M":{"x":{"L":[]}}},
		 "Items":{"L":[{"M":{"price":{"N":"8.50"},"Next":{"M":{"sku":{"S":"b"}}}}},{"NULL":true}]}}`,
		Order{Base: Base{ID: "o-1"}, Line: &Line{SKU: "a"}, hidden: hidden{7}, Kind: 2, Quoted: 5, private: 0, Items: []Line{{Price: 8.5, Next: &Line{SKU: "b"}}, {}}},
	},
	"names without case":     {`{"ID":{"S":"x"},"kind":{"S":"y"}}`, Base{"x", "y"}},
	"equal name wins, first": {`{"id":{"S":"a"},"ID":{"S":"b"}}`, Base{ID: "a"}},
	"equal name wins, last":  {`{"ID":{"S":"b"},"iD":{"S":"c"},"id":{"S":"a"}}`, Base{ID: "a"}},
	"equal name, null":       {`{"ID":{"S":"b"},"id":{"NULL":true}}`, Base{}},
	"escapes":                {`{"\u0069d":{"\u0053":"\u00e9\n\"\ud83d\ude00é"}}`, Base{ID: "é\n\"😀é"}},
	"white space":            {" {\r\n\t\"id\" : { \"S\" : \"x\" } , \"Kind\":{\"S\":\"y\"} } \n", Base{"x", "y"}},
	"integers": {`{"A":{"N":"-128"},"B":{"N":"255"},"C":{"N":"9223372036854775807"}}`, struct {
		A int8
		B uint8
		C int64
	}{-128, 255, 9223372036854775807}},
	"floats": {`{"A":{"N":"1.5"},"B":{"N":"1E+2"}}`, struct {
		A float32
		B float64
	}{1.5, 100}},
	"numbers as text": {`{"A":{"N":"8.50"},"B":{"N":"1"}}`, struct {
		A json.Number
		B Text
	}{"8.50", "1"}},
	"times": {`{"A":{"S":"2026-11-29T00:50:00Z"},"B":{"N":"5"},"C":{"N":"6"}}`, struct {
		A time.Time
		B Moment
		C time.Time `dynamodbav:",unixtime"`
	}{time.Date(2026, 11, 29, 0, 50, 0, 0, time.UTC), Moment(time.Unix(5, 0)), time.Unix(6, 0)}},
	"binary": {`{"A":{"B":"aGk="},"B":{"B":"aGk="},"C":{"B":"aGk="},"D":{"B":"aGk="},"E":{"B":""}}`, struct {
		A []byte
		B Octets
		C [2]byte
		D []Octet
		E []byte
	}{[]byte("hi"), Octets("hi"), [2]byte{'h', 'i'}, []Octet{'h', 'i'}, []byte{}}},
	"sets": {`{"A":{"SS":["a","b"]},"B":{"NS":["1","2"]},"C":{"BS":["aGk="]},"D":{"NS":["1"]},"E":{"SS":["a"]}}`, struct {
		A []string
		B []int
		C [][]byte
		D []any
		E []*string
	}{[]string{"a", "b"}, []int{1, 2}, [][]byte{[]byte("hi")}, []any{1.0}, []*string{pointer("a")}}},
	"lists": {`{"A":{"L":[]},"B":{"L":[{"N":"1"},{"NULL":true}]},"C":{"L":[{"BOOL":true},{"S":"x"}]}}`, struct {
		A []int
		B []*int
		C []any
	}{[]int{}, []*int{pointer(1), nil}, []any{true, "x"}}},
	"arrays": {`{"A":{"L":[{"N":"1"}]},"B":{"SS":["a","b","c"]}}`, struct {
		A [2]int
		B [2]string
	}{[2]int{1, 0}, [2]string{"a", "b"}}},
	"pointers": {`{"A":{"S":"x"},"B":{"NULL":true},"C":{"M":{}}}`, struct {
		A **string
		B *string
		C *Line
	}{pointer(pointer("x")), nil, &Line{}}},
	"map": {`{"a":{"N":"1"},"b":{"NULL":true}}`, map[string]int{"a": 1, "b": 0}},
	"keys": {`{"A":{"M":{"-1":{"S":"x"}}},"B":{"M":{"true":{"S":"x"}}},"C":{"M":{"f":{"S":"x"}}},"D":{"M":{"1.5":{"S":"x"}}}}`, struct {
		A map[int8]Text
		B map[bool]string
		C map[Hex]string
		D map[float64]string
	}{map[int8]Text{-1: "x"}, map[bool]string{true: "x"}, map[Hex]string{{'f'}: "x"}, map[float64]string{1.5: "x"}}},
	"any": {`{"s":{"S":"x"},"n":{"N":"8.50"},"b":{"B":"aGk="},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"N":"1"}]},"m":{"M":{"a":{"S":"b"}}},"ss":{"SS":["a"]},"ns":{"NS":["1"]},"bs":{"BS":["aGk="]}}`, any(map[string]any{"s": "x", "n": 8.5, "b": []byte("hi"), "t": true, "z": nil, "l": []any{1.0}, "m": map[string]any{"a": "b"}, "ss": []string{"a"}, "ns": []float64{1}, "bs": [][]byte{[]byte("hi")}})},
	"quoted number for an any": {`{"A":{"S":"5"}}`, struct {
		A any `dynamodbav:",string"`
	}{5.0}},
	"invalid UTF-8": {"{\"id\":{\"S\":\"\xff\"}}", Base{ID: "\ufffd"}},
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reflect.New(reflect.TypeOf(c.want))
			if err := image.Unmarshal([]byte(c.image), got.Interface()); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Elem().Interface(), c.want) {
				t.Errorf("got %+v, want %+v", got.Elem(), c.want)
			}
		})
	}
}

func TestAnInterfaceGetsAMap(t *testing.T) {
	t.Parallel()
	var got any
	if err := image.Unmarshal([]byte(`{"a":{"N":"1"}}`), &got); err != nil {
		t.Fatal(err)
	}
	if want := (map[string]any{"a": 1.0}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Nothing of the image is kept, as it belongs to the runtime.
func TestNothingOfTheImageIsKept(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":{"S":"text"},"b":{"B":"aGk="},"c":{"SS":["member"]}}`)
	var got, want map[string]any
	if err := image.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	image.Unmarshal([]byte(string(text)), &want)
	clear(text)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	type Embeds struct{ *hidden }
	for text, c := range map[string]struct {
		v    any
		want string
	}{
		`{"Items":{"L":[{"M":{}},{"M":{"price":{"S":"secret"}}}]}}`: {&Order{}, "image: Items[].Price: cannot decode the DynamoDB type S into float64"},
		`{"a":{"L":[{"N":"secret"}]}}`:                              {&map[string][]int{}, "image: [][]: the value of DynamoDB type N is not valid for int"},
		`{"N":{"N":"256"}}`:                                         {&struct{ N uint8 }{}, "image: N: the value of DynamoDB type N is not valid for uint8"},
		`{"N":{"N":"-1"}}`:                                          {&struct{ N uint }{}, "image: N: the value of DynamoDB type N is not valid for uint"},
		`{"N":{"N":"1e39"}}`:                                        {&struct{ N float32 }{}, "image: N: the value of DynamoDB type N is not valid for float32"},
		`{"N":{"N":"secret"}}`:                                      {&struct{ N any }{}, "image: N: the value of DynamoDB type N is not valid for float64"},
		`{"T":{"S":"secret"}}`:                                      {&struct{ T time.Time }{}, "image: T: the value of DynamoDB type S is not valid for time.Time"},
		`{"B":{"B":"secret!"}}`:                                     {&struct{ B []byte }{}, "image: B: the value of DynamoDB type B is not valid for []uint8"},
		`{"B":{"B":"aGk="}}`:                                        {&struct{ B [3]byte }{}, "image: B: the value of DynamoDB type B is not valid for [3]uint8"},
		`{"B":{"B":"aGk="},"b":{}}`:                                 {&struct{ B string }{}, "image: B: cannot decode the DynamoDB type B into string"},
		`{"F":{"BOOL":true}}`:                                       {&struct{ F func() }{}, "image: F: cannot decode the DynamoDB type BOOL into func()"},
		`{"F":{"S":"secret"}}`:                                      {&struct{ F error }{}, "image: F: cannot decode the DynamoDB type S into error"},
		`{"F":{"SS":["secret"]}}`:                                   {&struct{ F string }{}, "image: F: cannot decode the DynamoDB type SS into string"},
		`{"secret":{"S":"secret"}}`:                                 {&map[int]string{}, "image: the name of an attribute is not valid for the key of map[int]string"},
		`{"secret":{"S":"x"}}`:                                      {&map[any]string{}, "image: cannot decode the DynamoDB type M into map[interface {}]string"},
		`{"secret":{"S":"a"},"secret":{"S":"b"}}`:                   {&map[string]any{}, "image: two attributes have the same name"},
		`{"1":{"S":"a"},"01":{"S":"b"}}`:                            {&map[int]any{}, "image: two attributes have the same name"},
		`{"id":{"S":"secret"},"id":{"S":"secret"}}`:                 {&Order{}, "image: ID: two attributes have the same name"},
		`{"id":{"S":"secret","N":"1"}}`:                             {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{"secret":"x"}}`:                                     {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{}}`:                                                 {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":null}`:                                               {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{"S":5}}`:                                            {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{"S":"\x"}}`:                                         {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{"NULL":5}}`:                                         {&Order{}, "image: ID: not the JSON of DynamoDB attributes"},
		`{"id":{"S":"x"},}`:                                         {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`{"id":{"S":"x"}`:                                           {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`{"unknown":`:                                               {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`{} {}`:                                                     {&Order{}, "image: not the JSON of DynamoDB attributes"},
		``:                                                          {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`null`:                                                      {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`[]`:                                                        {&Order{}, "image: not the JSON of DynamoDB attributes"},
		`{"Deep":{"N":"1"}}`:                                        {&Embeds{}, "image: Deep: cannot set the embedded pointer to the unexported struct image_test.hidden"},
		`{ }`:                                                       {new(int), "image: cannot decode the DynamoDB type M into int"},
		` {}`:                                                       {Order{}, "image: cannot decode into image_test.Order, which is not a pointer to a value"},
		`{}  `:                                                      {nil, "image: cannot decode into <nil>, which is not a pointer to a value"},
		` {} `:                                                      {(*Order)(nil), "image: cannot decode into *image_test.Order, which is not a pointer to a value"},
	} {
		err := image.Unmarshal([]byte(text), c.v)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, c.want)
		}
	}
}

// Hostile images end in an error, in time and memory that are linear in their length.
func TestHostileImages(t *testing.T) {
	t.Parallel()
	type Recursive struct{ A []Recursive }
	const million = 1_000_000
	deep := func(n int) string {
		return `{"A":` + strings.Repeat(`{"L":[`, n) + strings.Repeat(`]}`, n) + `}`
	}
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"lists":         {deep(million), "nested deeper than 100 levels"},
		"101 lists":     {deep(101), "nested deeper than 100 levels"},
		"100 lists":     {deep(100), ""},
		"maps":          {strings.Repeat(`{"A":{"M":`, million), "nested deeper than 100 levels"},
		"brackets":      {strings.Repeat("[", 6*million), "not the JSON"},
		"braces":        {strings.Repeat("{", 6*million), "not the JSON"},
		"open value":    {`{"A":{"L":[` + strings.Repeat(`{"NULL":true},`, million/4), "not the JSON"},
		"open string":   {`{"A":{"S":"` + strings.Repeat(`x`, 6*million), "not the JSON"},
		"escapes":       {`{"A":{"S":"` + strings.Repeat(`\u0000`, million) + `\x"}}`, "not the JSON"},
		"long name":     {`{"A":{"` + strings.Repeat(`S`, 6*million) + `":""}}`, "not the JSON"},
		"long number":   {`{"A":{"N":"` + strings.Repeat(`9`, 6*million) + `"}}`, "not valid for float64"},
		"invalid bytes": {`{"A":{"B":"` + strings.Repeat(`A`, 6*million-1) + `"}}`, "not valid for []uint8"},
		"one name":      {`{` + strings.Repeat(`"A":{"S":""},`, million/4) + `"A":{"S":""}}`, "the same name"},
	} {
		t.Run(name, func(t *testing.T) {
			var anything any
			check(t, image.Unmarshal([]byte(c.text), &anything), c.want)
		})
	}
	for _, text := range []string{
		`{"A":{"L":[{"M":` + strings.Repeat(`{"A":{"L":[{"M":`, million),
		`{"unknown":` + strings.Repeat(`{"x":`, million),
	} {
		if err := image.Unmarshal([]byte(text), &Recursive{}); err == nil {
			t.Errorf("%.20s...: got no error", text)
		}
	}
}

func check(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("got %.200v, want %q", err, want)
	}
}

// Fields of structs with more than 64 fields are found like those of small structs.
func TestManyFields(t *testing.T) {
	t.Parallel()
	var fs []reflect.StructField
	for i := range 100 {
		fs = append(fs, reflect.StructField{Name: "F" + strings.Repeat("x", i), Type: reflect.TypeFor[int]()})
	}
	v := reflect.New(reflect.StructOf(fs))
	if err := image.Unmarshal([]byte(`{"F":{"N":"1"},"F`+strings.Repeat("X", 99)+`":{"N":"2"}}`), v.Interface()); err != nil {
		t.Fatal(err)
	}
	if first, last := v.Elem().Field(0).Int(), v.Elem().Field(99).Int(); first != 1 || last != 2 {
		t.Errorf("got %d and %d, want 1 and 2", first, last)
	}
}
