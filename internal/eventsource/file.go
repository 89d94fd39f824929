package eventsource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// members are the members of a message in a file, for each kind of source.
var members = map[Kind][]string{
	SQS:      {"body", "id", "group", "attributes", "messageAttributes"},
	FIFO:     {"body", "id", "group", "dedup", "attributes", "messageAttributes"},
	Kinesis:  {"body", "id", "key"},
	DynamoDB: {"keys", "new", "old", "event", "id"},
	Kafka:    {"body", "id", "key", "partition", "headers"},
}

// Parse reads messages from lines of JSON, or from one JSON array. Empty lines count for nothing.
//
// A message is an object with the member body, or keys for DynamoDB, and any of those in members.
// A body that is not a string is encoded as JSON; null is a tombstone of Kafka. For all sources
// but DynamoDB, anything else is a body too: a JSON string is its text, another JSON value is
// encoded, and a line that does not begin as a JSON object, array or string is taken as it is.
//
// An error names the line.
func Parse(kind Kind, text []byte) ([]Message, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if start := bytes.TrimLeft(text, " \t\r\n"); len(start) > 0 && start[0] == '[' && json.Valid(text) {
		return parseArray(kind, text)
	}
	var list []Message
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		m, err := parseMessage(kind, line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		m.Line = number
		list = append(list, m)
	}
	return list, nil
}

func parseArray(kind Kind, text []byte) (list []Message, err error) {
	line, counted := 1, 0
	jsonscan.Elements(text, func(start, end int) bool {
		line += bytes.Count(text[counted:start], []byte("\n"))
		counted = start
		var m Message
		if m, err = parseMessage(kind, text[start:end]); err != nil {
			err = fmt.Errorf("line %d: %w", line, err)
			return false
		}
		m.Line = line
		list = append(list, m)
		return true
	})
	return list, err
}

// parseMessage reads one message.
func parseMessage(kind Kind, text []byte) (Message, error) {
	if !json.Valid(text) {
		if kind == DynamoDB || strings.ContainsRune(`{["`, rune(text[0])) {
			var v any
			return Message{}, fmt.Errorf("it is not JSON: %w", json.Unmarshal(text, &v))
		}
		return Message{Body: string(text)}, nil
	}
	marker := "body"
	if kind == DynamoDB {
		marker = "keys"
	}
	isMessage := false
	jsonscan.Members(text, func(key []byte, _, _ int) bool {
		isMessage = isMessage || jsonscan.KeyIs(key, marker)
		return true
	})
	if isMessage {
		return parseObject(kind, text)
	}
	if kind == DynamoDB {
		return Message{}, errors.New(`it is not the change of an item, such as {"event":"INSERT","keys":{"id":{"S":"1"}},"new":{"id":{"S":"1"}}}`)
	}
	return Message{Body: bodyOf(text)}, nil
}

// bodyOf returns the text of a JSON string, and the JSON of another value.
func bodyOf(value []byte) string {
	if value[0] == '"' {
		s, _ := jsonscan.String(value)
		return s
	}
	return compact(value)
}

func parseObject(kind Kind, text []byte) (m Message, err error) {
	if kind == DynamoDB {
		m.Change = new(Change)
	}
	var seen []string
	jsonscan.Members(text, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		switch {
		case !slices.Contains(members[kind], name):
			err = fmt.Errorf("%q is not a member of a message of %v, which may have %s", name, kind, strings.Join(members[kind], ", "))
		case slices.Contains(seen, name):
			err = fmt.Errorf("it has %q twice", name)
		default:
			seen = append(seen, name)
			err = m.set(kind, name, text[start:end])
		}
		return err == nil
	})
	return m, err
}

// set sets a member of a message.
func (m *Message) set(kind Kind, name string, value []byte) error {
	switch name {
	case "body":
		m.Tombstone = kind == Kafka && string(value) == "null"
		if !m.Tombstone {
			m.Body = bodyOf(value)
		}
		return nil
	case "id":
		return decode(name, value, &m.ID, "a string")
	case "group":
		return decode(name, value, &m.Group, "a string")
	case "dedup":
		return decode(name, value, &m.Dedup, "a string")
	case "key":
		return decode(name, value, &m.Key, "a string")
	case "event":
		return decode(name, value, &m.Change.Event, "a string")
	case "attributes":
		return decode(name, value, &m.Attributes, "an object of strings")
	case "messageAttributes":
		return decode(name, value, &m.MessageAttributes, "an object of strings")
	case "partition":
		number, err := strconv.Atoi(string(value))
		if err != nil {
			return errors.New(`"partition" is not an integer`)
		}
		m.Partition = &number
		return nil
	case "headers":
		return m.setHeaders(value)
	case "keys":
		m.Change.Keys = bytes.Clone(value)
	case "new":
		m.Change.New = bytes.Clone(value)
	case "old":
		m.Change.Old = bytes.Clone(value)
	}
	return nil
}

// setHeaders keeps the order of the headers.
func (m *Message) setHeaders(value []byte) error {
	var headers map[string]string
	if err := decode("headers", value, &headers, "an object of strings"); err != nil {
		return err
	}
	return jsonscan.Members(value, func(key []byte, start, end int) bool {
		name, _ := jsonscan.String(key)
		text, _ := jsonscan.String(value[start:end])
		m.Headers = append(m.Headers, Header{name, text})
		return true
	})
}

func decode(name string, value []byte, to any, want string) error {
	if string(value) == "null" || json.Unmarshal(value, to) != nil {
		return fmt.Errorf("%q is not %s", name, want)
	}
	return nil
}
