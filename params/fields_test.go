package params_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

type database struct {
	URL  string `param:"/shop/url"`
	Port *int   `param:"port"`
}

// load fills dst from full.
func load(t *testing.T, dst any) error {
	t.Helper()
	return params.Load(t.Context(), open(t, many{newFake(full...)}, nil), dst)
}

func TestLoad_NilPointersGetStructs(t *testing.T) {
	t.Parallel()
	var dst struct {
		DB   *database
		Deep *struct{ DB *struct{ Base *Base } }
		*Base
		None *struct{ Region string }
	}
	if err := load(t, &dst); err != nil {
		t.Fatal(err)
	}
	if dst.DB.URL != "https://x" || *dst.DB.Port != 80 || dst.Deep.DB.Base.Region != "eu" || dst.Region != "eu" {
		t.Errorf("got %+v, want all filled", dst)
	}
	if dst.None != nil {
		t.Errorf("got %+v for a pointer without tags behind it, want nil", dst.None)
	}
}

func TestLoad_PointersThatAreSetAreFilledInPlace(t *testing.T) {
	t.Parallel()
	db, base := &database{URL: "as it was"}, quietBase{Zone: "as it was"}
	dst := struct {
		DB *database
		*quietBase
	}{DB: db, quietBase: &base}
	if err := load(t, &dst); err != nil {
		t.Fatal(err)
	}
	if dst.DB != db || db.URL != "https://x" || *db.Port != 80 || base.Zone != "a" {
		t.Errorf("got %+v, %+v, want the structs that were there, filled", *db, base)
	}
}

func TestLoad_ANilPointerStaysIfNothingIsFilledBehindIt(t *testing.T) {
	t.Parallel()
	type optional struct {
		A string `param:"none,optional"`
		B struct {
			C *struct {
				D string `param:"none,optional"`
			}
		}
	}
	dst := struct {
		Nil, Set *optional
		Some     *struct {
			None   *optional
			Region string `param:"region"`
		}
	}{Set: &optional{A: "as it was"}}
	if err := load(t, &dst); err != nil {
		t.Fatal(err)
	}
	if dst.Nil != nil || dst.Set.A != "as it was" || dst.Set.B.C != nil || dst.Some.None != nil || dst.Some.Region != "eu" {
		t.Errorf("got %+v, want only Some filled", dst)
	}
}

func TestLoad_AnErrorLeavesTheStructsBehindPointersAsTheyWere(t *testing.T) {
	t.Parallel()
	db := &database{URL: "as it was"}
	dst := struct {
		DB   *database
		Nil  *database
		None string `param:"none"`
	}{DB: db}
	err := load(t, &dst)
	if !errors.Is(err, params.ErrNotFound) || dst.DB != db || *db != (database{URL: "as it was"}) || dst.Nil != nil {
		t.Errorf("got %+v, %+v, %v, want an error and no change", dst, *db, err)
	}
}

type family struct {
	Name        string `param:"region"`
	Left, Right *family
	Up          *branch
}

type branch struct{ Trees *struct{ Tree *family } }

func TestLoad_RecursiveTypes(t *testing.T) {
	t.Parallel()
	circle := &family{}
	circle.Left = circle
	ring := &family{Left: &family{Left: &family{}}}
	ring.Left.Left.Left = ring.Left
	chain := &family{Left: &family{Left: &family{}}}
	for name, dst := range map[string]*family{"nil": {}, "circle": circle, "ring": ring, "chain": chain} {
		if err := load(t, dst); err != nil || dst.Name != "eu" {
			t.Errorf("%s: got %+v, %v, want it filled", name, dst, err)
		}
		if dst.Right != nil || dst.Up != nil {
			t.Errorf("%s: got %+v, want nil pointers of the same type left alone", name, dst)
		}
	}
	if circle.Left != circle || chain.Left.Name != "eu" || chain.Left.Left.Name != "eu" || chain.Left.Left.Left != nil {
		t.Errorf("got %+v, want every struct of the chain filled", chain)
	}
	var outer struct{ Tree *family }
	if err := load(t, &outer); err != nil || outer.Tree.Name != "eu" || outer.Tree.Left != nil {
		t.Errorf("got %+v, %v, want one struct", outer.Tree, err)
	}
}

type list struct{ Next *list }

func TestLoad_ARecursiveTypeWithoutTagsIsLeftAlone(t *testing.T) {
	t.Parallel()
	dst := struct {
		List   *list
		Region string `param:"region"`
	}{}
	if err := load(t, &dst); err != nil || dst.List != nil || dst.Region != "eu" {
		t.Errorf("got %+v, %v, want only the region", dst, err)
	}
}

