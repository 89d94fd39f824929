package params_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

type Base struct {
	Region string `param:"region"`
}

type quietBase struct {
	Zone string `param:"zone"`
}

type settings struct {
	Base
	quietBase
	DB struct {
		URL string           `param:"/shop/url"`
		Key lambdakit.Secret `param:"/shop/key"`
	}
	Timeout time.Duration    `param:"timeout" default:"3s"`
	Port    *int             `param:"port"`
	Ratio   float32          `param:"ratio"`
	On      bool             `param:"on,required"`
	Small   uint8            `param:"small"`
	List    []string         `param:"list"`
	Raw     []byte           `param:"raw"`
	Cert    []byte           `param:"cert,base64"`
	Plain   string           `param:"cert, base64"`
	Addr    netip.Addr       `param:"addr"`
	AddrPtr *netip.Addr      `param:"addr"`
	Since   time.Time        `param:"since"`
	Limits  map[string][]int `param:"limits,json"`
	Any     any              `param:"limits,json"`
	Banner  string           `param:"banner,optional"`
	Both    int              `param:"both,optional" default:"7"`
	Empty   string           `param:"none" default:""`
	Kept    string
	inner   string
}

var full = []string{
	"region", "eu", "zone", "a", "/shop/url", "https://x", "/shop/key", "hunter2", "port", " 80 ", "ratio", "0.5", "on", "true",
	"small", "255", "list", "a, b,c", "raw", " raw\n", "cert", "aGk=", "addr", "::1", "since", "2020-01-01T00:00:00Z", "limits", `{"a":[1]}`,
}

func TestLoadFillsEverything(t *testing.T) {
	t.Parallel()
	f := newFake(full...)
	got := settings{Banner: "as it was", Kept: "kept", inner: "kept"}
	if err := params.Load(t.Context(), open(t, many{f}, nil), &got); err != nil {
		t.Fatal(err)
	}
	port, addr := 80, netip.MustParseAddr("::1")
	want := settings{
		Base: Base{"eu"}, quietBase: quietBase{"a"}, Timeout: 3 * time.Second, Port: &port, Ratio: 0.5, On: true, Small: 255,
		List: []string{"a", "b", "c"}, Raw: []byte(" raw\n"), Cert: []byte("hi"), Plain: "hi", Addr: addr, AddrPtr: &addr,
		Since: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Limits: map[string][]int{"a": {1}}, Any: map[string]any{"a": []any{1.0}},
		Banner: "as it was", Both: 7, Kept: "kept", inner: "kept",
	}
	want.DB.URL, want.DB.Key = "https://x", lambdakit.NewSecret("hunter2")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n%+v\n%+v", got, want)
	}
	wantCalls(t, f, 1)
	if n := len(f.batch[0]); n != 18 { // each name once
		t.Errorf("got %d names (%q), want 18", n, f.batch[0])
	}
}

func TestLoadTellsAllThatIsWrongAndNoValue(t *testing.T) {
	t.Parallel()
	f := newFake("int", "hunter2", "json", `{"hunter2":`, "b64", "~hunter2", "dur", "hunter2", "addr", "hunter2", "ok", "fine", "uint8", "256")
	f.fail("denied", params.WithKind(errDown, params.ErrAccessDenied))
	type bad struct {
		Int    int            `param:"int"`
		JSON   map[string]int `param:"json,json"`
		B64    []byte         `param:"b64,base64"`
		Dur    time.Duration  `param:"dur"`
		Addr   netip.Addr     `param:"addr"`
		OK     string         `param:"ok"`
		Small  uint8          `param:"uint8"`
		Denied string         `param:"denied" default:"hunter2"`
		None   string         `param:"none"`
		Nested struct {
			Default int `param:"none" default:"hunter2"`
		}
	}
	for name, source := range map[string]params.Source{"many": many{f}, "one": f} {
		got := bad{Int: 5}
		err := params.Load(t.Context(), open(t, source, nil), &got)
		if err == nil || !errors.Is(err, params.ErrNotFound) || !errors.Is(err, params.ErrAccessDenied) || !errors.Is(err, errDown) {
			t.Fatalf("%s: got %v, want the errors of all fields", name, err)
		}
		for _, part := range []string{
			"field Int", `"int"`, "field JSON", `"json"`, "field B64", "field Dur", "field Addr", "field Small", "field Denied", `"denied"`,
			"field None", `"none"`, "field Nested.Default",
		} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %v, want it to contain %s", name, err, part)
			}
		}
		if shown := fmt.Sprintf("%v %#v", err, err); strings.Contains(shown, "hunter2") || strings.Contains(shown, "256") || strings.Contains(shown, "field OK") {
			t.Errorf("%s: got %s, want no value and no field that was filled", name, shown)
		}
		if !reflect.DeepEqual(got, bad{Int: 5}) {
			t.Errorf("%s: changed: %+v", name, got)
		}
	}
}

