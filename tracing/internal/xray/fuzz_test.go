package xray

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/xraytest"
)

// FuzzDocument makes a span from arbitrary bytes. Its document must be valid, fit, and be the
// same each time.
func FuzzDocument(f *testing.F) {
	f.Add([]byte{}, "", int64(0), 0.0)
	f.Add([]byte("\x03name\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0"), "text", int64(1_700_000_000), 1.5)
	f.Add(bytes.Repeat([]byte{1, 7, 3, 201, 44}, 40), "a\x00b\xff\u2028🙂", int64(math.MaxInt64), math.NaN())
	f.Add(bytes.Repeat([]byte{250, 2, 90, 13, 61, 128}, 60), `{"a":{"b":[1,null]}}`, int64(math.MinInt64), math.Inf(1))
	f.Add(bytes.Repeat([]byte{5, 31, 77, 9}, 100), "https://user:secret@h:8/p?token=x#f", int64(-1), math.Copysign(0, -1))
	f.Add(bytes.Repeat([]byte{8, 1, 255, 100, 19, 6, 83}, 70), "main.f()\n\t/a.go:1\n", int64(404), 1e300)
	f.Fuzz(func(t *testing.T, data []byte, text string, number int64, float float64) {
		src := source{data: data, text: text, number: number, float: float}
		cfg := Config{Links: src.bool()}
		for range src.n(4) {
			cfg.Indexed = append(cfg.Indexed, src.key())
		}
		s := src.span()
		document, lost := cfg.AppendDocument(nil, s)
		for _, problem := range xraytest.Problems(document) {
			t.Errorf("got problem %.1000s, want none", problem)
		}
		if bytes.ContainsAny(document, "\n\r") {
			t.Error("got more than one line, want one")
		}
		again, lostAgain := cfg.AppendDocument(make([]byte, 0, 100), s)
		if !bytes.Equal(document, again) || lost != lostAgain {
			t.Errorf("second time: got %.2000s, want %.2000s", again, document)
		}
		if t.Failed() {
			t.Logf("%.4000s", document)
		}
	})
}

// source makes values from data. When data is used up, it makes them from zeros.
type source struct {
	data   []byte
	text   string
	number int64
	float  float64
	errors int // number of errors made
}

func (s *source) byte() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

func (s *source) n(limit int) int { return int(s.byte()) % limit }
func (s *source) bool() bool      { return s.byte()&1 == 1 }

// string returns text: the fuzzer's text, a part of it, repetitions of it, or some bytes of data.
func (s *source) string() string {
	n := s.n(64)
	switch s.n(7) {
	case 0:
		return s.text
	case 1:
		return s.text[:min(n, len(s.text))]
	case 2:
		return s.text[min(n, len(s.text)):]
	case 3:
		if len(s.text) > 0 {
			return strings.Repeat(s.text, n*400/len(s.text)+1)
		}
	case 4:
		return strings.Repeat(string(rune(s.byte())), n*20)
	case 5:
		return string(s.data[:min(n, len(s.data))])
	}
	return "x"
}

// words are keys that have a kind, and some other keys.
var words = strings.Fields(`aws.xray.annotations aws.service aws.remote.service aws.local.service aws.operation aws.region aws.account_id aws.request_id aws.requestId
	aws.queue_url aws.queue.url aws.sqs.queue.url aws.table_name aws.table.name aws.dynamodb.table_names aws.s3.bucket aws.sns.topic.arn faas.invoked_name aws.retries messaging.url
	message.type messaging.message.body.size http.response.body.size http.client_ip client.address net.peer.ip network.peer.address db.name db.namespace db.statement db.query.text
	db.system db.system.name db.user db.connection_string enduser.id error.type http.host http.method http.request.method http.scheme url.scheme http.server_name http.status_code
	http.response.status_code http.target host.name net.host.name net.host.port net.peer.name net.peer.port network.peer.port peer.service rpc.method rpc.service rpc.system rpc.system.name
	server.address server.port http.url url.full url.path url.query http.user_agent user_agent.original exception.type exception.message exception.stacktrace exception
	aws.xray.metadata.a aws.xray.metadata. aws.xray.metadata.default aws.xray.metadata.AWS.x otel.events otel.links otel.dropped otel.resource.a service.name telemetry.sdk.name
	aws.log.group.arns default AWS.x a_b a.b a-b mysql aws-api DynamoDB/GetItem GET RECEIVED 404 ThrottlingException http https {} {"a":1}`)

