package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/logging"
)

//lint:file-ignore U1000,SA5008,SA9005 encoding/json is the oracle for fields and tags of every kind

type sevenIsZero struct{ N int }

func (s sevenIsZero) IsZero() bool { return s.N == 7 }

type (
	taggedName struct {
		N int `json:"N"`
	}
	untaggedName    struct{ N int }
	otherTaggedName struct {
		N int `json:"N"`
	}
	nestedTaggedName struct {
		N int `json:"N"`
		*deepName
	}
	deepName    struct{ N, M int }
	oneOfDeep   struct{ *deepName }
	otherOfDeep struct{ *deepName }
)

// A struct with an error is not encoded by encoding/json.
func TestStructs_WithErrorsFollowTheTags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"zero by its method": {struct {
			A   sevenIsZero `json:"a,omitzero"`
			B   sevenIsZero `json:"b,omitzero"`
			Err error
		}{sevenIsZero{7}, sevenIsZero{0}, errors.New("x")}, `"v":{"b":{"N":0},"Err":`},
		"a nil pointer is zero, whatever its method": {struct {
			A   *sevenIsZero `json:"a,omitzero"`
			Err error
		}{nil, errors.New("x")}, `"v":{"Err":`},
		"a quoted nil is null": {struct {
			N   *int `json:"n,string"`
			M   int  `json:"m,string"`
			Err error
		}{nil, 7, errors.New("x")}, `"v":{"n":null,"m":"7","Err":`},
		"a tagged name wins": {struct {
			untaggedName
			taggedName
			Err error
		}{untaggedName{1}, taggedName{2}, errors.New("x")}, `"v":{"N":2,"Err":`},
		"of two tagged names none": {struct {
			*taggedName // go vet does not look into it
			*otherTaggedName
			Err error
		}{&taggedName{1}, &otherTaggedName{2}, errors.New("x")}, `"v":{"Err":`},
		"of a type embedded twice none": {struct {
			*oneOfDeep
			*otherOfDeep
			Err error
		}{&oneOfDeep{&deepName{1, 2}}, &otherOfDeep{&deepName{3, 4}}, errors.New("x")}, `"v":{"Err":`},
		"two tagged names hide a deeper one": {struct {
			*taggedName
			*nestedTaggedName
			Err error
		}{&taggedName{1}, &nestedTaggedName{2, &deepName{3, 4}}, errors.New("x")}, `"v":{"M":4,"Err":`},
	} {
		var b bytes.Buffer
		slog.New(logging.New(&logging.Options{Writer: &b})).Info("m", "v", c.v)
		if !strings.Contains(b.String(), c.want) {
			t.Errorf("%s: got %s, want %s", name, &b, c.want)
		}
	}
}

type hiddenName struct{ Name string }

// PublicName is exported, so its fields are those of the struct that embeds it.
type PublicName struct{ Name string }

type hiddenInt int

type intPointer *int

type PublicInt int

