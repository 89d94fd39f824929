package image

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
)

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// list decodes the DynamoDB type L, SS, NS or BS into the slice or array v.
func (d *decoder) list(kind string, v reflect.Value) error {
	grows := v.Kind() == reflect.Slice
	if !grows && v.Kind() != reflect.Array {
		return mismatch(kind, v)
	}
	if grows {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	i := 0
	return d.elements(func() error {
		if grows {
			v.Grow(1)
			v.SetLen(i + 1)
		} else if i == v.Len() {
			_, err := d.skip()
			return err
		}
		elem := v.Index(i)
		i++
		if kind == "L" {
			return within("[]", d.value(elem, options{}))
		}
		return within("[]", d.decode(kind[:1], indirect(elem), options{}))
	})
}

// mapping decodes the DynamoDB type M into the map v.
func (d *decoder) mapping(v reflect.Value) error {
	t := v.Type()
	m, key, elem := reflect.MakeMap(t), reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
	isText := reflect.PointerTo(t.Key()).Implements(textUnmarshaler)
	if k := key.Kind(); !isText && k != reflect.String && (k > reflect.Float64 || k == reflect.Uintptr) {
		return mismatch("M", v)
	}
	n := 0
	err := d.members(func(name []byte) error {
		key.SetZero()
		elem.SetZero()
		if setKey(key, name, isText) != nil {
			return fmt.Errorf("the name of an attribute is not valid for the key of %s", t)
		}
		if err := d.value(elem, options{}); err != nil {
			return within("[]", err)
		}
		m.SetMapIndex(key, elem)
		n++
		return nil
	})
	if err == nil && m.Len() != n {
		err = errDuplicate
	}
	v.Set(m)
	return err
}

// setKey decodes the name of an attribute into the key of a map.
func setKey(key reflect.Value, name []byte, isText bool) error {
	switch k := key.Kind(); {
	case isText:
		return key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(name)
	case k == reflect.String:
		key.SetString(string(name))
		return nil
	case k == reflect.Bool:
		is, err := strconv.ParseBool(string(name))
		key.SetBool(is)
		return err
	}
	return setNumber(key, name)
}

// structure decodes the DynamoDB type M into the struct v.
func (d *decoder) structure(v reflect.Value) error {
	fs := fieldsOf(v.Type())
	var buffer [64]match
	seen := buffer[:]
	if len(fs.list) > len(seen) {
		seen = make([]match, len(fs.list))
	}
	return d.members(func(name []byte) error {
		i, m := fs.find(name)
		if m == exact && seen[i] == exact {
			return within(fs.list[i].goName, errDuplicate)
		}
		if m == none || m <= seen[i] {
			_, err := d.skip()
			return err
		}
		f := &fs.list[i]
		target, err := f.of(v)
		if err == nil {
			if seen[i] != none {
				target.SetZero()
			}
			seen[i] = m
			err = d.value(target, f.options)
		}
		return within(f.goName, err)
	})
}