// A type may be searched first as a part of itself.
func TestLoad_TagsOfATypeThatIsReachedInACircle(t *testing.T) {
	t.Parallel()
	type node struct {
		Next *struct{ Back *family }
	}
	type first struct {
		B *branch
		N node
	}
	dst := first{B: &branch{}, N: node{&struct{ Back *family }{&family{}}}}
	if err := load(t, &dst); err != nil || dst.N.Next.Back.Name != "eu" || dst.B.Trees.Tree.Name != "eu" {
		t.Errorf("got %+v, %v, want both filled", dst, err)
	}
}

func TestLoad_PointersToOneStruct(t *testing.T) {
	t.Parallel()
	type inner struct {
		Base Base
		URL  string `param:"/shop/url"`
	}
	both := &inner{}
	dst := struct {
		First *Base // at the address of both, of another type
		Outer *inner
		Again *inner
	}{&both.Base, both, both}
	if err := load(t, &dst); err != nil || both.Base.Region != "eu" || both.URL != "https://x" {
		t.Errorf("got %+v, %v, want it filled", both, err)
	}
}

func TestLoad_TagsThatCannotBeReachedAreErrors(t *testing.T) {
	t.Parallel()
	type pointerTo = *Base
	for name, dst := range map[string]any{
		"A": &struct{ A []Base }{},
		"B": &struct{ B map[string]*Base }{},
		"C": &struct{ C [2]Base }{},
		"D": &struct{ D *pointerTo }{},
		"e": &struct{ e Base }{},
		"f": &struct{ f *Base }{},
		"G.H": &struct {
			G *struct{ H []struct{ B *Base } }
		}{},
		"quietBase": &struct{ *quietBase }{},
	} {
		err := load(t, dst)
		if err == nil || !strings.Contains(err.Error(), "field "+name+": ") || strings.Count(err.Error(), "field ") != 1 {
			t.Errorf("%s: got %v, want an error of the field", name, err)
		}
	}
}

// The source knows best where it looked.
func TestLoad_NotFoundKeepsTheErrorOfTheSource(t *testing.T) {
	t.Parallel()
	var dst struct {
		URL string `param:"/shop/db-url"`
	}
	env := params.Environment{Prefix: "APP_", Lookup: func(string) (string, bool) { return "", false }}
	err := params.Load(t.Context(), open(t, env, nil), &dst)
	if want := `params: load: field URL: params: get "/shop/db-url": environment variable APP_SHOP_DB_URL: not found`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound in the chain", err)
	}
}

// word records what its UnmarshalText gets.
type word struct{ text string }

func (w *word) UnmarshalText(text []byte) error { w.text = string(text); return nil }

type ownSecret struct{ lambdakit.Secret }

// login has a secret, and is none.
type login struct {
	word
	Key lambdakit.Secret
}

func TestUnmarshalText_GetsNoWhiteSpaceAround(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("word", " a b\n", "addr", "::1\r\n"), nil)
	if got, err := params.UnmarshalText[word](t.Context(), cache, "word"); got.text != "a b" || err != nil {
		t.Errorf("Text: got %q, %v, want %q", got.text, err, "a b")
	}
	if got, err := params.UnmarshalText[netip.Addr](t.Context(), cache, "addr"); got.String() != "::1" || err != nil {
		t.Errorf("Text: got %v, %v, want ::1", got, err)
	}
	var dst struct {
		Word    word       `param:"word"`
		Pointer *word      `param:"word"`
		Addr    netip.Addr `param:"addr"`
		IP      net.IP     `param:"addr"`
		Default word       `param:"none" default:"x "`
		Login   login      `param:"word"`
	}
	err := params.Load(t.Context(), cache, &dst)
	if err != nil || dst.Word.text != "a b" || dst.Pointer.text != "a b" || dst.Addr.String() != "::1" || dst.IP.String() != "::1" || dst.Default.text != "x" || dst.Login.text != "a b" {
		t.Errorf("Load: got %+v, %v, want no white space around", dst, err)
	}
}

func TestUnmarshalText_SecretsStringsAndBytesKeepTheirText(t *testing.T) {
	t.Parallel()
	const text = " hunter2\n"
	cache := open(t, newFake("key", text), nil)
	if got, err := params.UnmarshalText[lambdakit.Secret](t.Context(), cache, "key"); got.Reveal() != text || err != nil {
		t.Errorf("Text: got %q, %v, want %q", got.Reveal(), err, text)
	}
	var dst struct {
		Secret  lambdakit.Secret  `param:"key"`
		Pointer *lambdakit.Secret `param:"key"`
		Own     ownSecret         `param:"key"`
		Text    string            `param:"key"`
		Bytes   []byte            `param:"key"`
	}
	if err := params.Load(t.Context(), cache, &dst); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"Secret": dst.Secret.Reveal(), "Pointer": dst.Pointer.Reveal(), "Own": dst.Own.Reveal(), "Text": dst.Text, "Bytes": string(dst.Bytes),
	} {
		if got != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
	}
}