// Options of tags in every order, and names of every kind, as encoding/json has them.
func TestStructs_TagsLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	type loop struct {
		N int
		*loop
	}
	zero := 0
	for _, v := range []any{
		&struct {
			A int        `json:"a,omitempty,string"`
			B int        `json:"b,string,omitempty"`
			C int        `json:"c,omitzero,string"`
			D float64    `json:",string"`
			E string     `json:"e,string"`
			F bool       `json:"f,string,omitzero"`
			G []int      `json:"g,string"`
			H *int       `json:"h,string"`
			I *int       `json:"i,string,omitempty"`
			J any        `json:"j,string"`
			K int        `json:"k,strings"`
			L intPointer `json:"l,string"`
			M *string    `json:"m,string"`
			N **int      `json:"n,string"`
			X any
		}{L: &zero, A: 1, B: 2, C: 3, D: 1.5, E: `q"`, F: true, G: []int{1}, H: &zero, J: 1, K: 4},
		&struct {
			A int            `json:"a,omitempty"`
			B string         `json:"b,omitempty"`
			C []int          `json:"c,omitempty"`
			D map[string]int `json:"d,omitempty"`
			E [0]int         `json:"e,omitempty"`
			F [1]int         `json:"f,omitempty"`
			G struct{}       `json:"g,omitempty"`
			H any            `json:"h,omitempty"`
			I *int           `json:"i,omitempty"`
			J bool           `json:"j,omitempty"`
			K float64        `json:"k,omitempty"`
			L uint8          `json:"l,omitempty"`
			M func()         `json:"-"`
			X any
		}{C: []int{}, D: map[string]int{}, I: &zero},
		&struct {
			A int             `json:"a,omitzero"`
			C []int           `json:"c,omitzero"`
			D map[string]int  `json:"d,omitzero"`
			F [1]int          `json:"f,omitzero"`
			G struct{ N int } `json:"g,omitzero"`
			H any             `json:"h,omitzero"`
			I *int            `json:"i,omitzero"`
			J sevenIsZero     `json:"j,omitzero"`
			K *sevenIsZero    `json:"k,omitzero"`
			L pointerZero     `json:"l,omitzero"`
			M any             `json:"m,omitzero"`
			X any
		}{C: []int{}, I: &zero, J: sevenIsZero{7}, K: &sevenIsZero{7}, L: pointerZero{7}, M: sevenIsZero{7}},
		struct { // its fields have no address
			L pointerZero                `json:"l,omitzero"`
			M interface{ IsZero() bool } `json:"m,omitzero"`
			N interface{ IsZero() bool } `json:"n,omitzero"`
			O interface{ IsZero() bool } `json:"o,omitzero"`
			P *pointerZero               `json:"p,omitzero"`
			Q any                        `json:"q,omitzero"`
			X any
		}{L: pointerZero{7}, M: sevenIsZero{7}, N: sevenIsZero{0}, O: (*pointerZero)(nil), P: &pointerZero{7}, Q: (*pointerZero)(nil)},
		struct {
			A int `json:"with space"`
			B int `json:"!#$%&()*+-./:;<=>?@[]^_{|}~ "`
			C int `json:"back\\slash"`
			D int `json:"quote'"`
			E int `json:"ключ9"`
			F int `json:"-,"`
			G int `json:"-"`
			H int `json:","`
			I int `xml:"i"`
			X any
		}{1, 2, 3, 4, 5, 6, 7, 8, 9, nil},
		struct {
			hiddenName
			N int
			X any
		}{hiddenName{"hidden"}, 1, nil},
		struct {
			PublicName `json:"public"`
			X          any
		}{PublicName{"public"}, nil},
		struct {
			*PublicName
			hiddenInt
			X any
		}{nil, 7, nil},
		struct {
			PublicInt
			fmt.Formatter
			X any
		}{7, nil, nil},
		struct {
			*PublicName
			Name string
			X    any
		}{&PublicName{"below"}, "above", nil},
		struct {
			PublicName
			hiddenName
			X any
		}{PublicName{"a"}, hiddenName{"b"}, nil},
		loop{1, &loop{2, nil}},
	} {
		var want strings.Builder
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		slog.New(logging.New(&logging.Options{Writer: &b})).Info("m", "v", []any{v, errors.New("x")})
		if want := `"v":[` + strings.TrimSpace(want.String()) + `,{"message"`; !strings.Contains(b.String(), want) {
			t.Errorf("%T:\ngot  %s\nwant %s", v, &b, want)
		}
	}
}

// pointerZero has IsZero with a pointer.
type pointerZero struct{ N int }

func (p *pointerZero) IsZero() bool { return p.N == 7 }

type hiddenFailure struct{ Err error }

// An error is found wherever a type holds it.
func TestStructs_ErrorsInsideAreFound(t *testing.T) {
	t.Parallel()
	const e = `{"message":"x","type":"*errors.errorString"}`
	err := errors.New("x")
	type tree struct {
		Sub []*tree `json:",omitempty"`
		Err error
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{struct {
			hiddenFailure
			N int
		}{hiddenFailure{err}, 1}, `{"Err":` + e + `,"N":1}`},
		{struct {
			*hiddenFailure
			N int
		}{&hiddenFailure{err}, 1}, `{"Err":` + e + `,"N":1}`},
		{struct {
			A struct{ B []map[string]*hiddenFailure }
		}{struct{ B []map[string]*hiddenFailure }{[]map[string]*hiddenFailure{{"k": {err}}}}}, `{"A":{"B":[{"k":{"Err":` + e + `}}]}}`},
		{[1][1]error{{err}}, `[[` + e + `]]`},
		{&tree{[]*tree{{nil, err}}, nil}, `{"Sub":[{"Err":` + e + `}],"Err":null}`},
		{struct {
			F func() `json:"-"`
			E error  `json:"-"`
			g error
			N int
		}{nil, err, err, 1}, `{"N":1}`},
		{struct {
			F func()
			C chan int
			N int
		}{N: 1}, `{"F":null,"C":"!ERROR: json: unsupported type: chan int","N":1}`},
		{map[string]any{"c": complex(1, 2), "f": func() {}}, `{"c":"!ERROR: json: unsupported type: complex128","f":"!ERROR: json: unsupported type: func()"}`},
	} {
		var b bytes.Buffer
		slog.New(logging.New(&logging.Options{Writer: &b})).Info("m", "v", c.v)
		if want := `"v":` + c.want + "}\n"; !strings.HasSuffix(b.String(), want) {
			t.Errorf("%T: got %s, want %s", c.v, &b, want)
		}
	}
}
