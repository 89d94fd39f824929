package protobuf

import (
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/lambdakit/lambdakit/batch/internal/prefix"
)

// Index is a form of the index of a message.
type Index int

const (
	ConfluentIndex Index = 1 + iota // of Confluent's registry
	GlueIndex                       // of the AWS Glue Schema Registry
)

// maxNesting is the limit for messages inside each other, in Confluent's index.
const maxNesting = 100

// cut returns the part of data that is a message of the type d. No message begins with the first
// byte of a registry's prefix, since no field has the number 0.
func (o *Options) cut(data []byte, d protoreflect.MessageDescriptor) (message []byte, err error) {
	form := o.Index
	if form == 0 {
		if len(data) == 0 || data[0] != 0 && data[0] != 3 {
			return data, nil
		}
		var registry prefix.Registry
		if data, registry, _, err = prefix.Cut(data); err != nil {
			return nil, err
		}
		form = GlueIndex
		if registry == prefix.Confluent {
			form = ConfluentIndex
		}
	}
	take := cutConfluent
	if form == GlueIndex {
		take = cutGlue
	}
	message, same, ok := take(data, d)
	if !ok {
		return nil, errIndex
	}
	if !same && !o.IgnoreIndex {
		return nil, errOther
	}
	return message, nil
}

// cutConfluent removes the indexes of a message in its file, of a message in that message, and so on:
// their number, then the indexes, as varints in zigzag encoding. The number 0 is short for the
// indexes [0].
func cutConfluent(data []byte, d protoreflect.MessageDescriptor) (message []byte, same, ok bool) {
	count, n := binary.Varint(data)
	if n <= 0 || count < 0 || count > maxNesting {
		return nil, false, false
	}
	data = data[n:]
	indexes := make([]int64, max(count, 1))
	for i := range count {
		if indexes[i], n = binary.Varint(data); n <= 0 {
			return nil, false, false
		}
		data = data[n:]
	}
	var want []int64
	for m, ok := d, true; ok; m, ok = m.Parent().(protoreflect.MessageDescriptor) {
		want = append(want, int64(m.Index()))
	}
	slices.Reverse(want)
	return data, slices.Equal(indexes, want), true
}

// cutGlue removes a varint: the position of the message among all messages of its file, ordered by
// full name.
func cutGlue(data []byte, d protoreflect.MessageDescriptor) (message []byte, same, ok bool) {
	index, n := binary.Uvarint(data)
	if n <= 0 {
		return nil, false, false
	}
	return data[n:], index == before(d.ParentFile().Messages(), d.FullName()), true
}

// before returns the number of messages whose names are less than name.
func before(messages protoreflect.MessageDescriptors, name protoreflect.FullName) (n uint64) {
	for i := range messages.Len() {
		m := messages.Get(i)
		if m.FullName() < name {
			n++
		}
		n += before(m.Messages(), name)
	}
	return n
}
