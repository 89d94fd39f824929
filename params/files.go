package params

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Files is a [PathSource] of files. The parameter "/shop/db/url" is the file shop/db/url, and a path is
// a folder. A newline at the end of the file is not part of the value. All values are secrets.
type Files struct {
	FS fs.FS // such as os.DirFS("config") or an embed.FS
}

var _ PathSource = Files{}

func (f Files) Fetch(_ context.Context, name string) (Value, error) {
	path := strings.Trim(name, "/")
	if !fs.ValidPath(path) {
		return Value{}, fmt.Errorf("%q is not a path of a file: %w", name, ErrNotFound)
	}
	return f.read(path)
}

func (f Files) read(path string) (Value, error) {
	text, err := fs.ReadFile(f.FS, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Value{}, WithKind(err, ErrNotFound)
	case errors.Is(err, fs.ErrPermission):
		return Value{}, WithKind(err, ErrAccessDenied)
	case err != nil:
		return Value{}, err
	}
	return Value{Text: strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), Secret: true}, nil
}

// FetchPath returns all files below path, at any depth.
func (f Files) FetchPath(_ context.Context, path string) (map[string]Value, error) {
	root := strings.Trim(path, "/")
	if root == "" {
		root = "."
	}
	if !fs.ValidPath(root) {
		return nil, fmt.Errorf("%q is not a path of a folder: %w", path, ErrNotFound)
	}
	values := make(map[string]Value)
	err := fs.WalkDir(f.FS, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		v, err := f.read(p)
		if err != nil {
			return err
		}
		if root != "." {
			p = strings.TrimPrefix(p, root+"/")
		}
		values[p] = v
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = WithKind(err, ErrNotFound)
	}
	return values, err
}
