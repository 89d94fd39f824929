package params

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Files returns a Source of the files of fsys, such as os.DirFS("config") or an embed.FS. The
// parameter "/shop/db/url" is the file shop/db/url. A newline at the end of the file is not part of
// the value. All values are secrets. The Source is a PathSource: a path is a folder.
func Files(fsys fs.FS) Source { return files{fsys} }

type files struct{ fsys fs.FS }

var _ PathSource = files{}

func (f files) Fetch(_ context.Context, name string) (Value, error) {
	path := strings.Trim(name, "/")
	if !fs.ValidPath(path) {
		return Value{}, fmt.Errorf("%q is not a path of a file: %w", name, ErrNotFound)
	}
	return f.read(path)
}

func (f files) read(path string) (Value, error) {
	text, err := fs.ReadFile(f.fsys, path)
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
func (f files) FetchPath(_ context.Context, path string) (map[string]Value, error) {
	root := strings.Trim(path, "/")
	if root == "" {
		root = "."
	}
	if !fs.ValidPath(root) {
		return nil, fmt.Errorf("%q is not a path of a folder: %w", path, ErrNotFound)
	}
	values := make(map[string]Value)
	err := fs.WalkDir(f.fsys, root, func(p string, d fs.DirEntry, err error) error {
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
