package protobuf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/lambdakit/lambdakit/batch/protobuf"
)

const (
	confluent = "\x00\x00\x00\x00\x07"
	glue      = "\x03\x00\xb7\xb4\xa7\xf0\x9c\x96\x4e\x4a\xa6\x87\xfb\x5d\xe9\xef\x0c\x63"
	glueZlib  = "\x03\x05\xb7\xb4\xa7\xf0\x9c\x96\x4e\x4a\xa6\x87\xfb\x5d\xe9\xef\x0c\x63"

	moment = "\x08\x05\x10\x06" // a Timestamp by hand: 5 seconds, 6 nanoseconds
	text   = "\x1a\x01x"        // a Value by hand, the second message of its file: "x"
)

func compressed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	timestamp, value := &timestamppb.Timestamp{Seconds: 5, Nanos: 6}, structpb.NewStringValue("x")
	for name, c := range map[string]struct {
		data string
		o    *protobuf.Options
		want proto.Message
	}{
		"no prefix":                      {moment, nil, timestamp},
		"empty":                          {"", nil, &timestamppb.Timestamp{}},
		"Confluent, first message":       {confluent + "\x00" + moment, nil, timestamp},
		"Confluent, first message, long": {confluent + "\x02\x00" + moment, nil, timestamp},
		"Confluent, second message":      {confluent + "\x02\x02" + text, nil, value},
		"Confluent, empty":               {confluent + "\x00", nil, &timestamppb.Timestamp{}},
		"Confluent, index ignored":       {confluent + "\x04\x08\x80\x01" + text, &protobuf.Options{IgnoreIndex: true}, value},
		"Confluent, index only":          {"\x00" + moment, &protobuf.Options{Index: protobuf.ConfluentIndex}, timestamp},
		"Confluent, second, index only":  {"\x02\x02" + text, &protobuf.Options{Index: protobuf.ConfluentIndex}, value},
		"Glue":                           {glue + "\x00" + moment, nil, timestamp},
		"Glue, last message":             {glue + "\x03" + text, nil, value},
		"Glue, zlib":                     {glueZlib + compressed("\x03"+text), nil, value},
		"Glue, index ignored":            {glue + "\x80\x01" + text, &protobuf.Options{IgnoreIndex: true}, value},
		"Glue, index only":               {"\x03" + text, &protobuf.Options{Index: protobuf.GlueIndex}, value},
		"JSON":                           {`"1970-01-01T00:00:05.000000006Z"`, &protobuf.Options{JSON: true}, timestamp},
		"unknown field":                  {moment + "\x1a\x01x", nil, nil},
	} {
		data := []byte(c.data)
		got := timestamp.ProtoReflect().New().Interface()
		if c.want != nil {
			got = c.want.ProtoReflect().New().Interface()
		}
		if err := protobuf.New(c.o).Decode(data, got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		clear(data) // nothing of it is kept
		if c.want != nil && !proto.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// package batch passes a pointer to the type of the body.
func TestTargets(t *testing.T) {
	t.Parallel()
	want := &timestamppb.Timestamp{Seconds: 5, Nanos: 6}
	var value timestamppb.Timestamp
	var pointer *timestamppb.Timestamp
	existing := &timestamppb.Timestamp{Seconds: 1}
	kept := existing
	for _, v := range []any{&value, &pointer, &existing} {
		if err := protobuf.New(nil).Decode([]byte(moment), v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
	for _, got := range []*timestamppb.Timestamp{&value, pointer, existing, kept} {
		if !proto.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	number, dynamic, message := new(int), &dynamicpb.Message{}, proto.Message(nil)
	for _, v := range []any{nil, 5, number, &number, (*timestamppb.Timestamp)(nil), (**timestamppb.Timestamp)(nil), dynamic, new(*dynamicpb.Message), &message, new(any), struct{}{}} {
		err := protobuf.New(nil).Decode([]byte(moment), v)
		if want := fmt.Sprintf("protobuf: cannot decode into %T, which is not a message or a pointer to one", v); err == nil || err.Error() != want {
			t.Errorf("%T: got %v, want %s", v, err, want)
		}
	}
}

// nested returns the descriptor of the message C in B in A, the second message of its file. C has a
// required field id.
func nested(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("nested.proto"), Package: proto.String("shop"), Syntax: proto.String("proto2"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Z")},
			{Name: proto.String("A"), NestedType: []*descriptorpb.DescriptorProto{
				{Name: proto.String("First")},
				{Name: proto.String("B"), NestedType: []*descriptorpb.DescriptorProto{{Name: proto.String("C"), Field: []*descriptorpb.FieldDescriptorProto{{
					Name: proto.String("id"), Number: proto.Int32(1),
					Type:  descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
					Label: descriptorpb.FieldDescriptorProto_LABEL_REQUIRED.Enum(),
				}}}}},
			}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().Get(1).Messages().Get(1).Messages().Get(0)
}

func TestNestedMessages(t *testing.T) {
	t.Parallel()
	d := nested(t)
	for _, prefix := range []string{
		confluent + "\x06\x02\x02\x00", // indexes 1, 1, 0
		glue + "\x02",                  // A, A.B, A.B.C, A.First, Z
	} {
		m := dynamicpb.NewMessage(d)
		if err := protobuf.New(nil).Decode([]byte(prefix+"\x0a\x01x"), &m); err != nil {
			t.Error(err)
			continue
		}
		if got := m.Get(d.Fields().Get(0)).String(); got != "x" {
			t.Errorf("got %q, want x", got)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	required := dynamicpb.NewMessage(nested(t))
	const index = "protobuf: google.protobuf.Timestamp: the data do not begin with the index of a message"
	const other = "protobuf: google.protobuf.Timestamp: the data have the index of another message; see Options.IgnoreIndex"
	asJSON := &protobuf.Options{JSON: true}
	for _, c := range []struct {
		data string
		v    any
		o    *protobuf.Options
		want string
	}{
		{"\x0a\x06secret", &timestamppb.Timestamp{}, nil, ""}, // a field of another type is unknown
		{"secret", &timestamppb.Timestamp{}, nil, "protobuf: the data are not a google.protobuf.Timestamp"},
		{"\x1a\x06\xff\xff\xff\xff\xff\xff", &structpb.Value{}, nil, "protobuf: the data are not a google.protobuf.Value"},
		{"\x00", &timestamppb.Timestamp{}, nil, "protobuf: google.protobuf.Timestamp: the data do not begin with the prefix of a schema registry"},
		{glueZlib + "secret", &timestamppb.Timestamp{}, nil, "protobuf: google.protobuf.Timestamp: the compressed data are not valid"},
		{confluent, &timestamppb.Timestamp{}, nil, index},
		{confluent + "\x80", &timestamppb.Timestamp{}, nil, index},
		{confluent + "\x01" + moment, &timestamppb.Timestamp{}, nil, index},                                         // -1 indexes
		{confluent + "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + moment, &timestamppb.Timestamp{}, nil, index},     // 2^63-1
		{confluent + "\x04\x00", &timestamppb.Timestamp{}, nil, index},                                              // one of two
		{confluent + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + moment, &timestamppb.Timestamp{}, nil, index}, // more than 64 bits
		{confluent + "\x02\x02" + moment, &timestamppb.Timestamp{}, nil, other},
		{confluent + "\x04\x00\x00" + moment, &timestamppb.Timestamp{}, nil, other},
		{confluent + "\x02\x01" + moment, &timestamppb.Timestamp{}, nil, other}, // -1
		{glue, &timestamppb.Timestamp{}, nil, index},
		{glue + "\x80", &timestamppb.Timestamp{}, nil, index},
		{glue + "\x01" + moment, &timestamppb.Timestamp{}, nil, other},
		{"", required, nil, "required field shop.A.B.C.id not set"},
		{"{}", required, asJSON, "required field shop.A.B.C.id not set"},
		{`{"secret":"x"}`, dynamicpb.NewMessage(nested(t).ParentFile().Messages().Get(0)), asJSON, ""}, // unknown fields are ignored
		{`{"id":5}`, required, asJSON, "protobuf: the data are not the JSON of a shop.A.B.C, at 1:7"},
		{`{"id":secret}`, required, asJSON, "protobuf: the data are not the JSON of a shop.A.B.C, at 1:7"},
		{`"secret"`, &timestamppb.Timestamp{}, asJSON, "protobuf: the data are not the JSON of a google.protobuf.Timestamp, at 1:1"},
		{"{", required, asJSON, "protobuf: the data are not the JSON of a shop.A.B.C"},
	} {
		err := protobuf.New(c.o).Decode([]byte(c.data), c.v)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), c.want)) {
			t.Errorf("%q into %T: got %v, want %s", c.data, c.v, err, c.want)
		}
	}
}

func TestHostileData(t *testing.T) {
	t.Parallel()
	if err := protobuf.New(&protobuf.Options{JSON: true}).Decode(bytes.Repeat([]byte("["), 6<<20), &structpb.Value{}); err == nil {
		t.Error("got no error for six million levels")
	}
	if err := protobuf.New(nil).Decode(bytes.Repeat([]byte{0x0b}, 6<<20), &timestamppb.Timestamp{}); err == nil {
		t.Error("got no error for six million groups")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{moment, confluent + "\x00" + moment, confluent + "\x02\x02" + text, glue + "\x03" + text, glueZlib + compressed("\x03"+text), `{"a":[1,"x",null]}`, "\x00" + moment} {
		f.Add([]byte(s))
	}
	decoders := []*protobuf.Decoder{protobuf.New(nil), protobuf.New(&protobuf.Options{IgnoreIndex: true}), protobuf.New(&protobuf.Options{Index: protobuf.ConfluentIndex}),
		protobuf.New(&protobuf.Options{Index: protobuf.GlueIndex}), protobuf.New(&protobuf.Options{JSON: true})}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range decoders {
			var a, b *structpb.Value
			err := d.Decode(data, &a)
			if again := d.Decode(data, &b); (err == nil) != (again == nil) {
				t.Errorf("%q: got %v and %v, want the same", data, err, again)
			}
			d.Decode(data, dynamicpb.NewMessage(timestamppb.File_google_protobuf_timestamp_proto.Messages().Get(0)))
		}
	})
}
