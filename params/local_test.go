package params_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lambdakit/lambdakit/params"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SHOP_DB_URL": "u", "APP_SHOP_KEY2": hunter, "EMPTY": "", "A__B": "x", "AZ_09": "e"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for _, test := range []struct{ prefix, name, want string }{
		{"", "/shop/db-url", "u"}, {"", "shop.db_url/", "u"}, {"", "SHOP/DB/URL", "u"}, {"APP_", "/shop/key2", hunter},
		{"", "empty", ""}, {"", "a//b", "x"}, {"", "az/09", "e"}, {"", "AZ/09", "e"}, {"", "aéb", "?"}, {"", "///", "?"}, {"", "none", "?"}, {"", "a=b\x00", "?"},
	} {
		v, err := params.Environment{Prefix: test.prefix, Lookup: lookup}.Fetch(t.Context(), test.name)
		if (test.want == "?") != errors.Is(err, params.ErrNotFound) || err == nil && (v.Text != test.want || !v.Secret) {
			t.Errorf("%q: got %q, %v, want %q", test.name, v.Text, err, test.want)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"shop/db/url": {Data: []byte("u\n")}, "shop/key": {Data: []byte(hunter + "\r\n")}, "shop/two": {Data: []byte("a\n\n")},
		"shop/binary": {Data: []byte("x\r")}, "top": {Data: []byte("t")},
	}
	cache := open(t, params.Files{FS: fsys}, nil)
	for name, want := range map[string]string{"/shop/db/url": "u", "shop/key": hunter, "shop/two/": "a\n", "top": "t"} {
		wantGet(t, cache, name, want)
	}
	if v, err := (params.Files{FS: fsys}).Fetch(t.Context(), "top"); err != nil || !v.Secret {
		t.Errorf("got secret %v and %v, want a secret", v.Secret, err)
	}
	for _, name := range []string{"../top", "/shop/../top", "/", "shop/none", "none", "./top", "shop//key", "top/x"} {
		if v, err := cache.String(t.Context(), name); !errors.Is(err, params.ErrNotFound) {
			t.Errorf("%q: got %q, %v, want ErrNotFound", name, v, err)
		}
	}
	if _, err := cache.String(t.Context(), "shop"); err == nil {
		t.Error("got no error for a folder, want one")
	}
	for path, want := range map[string]int{"/shop": 4, "shop/": 4, "/": 5, "": 5, "shop/db": 1} {
		if got, err := cache.Path(t.Context(), path); err != nil || len(got) != want {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	if got, err := cache.Path(t.Context(), "/shop/db/"); fmt.Sprint(got) != "map[url:u]" || err != nil {
		t.Errorf("got %v, %v, want the name relative to the path", got, err)
	}
	if _, err := cache.Path(t.Context(), "/none"); !errors.Is(err, params.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want ErrNotFound and fs.ErrNotExist", err)
	}
	if _, err := cache.Path(t.Context(), "../.."); err == nil {
		t.Error("got no error for a path out of the folder, want one")
	}
}

// trusting is a file system that opens whatever it is asked for, as those of other packages
// may.
type trusting struct{ opened *[]string }

func (f trusting) Open(name string) (fs.File, error) {
	*f.opened = append(*f.opened, name)
	return fstest.MapFS{"x": {Data: []byte("from outside")}}.Open("x")
}

func TestFilesOpensNoPathThatLeadsOut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../top", "/shop/../../top", "..", "./top", "shop//key", "/", ""} {
		var opened []string
		source := params.Files{FS: trusting{&opened}}
		if v, err := source.Fetch(t.Context(), name); !errors.Is(err, params.ErrNotFound) || v != (params.Value{}) || len(opened) > 0 {
			t.Errorf("%q: got %v, %v, opened %q, want nothing opened", name, v, err, opened)
		}
	}
	for _, path := range []string{"..", "/shop/../..", "./shop", "shop//db"} {
		var opened []string
		v, err := params.Files{FS: trusting{&opened}}.FetchPath(t.Context(), path)
		if !errors.Is(err, params.ErrNotFound) || v != nil || len(opened) > 0 {
			t.Errorf("%q: got %v, %v, opened %q, want nothing opened", path, v, err, opened)
		}
	}
}

// closed is a file system whose files may not be read.
type closed struct {
	fs.FS
	err error
}

func (f closed) Open(name string) (fs.File, error) {
	if name == "p/a" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: f.err}
	}
	return f.FS.Open(name)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]error{fs.ErrPermission: params.ErrAccessDenied, fs.ErrNotExist: params.ErrNotFound, errDown: errDown} {
		cache := open(t, params.Files{FS: closed{fstest.MapFS{"p/a": {Data: []byte("x")}, "p/b": {Data: []byte("y")}}, err}}, nil)
		if v, got := cache.String(t.Context(), "p/a"); v != "" || !errors.Is(got, want) || !errors.Is(got, err) {
			t.Errorf("Get: got %q, %v, want %v", v, got, want)
		}
		if v, got := cache.Path(t.Context(), "p"); v != nil || !errors.Is(got, want) {
			t.Errorf("Path: got %v, %v, want %v", v, got, want)
		}
	}
}

func TestFilesKeepTheirNames(t *testing.T) {
	t.Parallel()
	cache := open(t, params.Files{FS: fstest.MapFS{".env": {Data: []byte("1")}, "env": {Data: []byte("2")}}}, nil)
	if got, err := cache.Path(t.Context(), "/"); err != nil || fmt.Sprint(got) != "map[.env:1 env:2]" {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzLocalNames(f *testing.F) {
	for _, seed := range []string{"/shop/url", "..", "", "\x00", "é", strings.Repeat("/", 99), "a=b", "${X}"} {
		f.Add(seed)
	}
	files := params.Files{FS: fstest.MapFS{"a/b": {Data: []byte("x")}}}
	f.Fuzz(func(t *testing.T, name string) {
		for _, source := range []params.Source{files, params.Environment{}} {
			cache := open(t, source, nil)
			cache.String(t.Context(), name)
			cache.Many(t.Context(), name, name, "a")
			cache.Path(t.Context(), name)
			cache.Forget(name)
		}
		for _, r := range (params.Environment{}).Variable(name) {
			if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
				t.Errorf("%q: got %q in the name of the variable, want A-Z, 0-9 and _", name, r)
			}
		}
	})
}
