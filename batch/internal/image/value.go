package image

import "reflect"

// kinds are the DynamoDB types, frequent ones first.
var kinds = [...]string{"S", "N", "M", "L", "BOOL", "NULL", "SS", "B", "NS", "BS"}

// open consumes the start of an attribute value, such as {"S": of {"S":"text"}, and returns the type.
func (d *decoder) open() (kind string, err error) {
	if d.depth++; d.depth > maxDepth {
		return "", errDepth
	}
	if !d.next('{') {
		return "", errSyntax
	}
	name, err := d.string()
	if err != nil {
		return "", err
	}
	for _, kind := range kinds {
		if kind == string(name) && d.next(':') {
			return kind, nil
		}
	}
	return "", errSyntax
}

// close consumes the end of an attribute value.
func (d *decoder) close() error {
	if d.depth--; !d.next('}') {
		return errSyntax
	}
	return nil
}

// value consumes an attribute value and decodes it into v.
func (d *decoder) value(v reflect.Value, o options) error {
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
	return d.close()
}

// decode consumes the JSON value of a DynamoDB type and decodes it into v, which is not a pointer.
func (d *decoder) decode(kind string, v reflect.Value, o options) error {
	if v.Kind() == reflect.Interface && !(o.asString && kind == "S") {
		if v.NumMethod() > 0 {
			return mismatch(kind, v)
		}
		x, err := d.any(kind)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(x))
		return nil
	}
	switch kind {
	case "S", "N", "B":
		text, err := d.string()
		if err != nil {
			return err
		}
		return scalar(kind, text, v, o)
	case "BOOL":
		is, err := d.bool()
		if err == nil && v.Kind() != reflect.Bool {
			return mismatch(kind, v)
		}
		if err == nil {
			v.SetBool(is)
		}
		return err
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
