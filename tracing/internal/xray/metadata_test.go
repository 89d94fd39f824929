package xray

import (
	"math"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestAttributeValues(t *testing.T) {
	t.Parallel()
	nested := attribute.MapValue(attribute.Int("n", 1), attribute.KeyValue{Key: "l", Value: attribute.SliceValue(attribute.StringValue("x"), attribute.BoolValue(false))})
	for _, c := range []struct {
		value attribute.Value
		want  string
	}{
		{attribute.StringValue("é\"\\\n\x00\xff"), `"é\"\\\n\u0000` + "\ufffd" + `"`},
		{attribute.BoolValue(true), `true`},
		{attribute.Int64Value(math.MaxInt64), `9223372036854775807`},
		{attribute.Float64Value(0.1), `0.1`},
		{attribute.Float64Value(math.NaN()), `"NaN"`},
		{attribute.Float64Value(math.Inf(-1)), `"-Inf"`},
		{attribute.StringSliceValue([]string{"a", ""}), `["a",""]`},
		{attribute.StringSliceValue(nil), `[]`},
		{attribute.BoolSliceValue([]bool{true, false}), `[true,false]`},
		{attribute.Int64SliceValue([]int64{1, -2}), `[1,-2]`},
		{attribute.Float64SliceValue([]float64{1.5, math.Inf(1)}), `[1.5,"+Inf"]`},
		{attribute.ByteSliceValue([]byte{0, 0xff}), `"AP8="`},
		{nested, `{"n":1,"l":["x",false]}`},
		{attribute.Value{}, `null`},
	} {
		s := newSpan(internal, attribute.KeyValue{Key: "a", Value: c.value})
		equal(t, c.want, encode(t, Config{}, s).In("metadata", "default", "a"), c.want)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	value := func(namespace, key, text string) Metadata { return Metadata{namespace, key, []byte(text)} }
	for name, c := range map[string]struct {
		attrs    attrs
		metadata []Metadata
		want     string
	}{
		"none":                  {nil, nil, ``},
		"attributes":            {attrs{str("a.b", "x"), num("n", 1)}, nil, `{"default":{"a.b":"x","n":1}}`},
		"what members say":      {attrs{str("http.method", "GET"), num("http.status_code", 200), str("peer.service", "p"), str("aws.region", "r")}, nil, ``},
		"what no member says":   {attrs{str("db.system", "redis"), str("db.statement", "GET a"), num("peer.service", 1), str("server.address", "s")}, nil, `{"default":{"db.system":"redis","db.statement":"GET a","peer.service":1,"server.address":"s"}}`},
		"values":                {nil, []Metadata{value("default", "a", `[1,{"b":null}]`), value("n", "a", `"x"`)}, `{"default":{"a":[1,{"b":null}]},"n":{"a":"x"}}`},
		"namespaces":            {nil, []Metadata{value("n", "a", `1`), value("m", "a", `2`), value("n", "b", `3`)}, `{"n":{"a":1,"b":3},"m":{"a":2}}`},
		"last one":              {nil, []Metadata{value("n", "a", `1`), value("m", "a", `2`), value("n", "a", `3`)}, `{"n":{"a":3},"m":{"a":2}}`},
		"over attributes":       {attrs{str("a", "x"), str("b", "y")}, []Metadata{value("default", "a", `1`)}, `{"default":{"a":1,"b":"y"}}`},
		"odd names":             {nil, []Metadata{value("", "", `1`), value("a\"\\\n", "b\x00", `2`)}, `{"":{"":1},"a\"\\\n":{"b\u0000":2}}`},
		"text":                  {attrs{str("aws.xray.metadata.ns", ` {"a":{"b":[1]}}`), str("c", "d")}, nil, `{"default":{"c":"d"},"ns":{"a":{"b":[1]}}}`},
		"only text":             {attrs{str("aws.xray.metadata.ns", `{}`)}, nil, `{"ns":{}}`},
		"text with dots":        {attrs{str("aws.xray.metadata.a.b", `{"c":1}`)}, nil, `{"a.b":{"c":1}}`},
		"text that is no JSON":  {attrs{str("aws.xray.metadata.ns", `{"a":}`)}, nil, `{"default":{"aws.xray.metadata.ns":"{\"a\":}"}}`},
		"text of no object":     {attrs{str("aws.xray.metadata.ns", `[1]`)}, nil, `{"default":{"aws.xray.metadata.ns":"[1]"}}`},
		"no text":               {attrs{num("aws.xray.metadata.ns", 1)}, nil, `{"default":{"aws.xray.metadata.ns":1}}`},
		"text without a name":   {attrs{str("aws.xray.metadata.", `{"a":1}`)}, nil, `{"default":{"aws.xray.metadata.":"{\"a\":1}"}}`},
		"text of default":       {attrs{str("aws.xray.metadata.default", `{"a":1}`), str("a", "x")}, nil, `{"default":{"aws.xray.metadata.default":"{\"a\":1}","a":"x"}}`},
		"text of one that is":   {attrs{str("aws.xray.metadata.ns", `{"a":1}`)}, []Metadata{value("ns", "b", `2`)}, `{"default":{"aws.xray.metadata.ns":"{\"a\":1}"},"ns":{"b":2}}`},
		"names of this package": {attrs{str("otel.links", "l"), str("otel.events", "e"), str("otel.dropped", "d")}, []Metadata{value("default", "otel.links", `1`)}, `{"default":{"otel.links_":1,"otel.events_":"e","otel.dropped_":"d"}}`},
		"values, text, the lot": {attrs{str("aws.xray.metadata.t", `{"a":1}`), str("a", "x")}, []Metadata{value("v", "b", `2`), value("default", "c", `3`)}, `{"default":{"a":"x","c":3},"v":{"b":2},"t":{"a":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal, c.attrs...)
			s.Metadata = c.metadata
			check(t, encode(t, Config{}, s), members{"metadata": c.want})
		})
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := newSpan(internal)
	s.Events = []Event{
		{Name: "retry", Time: start, Attributes: attrs{num("attempt", 2), str("why", "slow")}},
		{Name: "exception", Time: start, Attributes: attrs{ExceptionMessage.String("m")}},
		{Name: "é\n", Time: start.Add(1000)},
	}
	s.Dropped = 7
	d := encode(t, Config{}, s)
	equal(t, "events", d.In("metadata", "default", "otel.events"),
		`[{"name":"retry","time":1700000000.123456,"attributes":{"attempt":2,"why":"slow"}},{"name":"é\n","time":1700000000.123457}]`)
	equal(t, "dropped", d.In("metadata", "default", "otel.dropped"), `7`)
	s.Events = s.Events[1:2]
	equal(t, "events", encode(t, Config{}, s).In("metadata", "default", "otel.events"), ``)
}
