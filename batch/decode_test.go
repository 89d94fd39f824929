package batch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/batch"
)

// packed returns a text, compressed.
func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func TestDecoders_ResultsAndErrors(t *testing.T) {
	t.Parallel()
	whole := packed("aaaaa")
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-8]++ // the checksum
	for what, c := range map[string]struct {
		decoder batch.Decoder
		data    string
		v       any
		want    string // the error, or the value
	}{
		"JSON":                        {batch.JSON, `{"id":"a","x":1}`, new(order), "&{a 0}"},
		"JSON, no JSON":               {batch.JSON, `{"id`, new(order), "the payload cannot be decoded by encoding/json"},
		"StrictJSON":                  {batch.StrictJSON, `{"id":"a"} `, new(order), "&{a 0}"},
		"StrictJSON, unknown member":  {batch.StrictJSON, `{"x":1}`, new(order), "it has a member that the type does not have"},
		"StrictJSON, no JSON":         {batch.StrictJSON, `{"x":`, new(order), "the payload cannot be decoded by encoding/json"},
		"StrictJSON, wrong type":      {batch.StrictJSON, `{"id":1}`, new(order), "the payload cannot be decoded by encoding/json"},
		"StrictJSON, a type's own":    {batch.StrictJSON, `{"At":"2026-13-45"}`, new(struct{ At time.Time }), "the payload cannot be decoded by encoding/json"},
		"StrictJSON, no base64":       {batch.StrictJSON, `{"Photo":"***"}`, new(struct{ Photo []byte }), "the payload cannot be decoded by encoding/json"},
		"StrictJSON, two values":      {batch.StrictJSON, `{} {}`, new(order), "there is text after the JSON value"},
		"Text, wrong type":            {batch.Text, `a`, new(int), "batch.Text decodes into a string only"},
		"Bytes, wrong type":           {batch.Bytes, `a`, new(string), "batch.Bytes decodes into a []byte only"},
		"Bytes":                       {batch.Bytes, "hi", new([]byte), "&[104 105]"},
		"Gzip of plain text":          {batch.Gzip(batch.Bytes), "hi", new([]byte), "&[104 105]"},
		"Gzip":                        {batch.Gzip(batch.Bytes), string(packed("aa")), new([]byte), "&[97 97]"},
		"Gzip, no header":             {batch.Gzip(batch.Bytes), "\x1f\x8bhello", new([]byte), "it is not gzip, although it begins like it"},
		"Gzip, cut off":               {batch.Gzip(batch.Bytes), string(whole[:len(whole)-4]), new([]byte), "its compressed data are broken"},
		"Gzip, wrong checksum":        {batch.Gzip(batch.Bytes), string(damaged), new([]byte), "its compressed data are broken"},
		"Gzip, the error of the next": {batch.Gzip(batch.Text), string(whole), new([]byte), "batch.Text decodes into a string only"},
	} {
		err := c.decoder([]byte(c.data), c.v)
		got := fmt.Sprint(c.v)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", what, got, c.want)
		}
	}
}

// TestGzip_BoundsThePayload has a payload of 32 MB, and one that is a byte larger.
func TestGzip_BoundsThePayload(t *testing.T) {
	t.Parallel()
	const largest = 32
	megabyte := packed(strings.Repeat("\x00", 1<<20)) // parts of a compressed text may be joined
	payload := bytes.Repeat(megabyte, largest)
	for _, c := range []struct {
		payload []byte
		want    string
	}{{payload, "<nil>"}, {append(payload, packed("a")...), "it has more than 32 MB when it is decompressed"}} {
		n := 0
		err := batch.Gzip(func(data []byte, _ any) error { n = len(data); return nil })(c.payload, nil)
		if fmt.Sprint(err) != c.want || err == nil && n != largest<<20 {
			t.Errorf("got %d bytes and %v, want %s", n, err, c.want)
		}
	}
}

// A payload that cannot be read fails for good, like one that does not decode.
func TestDecodeError_OfPayloadsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	kinesis := func(data string) string {
		return `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"1"` + data + `}}]}`
	}
	for _, c := range []struct{ source, event, want string }{
		{"sqs", sqsRecords(`"x":1`), "batch: the record has no payload"},
		{"sqs", sqsRecords(`"body":5`), "batch: the payload is not a valid JSON string"},
		{"kinesis", kinesis(``), "batch: the record has no payload"},
		{"kinesis", kinesis(`,"data":5`), "batch: the payload is no JSON string"},
		{"kinesis", kinesis(`,"data":"e30"`), "batch: the payload is not base64"},
		{"kinesis", kinesis(`,"data":"\u0065\u003330="`), "batch: the payload is not base64"},
		{"kinesis", kinesis(`,"data":"\u006530="`), ""},
	} {
		var reason error
		p := &probe{source: c.source, o: batch.Options{DeadLetters: batch.DeadLetterFunc(func(_ context.Context, l batch.Letter) error {
			reason = l.Reason
			return nil
		})}}
		p.run(t.Context(), []byte(c.event))
		var d *batch.DecodeError
		switch {
		case c.want == "":
			if reason != nil || !p.done(0) {
				t.Errorf("%s: %s: got %v, want no error", c.source, c.event, reason)
			}
		case !errors.As(reason, &d) || d.Error() != c.want:
			t.Errorf("%s: %s: got the letter of %v, want a DecodeError: %s", c.source, c.event, reason, c.want)
		}
	}
}

func TestMessage_ContextEndsWithTheBatch(t *testing.T) {
	t.Parallel()
	var during, after error
	var ctx context.Context
	f := batch.SQS(func(c context.Context, _ *batch.Message[message]) error {
		ctx, during = c, c.Err()
		return nil
	}, nil)
	if _, err := f(t.Context(), queue("q", message{Name: "a"})); err != nil {
		t.Error(err)
	}
	if after = ctx.Err(); during != nil || after != context.Canceled {
		t.Errorf("got %v in the handler and %v behind the batch, want none and %v", during, after, context.Canceled)
	}
}
