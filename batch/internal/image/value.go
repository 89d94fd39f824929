package image

import "reflect"

// kinds are the DynamoDB types, frequent ones first, with the Go types that an interface gets.
var kinds = [...]struct {
	name string
	typ  reflect.Type
}{
	{"S", reflect.TypeFor[string]()},
	{"N", reflect.TypeFor[float64]()},
	{"M", reflect.TypeFor[map[string]any]()},
	{"L", reflect.TypeFor[[]any]()},
	{"BOOL", reflect.TypeFor[bool]()},
	{"NULL", nil},
	{"SS", reflect.TypeFor[[]string]()},
	{"B", reflect.TypeFor[[]byte]()},
	{"NS", reflect.TypeFor[[]float64]()},
	{"BS", reflect.TypeFor[[][]byte]()},
}

// value consumes an attribute value, such as {"S":"text"}, and decodes it into v.
func (d *decoder) value(v reflect.Value, o options) error {
	if d.depth++; d.depth > maxDepth {
		return errDepth
	}
	kind, err := d.open()
	if err != nil {
		return err
	}
	if kind == "NULL" {
		v.SetZero()
		_, err = d.bool()
	} else {
		err = d.decode(kind, indirect(v), o)
	}
	if err != nil {
		return err
	}
	if d.depth--; !d.next('}') {
		return errSyntax
	}
	return nil
}

// open consumes the start of an attribute value and returns the DynamoDB type.
func (d *decoder) open() (kind string, err error) {
	if !d.next('{') {
		return "", errSyntax
	}
	name, err := d.string()
	if err != nil {
		return "", err
	}
	for i := range kinds {
		if kinds[i].name == string(name) && d.next(':') {
			return kinds[i].name, nil
		}
	}
	return "", errSyntax
}

// decode consumes the JSON value of a DynamoDB type and decodes it into v, which is not a pointer.
func (d *decoder) decode(kind string, v reflect.Value, o options) error {
	if kind == "S" && o.asString {
		kind = "N"
	}
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		for i := range kinds {
			if kinds[i].name == kind {
				x := reflect.New(kinds[i].typ).Elem()
				err := d.decode(kind, x, options{})
				v.Set(x)
				return err
			}
		}
	}
	switch kind {
	case "S", "N", "B":
		text, err := d.string()
		if err != nil {
			return err
		}
		return scalar(kind, text, v)
	case "BOOL":
		is, err := d.bool()
		if err != nil {
			return err
		}
		if v.Kind() != reflect.Bool {
			return mismatch(kind, v)
		}
		v.SetBool(is)
		return nil
	case "M":
		switch v.Kind() {
		case reflect.Struct:
			return d.structure(v)
		case reflect.Map:
			return d.mapping(v)
		}
		return mismatch(kind, v)
	}
	return d.list(kind, v)
}
