package goldentest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// readRecords reads the records of an event of the right source.
func (x *exchange) readRecords() {
	var e map[string]any
	json.Unmarshal(x.Event, &e)
	list, ok := e["Records"].([]any)
	if !ok {
		return
	}
	for _, r := range list {
		if member(r, "eventSource") != "aws:"+x.c.Source {
			return
		}
	}
	x.records = make([]any, 0)
	x.records = append(x.records, list...)
}

func (x *exchange) outcome(i int) outcome {
	if i < len(x.Outcomes) {
		return x.Outcomes[i]
	}
	return outcome{}
}

func (x *exchange) stream() bool { return x.c.Source != "sqs" }

// fifo reports whether the queue is a FIFO queue.
func (x *exchange) fifo() bool {
	return !x.stream() && len(x.records) > 0 && strings.HasSuffix(textOf(member(x.records[0], "eventSourceARN")), ".fifo")
}

func (x *exchange) stopsGroups() bool {
	return x.c.Processor == "fifo" && (x.options.Skip == nil || !*x.options.Skip)
}

func (x *exchange) throws() bool { return x.options.Throw == nil || *x.options.Throw }

// identifier returns the identifier of a record; empty if it has none.
func (x *exchange) identifier(i int) string {
	switch x.c.Source {
	case "kinesis":
		return textOf(member(x.records[i], "kinesis", "sequenceNumber"))
	case "dynamodb":
		return textOf(member(x.records[i], "dynamodb", "SequenceNumber"))
	}
	return textOf(member(x.records[i], "messageId"))
}

// readable reports whether a record has a payload.
func (x *exchange) readable(i int) bool {
	switch x.c.Source {
	case "kinesis":
		data, ok := member(x.records[i], "kinesis", "data").(string)
		_, err := base64.StdEncoding.DecodeString(data)
		return ok && err == nil
	case "sqs":
		_, ok := member(x.records[i], "body").(string)
		return ok
	}
	return true
}

// payload returns what the handler gets for a record, without package batch.
func (x *exchange) payload(i int) (any, error) {
	r := x.records[i]
	switch x.c.Source {
	case "sqs":
		return x.decodeData([]byte(textOf(member(r, "body"))))
	case "kinesis":
		data, _ := base64.StdEncoding.DecodeString(textOf(member(r, "kinesis", "data")))
		return x.decodeData(data)
	}
	return x.checkChange(unmarshalImage(member(r, "dynamodb", "OldImage")), unmarshalImage(member(r, "dynamodb", "NewImage")))
}

// decodeData is the Decoder.
func (x *exchange) decodeData(data []byte) (v any, err error) {
	d := x.c.Decode
	switch {
	case d == nil && x.c.Handler == "json":
		return string(data), nil
	case d == nil:
		return nil, nil
	case d.misconfigured():
		return nil, errors.New("misconfigured")
	case d.Record != "" || d.From == "":
		v = string(data)
	case d.From == "json":
		v, err = parse(data)
	case d.From == "base64" && x.c.Source == "sqs":
		if data, err = base64.StdEncoding.DecodeString(string(data)); err == nil {
			v, err = d.Shape.inside(data)
		}
	case d.From == "base64":
		v, err = d.Shape.inside(data)
	default:
		err = fmt.Errorf("%s has no images", x.c.Source)
	}
	if err != nil {
		return nil, err
	}
	return d.Shape.check(v)
}

func (d *decoding) misconfigured() bool { return d.Missing || d.Vendor != nil }

// checkChange returns the payload of a change of an item.
func (x *exchange) checkChange(old, new any) (any, error) {
	d := x.c.Decode
	if d == nil {
		return nil, nil
	}
	if d.misconfigured() {
		return nil, errors.New("misconfigured")
	}
	out := map[string]any{}
	for name, image := range map[string]any{"old": old, "new": new} {
		if image == nil {
			continue
		}
		v, err := d.Shape.check(image)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// unmarshalImage returns an image as plain values; nil if there is none.
func unmarshalImage(v any) any {
	image, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(image))
	for name, v := range image {
		out[name] = attribute(v)
	}
	return out
}

func attribute(v any) any {
	number := func(v any) any {
		f, _ := json.Number(textOf(v)).Float64()
		return f
	}
	typed, _ := v.(map[string]any)
	for kind, v := range typed {
		list, _ := v.([]any)
		out := make([]any, len(list))
		for i := range list {
			switch kind {
			case "L":
				out[i] = attribute(list[i])
			case "NS":
				out[i] = number(list[i])
			default:
				out[i] = list[i]
			}
		}
		switch kind {
		case "N":
			return number(v)
		case "NULL":
			return nil
		case "M":
			return unmarshalImage(v)
		case "L", "SS", "NS", "BS":
			return out
		}
		return v
	}
	return nil
}