// A caller tells a wrong value from a missing one in the same way everywhere.
func TestLoadTellsOfDecodeErrors(t *testing.T) {
	t.Parallel()
	var dst struct {
		Int int `param:"int"`
	}
	err := params.Load(t.Context(), open(t, newFake("int", "x"), nil), &dst)
	if d, ok := errors.AsType[*params.DecodeError](err); !ok || d.Name != "int" {
		t.Errorf("got %v, want a *DecodeError of int in the chain", err)
	}
}

func TestLoadLeavesTheStructAsItWas(t *testing.T) {
	t.Parallel()
	dst := struct {
		Big  big.Int `param:"big"`
		None string  `param:"none"`
	}{Big: *big.NewInt(5)}
	if err := params.Load(t.Context(), open(t, newFake("big", "7"), nil), &dst); err == nil || dst.Big.Int64() != 5 {
		t.Errorf("got %v, %v, want 5 and an error", dst.Big.Int64(), err)
	}
}

func TestLoadOfWhatItCannotFill(t *testing.T) {
	t.Parallel()
	f := newFake("a", "1")
	cache := open(t, f, nil)
	var nothing *settings
	n := 5
	for name, dst := range map[string]any{
		"nil": nil, "nil pointer": nothing, "struct": settings{}, "no struct": &n,
		"unexported": &struct {
			a string `param:"a"`
		}{},
		"channel": &struct {
			A chan int `param:"a"`
		}{},
		"map": &struct {
			A map[string]string `param:"a"`
		}{},
		"pointer to pointer": &struct {
			A **int `param:"a"`
		}{},
		"ints": &struct {
			A []int `param:"a"`
		}{},
		"interface": &struct {
			A any `param:"a"`
		}{},
		"option": &struct {
			A string `param:"a,optinal"`
		}{},
		"no name": &struct {
			A string `param:",json"`
		}{},
		"base64 of a number": &struct {
			A int `param:"a,base64"`
		}{},
		"pointer to an int": &struct {
			A *struct{} `param:"a"`
		}{},
		"environment": &struct {
			A string `param:"/${LAMBDAKIT_NO_SUCH_VARIABLE}/a" default:"x"`
		}{},
	} {
		err := params.Load(t.Context(), cache, dst)
		if err == nil || !strings.HasPrefix(err.Error(), "params: load: ") {
			t.Errorf("%s: got %v, want an error of load", name, err)
		}
		if name == "environment" && (!strings.Contains(err.Error(), "LAMBDAKIT_NO_SUCH_VARIABLE") || !strings.Contains(err.Error(), "field A")) {
			t.Errorf("got %v, want the names of the field and the variable", err)
		}
	}
	wantCalls(t, f, 0)
	var none struct{ A string }
	if err := params.Load(t.Context(), cache, &none); err != nil {
		t.Error(err)
	}
}

