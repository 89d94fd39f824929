package goldentest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
)

// batchGiven is the given of a case of the kind batch.
type batchGiven struct {
	Kind, Source, Processor, Mode string
	Options                       options
	Decode                        *decoding
	Handler                       string
	HandlerIs                     string `json:"handler_is"`
	Invocations                   []invocation
}

type options struct {
	Throw   *bool `json:"throw_on_full_failure"`
	Skip    *bool `json:"skip_group_on_error"`
	Context bool
}

// decoding says how the payload is decoded.
type decoding struct {
	Shape   *shape
	From    string
	Record  string
	Vendor  json.RawMessage
	Missing bool
}

type invocation struct {
	Event         json.RawMessage
	Outcomes      []outcome
	Options       *options
	NoOptions     bool               `json:"no_options"`
	CallerAppends *batch.ItemFailure `json:"caller_appends"`
	NewProcessor  bool               `json:"new_processor"`
}

// outcome is what the handler does.
type outcome struct {
	Error *struct {
		Name, Message string
		Thrown        json.RawMessage
	}
	Delay  int `json:"delay_ms"`
	Value  json.RawMessage
	Mutate map[string]any
}

func (o *outcome) UnmarshalJSON(text []byte) error {
	if string(text) == `"ok"` {
		return nil
	}
	type plain outcome
	return strict(text, (*plain)(o))
}

// nothing reports whether the handler throws null or undefined.
func (o outcome) nothing() bool {
	if o.Error == nil || o.Error.Thrown == nil {
		return false
	}
	v, err := parse(o.Error.Thrown)
	return err == nil && (v == nil || plain(v) == undefined)
}

type batchWant struct {
	Invocations []struct {
		Response *struct {
			Failures []struct {
				Identifier any `json:"itemIdentifier"`
			} `json:"batchItemFailures"`
		}
		Error             any
		Calls             []int
		Succeeded, Failed []int
		Max               int  `json:"max_in_flight"`
		ContextSeen       bool `json:"context_seen"`
		Payloads          []struct {
			Record  int
			Payload any
		}
	}
}

func (c *batchGiven) validate(t *testing.T) {
	t.Helper()
	known := func(what, value string, of ...string) {
		t.Helper()
		if !slices.Contains(of, value) {
			t.Fatalf("got the unknown %s %q, want one of %q", what, value, of)
		}
	}
	known("source", c.Source, "sqs", "kinesis", "dynamodb")
	known("processor", c.Processor, "standard", "fifo")
	known("mode", c.Mode, "parallel", "sequential", "sync", "async")
	known("handler", c.Handler, "", "json")
	known("handler_is", c.HandlerIs, "", "sync", "async")
	if d := c.Decode; d != nil {
		known("decoding", d.From, "", "json", "base64", "unmarshall")
		known("record schema", d.Record, "", c.Source)
	}
}