func (s *source) key() string {
	if s.n(4) == 0 {
		return s.string()
	}
	return words[s.n(len(words))]
}

func (s *source) value() attribute.Value {
	switch s.n(14) {
	case 0:
		return attribute.BoolValue(s.bool())
	case 1:
		return attribute.Int64Value(s.number)
	case 2:
		return attribute.IntValue(s.n(256) * 5)
	case 3:
		return attribute.Float64Value(s.float)
	case 4:
		return attribute.StringSliceValue([]string{s.key(), s.string()})
	case 5:
		return attribute.StringSliceValue(slice(s, (*source).string))
	case 6:
		return attribute.BoolSliceValue([]bool{s.bool()})
	case 7:
		return attribute.Int64SliceValue([]int64{s.number, 0})
	case 8:
		return attribute.Float64SliceValue([]float64{s.float})
	case 9:
		return attribute.ByteSliceValue([]byte(s.string()))
	case 10:
		return attribute.SliceValue(slice(s, (*source).value)...)
	case 11:
		return attribute.MapValue(s.attributes(4)...)
	case 12:
		return attribute.StringValue(s.key())
	}
	return attribute.StringValue(s.string())
}

func slice[T any](s *source, make func(*source) T) (list []T) {
	for range s.n(5) {
		if len(s.data) > 0 {
			list = append(list, make(s))
		}
	}
	return list
}

func (s *source) attributes(limit int) (list []attribute.KeyValue) {
	for range s.n(limit) {
		list = append(list, attribute.KeyValue{Key: attribute.Key(s.key()), Value: s.value()})
	}
	return list
}

func (s *source) time() time.Time {
	switch s.n(4) {
	case 0:
		return start.Add(time.Duration(s.byte()))
	case 1:
		return time.Unix(s.number, int64(s.byte()))
	case 2:
		return time.UnixMicro(s.number)
	}
	return time.Time{}
}

func (s *source) err() error {
	if s.errors++; len(s.data) == 0 || s.errors > 50 { // the text of an error contains the texts of all errors inside it
		return errors.New("x")
	}
	switch s.n(7) {
	case 0:
		return fmt.Errorf("w: %w", s.err())
	case 1:
		return errors.Join(s.err(), nil, s.err())
	case 2:
		return several{nil, s.err()}
	case 3:
		return itself{}
	case 4:
		return withStack{s.string() + "\n\t" + s.string()}
	case 5:
		err := s.err()
		for range s.n(40) {
			err = &back{err}
		}
		return err
	}
	return errors.New(s.string())
}

func (s *source) span() *Span {
	x := newSpan(trace.SpanKind(s.n(7)), s.attributes(40)...)
	x.Name, x.Description = s.key(), s.key()
	x.Segment, x.Status = s.bool(), codes.Code(s.n(4))
	x.Start, x.End, x.Dropped = s.time(), s.time(), s.n(3)
	x.Annotations, x.Resource = s.attributes(60), s.attributes(5)
	if s.bool() {
		x.Function = &Function{s.string(), s.string(), s.string(), s.string()}
	}
	for range s.n(6) {
		m := Metadata{Namespace: s.key(), Key: s.key()}
		if m.JSON = []byte(s.string()); !json.Valid(m.JSON) {
			m.JSON, _ = json.Marshal(string(m.JSON))
		}
		x.Metadata = append(x.Metadata, m)
	}
	for range s.n(25) {
		x.Links = append(x.Links, link(s.byte(), s.attributes(4)...))
	}
	for range s.n(8) {
		ev := Event{Name: s.key(), Time: s.time(), Attributes: s.attributes(6)}
		if s.bool() {
			ev.Name = ExceptionEvent
			ev.Exceptions = Exceptions(s.err(), s.string())
		}
		if s.n(8) == 0 {
			ev.Name = ExceptionEvent
			ev.Exceptions = append(ev.Exceptions, Exception{Type: s.string(), Message: s.string(), Stack: s.string(), Caused: s.bool()})
		}
		x.Events = append(x.Events, ev)
	}
	return x
}
