package avro_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/twmb/avro"

	"github.com/lambdakit/lambdakit/batch/avro"
)

const schema = `{"type":"record","name":"Order","fields":[
	{"name":"id","type":"string"},
	{"name":"total","type":"double"},
	{"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[{"name":"sku","type":"string"},{"name":"quantity","type":"int"}]}}},
	{"name":"note","type":["null","string"],"default":null},
	{"name":"created","type":{"type":"long","logicalType":"timestamp-millis"}}]}`

type Line struct {
	SKU      string `avro:"sku"`
	Quantity int    `avro:"quantity"`
}

type Order struct {
	ID      string    `avro:"id"`
	Total   float64   `avro:"total"`
	Lines   []Line    `avro:"lines"`
	Note    *string   `avro:"note"`
	Created time.Time `avro:"created"`
}

var order = Order{ID: "o-1", Total: 8.5, Lines: []Line{{"a", 3}, {"b", -1}}, Created: time.UnixMilli(1_700_000_000_000).UTC()}

// byHand is order in Avro's binary encoding.
const byHand = "\x06o-1" + "\x00\x00\x00\x00\x00\x00\x21\x40" + "\x04\x02a\x06\x02b\x01\x00" + "\x00" + "\x80\xa0\xab\xfe\xf9\x62"

const uuid = "\xb7\xb4\xa7\xf0\x9c\x96\x4e\x4a\xa6\x87\xfb\x5d\xe9\xef\x0c\x63"