func TestLoad_ErrorsOfValues(t *testing.T) {
	t.Parallel()
	f := newFake("x", "x", "y", "~", "denied", "")
	f.fail("denied", params.ErrAccessDenied)
	var dst struct {
		JSON    []int  `param:"x,json"`
		Base64  []byte `param:"y,base64"`
		Int     *int   `param:"x"`
		Default int    `param:"none" default:"x"`
		Denied  string `param:"denied,optional"`
	}
	err := params.Load(t.Context(), open(t, f, nil), &dst)
	want := `params: load: field JSON: the value of parameter "x" does not decode as JSON that fits []int
field Base64: the value of parameter "y" does not decode as base64
field Int: the value of parameter "x" does not decode as *int
field Default: the default of parameter "none" does not decode as int
field Denied: params: get "denied": access denied`
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every kind of field refuses a text that does not fit, alone and behind a pointer.
func TestLoad_RefusesTextOfEachKind(t *testing.T) {
	t.Parallel()
	type dst struct {
		Bool     bool          `param:"bad"`
		Int      int           `param:"bad"`
		Int8     int8          `param:"large"`
		Uint     uint          `param:"negative"`
		Float    float64       `param:"bad"`
		Float32  float32       `param:"huge"`
		Duration time.Duration `param:"bad"`
		Addr     netip.Addr    `param:"bad"`
		Pointer  *bool         `param:"bad"`
	}
	err := params.Load(t.Context(), open(t, newFake("bad", "x", "large", "128", "negative", "-1", "huge", "1e39"), nil), new(dst))
	for field := range reflect.TypeFor[dst]().Fields() {
		if !strings.Contains(fmt.Sprint(err), "field "+field.Name+": ") {
			t.Errorf("got %v, want an error of the field %s", err, field.Name)
		}
	}
}

func TestLoad_ErrorsOfTags(t *testing.T) {
	t.Parallel()
	var tags struct {
		None   string `param:""`
		Open   string `param:"/${STAGE"`
		Empty  string `param:"/${:-x}"`
		Unset  string `param:"/${LAMBDAKIT_NO_SUCH_VARIABLE}"`
		Base64 int    `param:"a,base64"`
		Func   func() `param:"a"`
		Option string `param:"a,maybe"`
	}
	err := params.Load(t.Context(), open(t, newFake(), nil), &tags)
	want := `params: load: field None: its tag has no name of a parameter
field Open: a ${ in its tag is not closed or has no name of an environment variable
field Empty: a ${ in its tag is not closed or has no name of an environment variable
field Unset: the environment variable LAMBDAKIT_NO_SUCH_VARIABLE in its tag is not set
field Base64: the option base64 is for []byte and string, not for int
field Func: a func() needs the option json
field Option: unknown option "maybe" in its tag: use json, base64, optional or required, and the tag default for a default`
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadExpandsAnEmptyAlternative(t *testing.T) {
	t.Parallel()
	var dst struct {
		A string `param:"/shop${LAMBDAKIT_NO_SUCH_VARIABLE:-}/a"`
		B string `param:"/shop${LAMBDAKIT_NO_SUCH_VARIABLE:--b}/b"`
	}
	err := params.Load(t.Context(), open(t, newFake("/shop/a", "1", "/shop-b/b", "2"), nil), &dst)
	if err != nil || dst.A != "1" || dst.B != "2" {
		t.Errorf("got %+v, %v", dst, err)
	}
}

func TestLoadExpandsTheEnvironment(t *testing.T) {
	t.Setenv("LAMBDAKIT_STAGE", "prod, $HOME ${X}")
	f := newFake("/shop/prod, $HOME ${X}/url", "u")
	var dst struct {
		URL string `param:"/shop/${LAMBDAKIT_STAGE}/url,required"`
	}
	if err := params.Load(t.Context(), open(t, f, nil), &dst); err != nil || dst.URL != "u" {
		t.Errorf("got %q, %v, want u", dst.URL, err)
	}
}

// A template with a typing error must not ask for some other parameter.
func TestLoadOfATemplateThatIsNotClosed(t *testing.T) {
	t.Setenv("STAGE", "prod")
	f := newFake("/shop/STAGE/url", "wrong", "/shop//url", "wrong")
	for name, dst := range map[string]any{
		"not closed": &struct {
			URL string `param:"/shop/${STAGE/url"`
		}{},
		"empty": &struct {
			URL string `param:"/shop/${}/url"`
		}{},
	} {
		if err := params.Load(t.Context(), open(t, f, nil), dst); err == nil || errors.Is(err, params.ErrNotFound) {
			t.Errorf("%s: got %v and fetches of %q, want an error of the tag", name, err, f.single)
		}
	}
}

type panicky struct{}

func (*panicky) UnmarshalText([]byte) error { panic("hunter2") }

func TestLoadWithAnUnmarshalerThatPanics(t *testing.T) {
	t.Parallel()
	var dst struct {
		A panicky  `param:"a"`
		B *panicky `param:"a"`
	}
	err := params.Load(t.Context(), open(t, newFake("a", "hunter2"), nil), &dst)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "field A") || !strings.Contains(err.Error(), "field B") {
		t.Errorf("got %v, want errors of both fields without their values", err)
	}
}

func TestLoadOfAView(t *testing.T) {
	t.Parallel()
	f := newFake("a", "1")
	cache := open(t, f, nil)
	var dst struct {
		A string `param:"a"`
	}
	for i := range 3 {
		if err := params.Load(t.Context(), cache.Fresh(), &dst); err != nil || dst.A != "1" {
			t.Errorf("got %q, %v, want 1", dst.A, err)
		}
		wantCalls(t, f, i+1)
	}
}

func TestLoadWithACancelledContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(full...)
		f.slow(time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var dst settings
		if err := params.Load(ctx, open(t, many{f}, nil), &dst); !errors.Is(err, context.Canceled) || !reflect.DeepEqual(dst, settings{}) {
			t.Errorf("got %v, %+v, want context.Canceled and an empty struct", err, dst)
		}
		time.Sleep(time.Minute)
	})
}