func compressed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func decoder(t testing.TB, o *avro.Options) *avro.Decoder {
	t.Helper()
	d, err := avro.New(schema, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecode(t *testing.T) {
	t.Parallel()
	encoded, err := library.MustParse(schema).Encode(order)
	if err != nil {
		t.Fatal(err)
	}
	if string(encoded) != byHand {
		t.Errorf("got %q of the library, want %q", encoded, byHand)
	}
	for name, c := range map[string]struct {
		data string
		o    *avro.Options
	}{
		"Confluent":   {"\x00\x00\x00\x00\x07" + byHand, nil},
		"Glue":        {"\x03\x00" + uuid + byHand, nil},
		"Glue, zlib":  {"\x03\x05" + uuid + compressed(byHand), nil},
		"raw":         {byHand, &avro.Options{Raw: true}},
		"same writer": {"\x00\x00\x00\x00\x07" + byHand, &avro.Options{Writer: func(string) (string, error) { return schema, nil }}},
	} {
		data := []byte(c.data)
		var got Order
		var pointer *Order
		if err := decoder(t, c.o).Decode(data, &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := decoder(t, c.o).Decode(data, &pointer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		clear(data) // nothing of it is kept
		if !reflect.DeepEqual(got, order) || !reflect.DeepEqual(pointer, &order) {
			t.Errorf("%s: got %+v and %+v, want %+v", name, got, pointer, order)
		}
	}
}

func TestDecodeIntoAnInterface(t *testing.T) {
	t.Parallel()
	var got any
	if err := decoder(t, &avro.Options{Raw: true}).Decode([]byte(byHand), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": "o-1", "total": 8.5, "note": nil, "created": order.Created,
		"lines": []any{map[string]any{"sku": "a", "quantity": int32(3)}, map[string]any{"sku": "b", "quantity": int32(-1)}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

// A newer reader gets the data of older and newer writers.
func TestWriterSchemas(t *testing.T) {
	t.Parallel()
	writers := map[string]string{
		"1":                                    `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"int"}]}`,
		"b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63": `{"type":"record","name":"Order","fields":[{"name":"extra","type":{"type":"map","values":"bytes"}},{"name":"total","type":"float"},{"name":"id","type":"string"}]}`,
		"3":                                    `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"string"}]}`,
		"4":                                    `{`,
	}
	errUnknown := errors.New("unknown schema")
	var calls []string
	d, err := avro.New(`{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"double"},{"name":"currency","type":"string","default":"EUR"}]}`,
		&avro.Options{Writer: func(id string) (string, error) {
			calls = append(calls, id)
			if s, ok := writers[id]; ok {
				return s, nil
			}
			return "", errUnknown
		}})
	if err != nil {
		t.Fatal(err)
	}
	type Order struct {
		ID       string  `avro:"id"`
		Total    float64 `avro:"total"`
		Currency string  `avro:"currency"`
	}
	want := Order{"o-1", 8, "EUR"}
	for _, data := range []string{
		"\x00\x00\x00\x00\x01" + "\x06o-1" + "\x10",
		"\x03\x00" + uuid + "\x02\x02k\x04xx\x00" + "\x00\x00\x00\x41" + "\x06o-1",
		"\x03\x00" + uuid + "\x00" + "\x00\x00\x00\x41" + "\x06o-1",
	} {
		var got Order
		if err := d.Decode([]byte(data), &got); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", data, got, err, want)
		}
	}
	var got Order
	if err := d.Decode([]byte("\x00\x00\x00\x00\x02"), &got); !errors.Is(err, errUnknown) || !strings.HasPrefix(err.Error(), "avro: schema 2: ") {
		t.Errorf("got %v, want %v of schema 2", err, errUnknown)
	}
	if _, ok := errors.AsType[*library.CompatibilityError](d.Decode([]byte("\x00\x00\x00\x00\x03"), &got)); !ok {
		t.Error("got no CompatibilityError, want one for schema 3")
	}
	if err := d.Decode([]byte("\x00\x00\x00\x00\x04"), &got); err == nil {
		t.Error("got no error, want one for schema 4")
	}
	if want := []string{"1", "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63", "2", "3", "4"}; !slices.Equal(calls, want) {
		t.Errorf("got calls for %q, want %q", calls, want)
	}
}

func TestSchemasThatAreKept(t *testing.T) {
	t.Parallel()
	calls := 0
	d := decoder(t, &avro.Options{Writer: func(string) (string, error) { calls++; return schema, nil }})
	for range 2 {
		for id := range 1005 {
			data := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), byHand...)
			if err := d.Decode(data, new(Order)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := 1005 + 5; calls != want {
		t.Errorf("got %d calls, want %d", calls, want)
	}
}

func TestSkipUnknown(t *testing.T) {
	t.Parallel()
	var got struct {
		Created time.Time `avro:"created"`
		Lines   []struct {
			SKU string `avro:"sku"`
		} `avro:"lines"`
	}
	if err := decoder(t, &avro.Options{Raw: true, SkipUnknown: true}).Decode([]byte(byHand), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Created.Equal(order.Created) || len(got.Lines) != 2 || got.Lines[1].SKU != "b" {
		t.Errorf("got %+v, want the fields of %+v", got, order)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	raw := &avro.Options{Raw: true}
	for _, c := range []struct {
		data string
		v    any
		o    *avro.Options
		want string
	}{
		{"", &Order{}, nil, "avro: the data do not begin with the prefix of a schema registry"},
		{byHand, &Order{}, nil, "avro: the data do not begin with the prefix of a schema registry"},
		{byHand + "secret", &Order{}, raw, "avro: 6 bytes follow the value"},
		{byHand[:3], &Order{}, raw, "avro: the data end too early"},
		{byHand[:8], &Order{}, raw, "avro: the data end too early"},
		{"\x00\x00\x00\x00\x00", &Order{}, nil, "avro: the data end too early"},
		{byHand, &struct{}{}, raw, "avro: cannot decode Avro type record into struct {}: missing field id"},
		{byHand, &struct {
			ID int `avro:"id"`
		}{}, &avro.Options{Raw: true, SkipUnknown: true}, "avro: field id: cannot decode Avro type string into int"},
		{byHand, new(int), raw, "avro: cannot decode Avro type record into int"},
		{byHand, Order{}, raw, "avro: the data do not match the schema"},
		{strings.Replace(byHand, "\x01\x00\x00", "\x01\x00\x04", 1), &Order{}, raw, "avro: field note: cannot decode Avro type record into avro_test.Order"},
	} {
		err := decoder(t, c.o).Decode([]byte(c.data), c.v)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q into %T: got %v, want %s", c.data, c.v, err, c.want)
		}
	}
	if _, err := avro.New(`{"type":"record"}`, nil); err == nil || !strings.HasPrefix(err.Error(), "avro: schema: ") {
		t.Errorf("got %v, want an error about the schema", err)
	}
}

// Values of the data are not part of errors.
func TestErrorsWithoutData(t *testing.T) {
	t.Parallel()
	d, err := avro.New(`{"type":"record","name":"R","fields":[{"name":"u","type":{"type":"string","logicalType":"uuid"}}]}`, &avro.Options{Raw: true})
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		U [16]byte `avro:"u"`
	}
	if err := d.Decode([]byte("\x0csecret"), &v); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error without the value", err)
	}
}

// Counts and lengths of hostile data allocate nothing before they are checked.
func TestHostileData(t *testing.T) {
	t.Parallel()
	const most = "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" // 2^63-1
	for _, data := range []string{
		most,
		"\x06o-1" + "\x00\x00\x00\x00\x00\x00\x21\x40" + most,
		"\x06o-1" + "\x00\x00\x00\x00\x00\x00\x21\x40" + "\x01" + most,
		strings.Repeat("\xff", 11),
	} {
		if err := decoder(t, &avro.Options{Raw: true}).Decode([]byte(data), &Order{}); err == nil {
			t.Errorf("%q: got no error", data)
		}
	}
	node, err := avro.New(`{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}`, &avro.Options{Raw: true})
	if err != nil {
		t.Fatal(err)
	}
	var deep any
	if err := node.Decode(bytes.Repeat([]byte{2}, 6<<20), &deep); err == nil {
		t.Error("got no error for six million levels")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{byHand, "\x00\x00\x00\x00\x07" + byHand, "\x03\x00" + uuid + byHand, "\x03\x05" + uuid + compressed(byHand), "\x00\x00\x00\x00\x01\x06o-1\x10"} {
		f.Add([]byte(s))
	}
	older := func(id string) (string, error) {
		if id == "1" {
			return `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"int"},{"name":"lines","type":{"type":"array","items":"Line"}},{"name":"created","type":"long"}]}`, nil
		}
		return schema, nil
	}
	decoders := []*avro.Decoder{decoder(f, nil), decoder(f, &avro.Options{Raw: true, SkipUnknown: true}), decoder(f, &avro.Options{Writer: older})}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range decoders {
			var a, b Order
			var x any
			err := d.Decode(data, &a)
			if again := d.Decode(data, &b); (err == nil) != (again == nil) || err == nil && a.ID != b.ID {
				t.Errorf("%q: got %v and %v, want the same", data, err, again)
			}
			d.Decode(data, &x)
		}
	})
}
