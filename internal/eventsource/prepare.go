package eventsource

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the sources.
const (
	maxSQSBody   = 1 << 20 // bytes of a message, attributes included (SQS quotas)
	maxGroup     = 128     // characters of a MessageGroupId and a MessageDeduplicationId
	maxKey       = 256     // characters of a partition key (Kinesis, PutRecord)
	maxPartition = 9_999   // of a topic, to bound the memory of a typing error
)

// prepare sets the defaults of messages, and refuses those that the source would refuse.
func (m *Mapping) prepare() error {
	seen := make(map[string]*record)
	unique := func(r *record, what, text string) error {
		key := what + "\x00" + text
		if before := seen[key]; before != nil {
			return fmt.Errorf("%s: the %s %q is also on %s", r.where(), what, text, before.where())
		}
		seen[key] = r
		return nil
	}
	for _, r := range m.records {
		if err := m.prepareRecord(r); err != nil {
			return fmt.Errorf("%s: %w", r.where(), err)
		}
		if id := cmp.Or(r.ID, r.id); id != "" { // Kafka has none by default
			if err := unique(r, "id", id); err != nil {
				return err
			}
		}
		if m.kind == FIFO {
			if err := unique(r, "deduplication id", r.Dedup); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Mapping) prepareRecord(r *record) error {
	number := r.index + 1
	switch m.kind {
	case SQS, FIFO:
		r.id = cmp.Or(r.ID, fmt.Sprintf("00000000-0000-4000-8000-%012d", number))
		r.name = r.id
		if m.kind == FIFO && r.Group == "" {
			r.Group = "default"
		}
		if m.kind == FIFO && r.Dedup == "" {
			r.Dedup = r.id
		}
		return checkSQS(r)
	case Kinesis:
		r.id = fmt.Sprintf("4959033827149025660855969253836157109592157%013d", number)
		r.name = cmp.Or(r.ID, fmt.Sprintf("…%08d", number))
		r.key = cmp.Or(r.Key, fmt.Sprint(number))
		if utf8.RuneCountInString(r.key) > maxKey {
			return fmt.Errorf("the key has more than %d characters", maxKey)
		}
	case DynamoDB:
		r.id = fmt.Sprintf("%030d", 442158450000000000+int64(number))
		r.name = cmp.Or(r.ID, fmt.Sprintf("…%08d", number))
		if r.Change == nil {
			return fmt.Errorf("it is not the change of an item: an object with keys, new and old")
		}
		c := *r.Change // the caller's stays as it is
		r.Change = &c
		return checkChange(r.Change)
	case Kafka:
		if p := r.Partition; p != nil && (*p < 0 || *p > maxPartition) {
			return fmt.Errorf("the partition %d is not between 0 and %d", *p, maxPartition)
		}
	}
	return nil
}

// senderAttributes are the system attributes that a message may have before a queue gets it.
var senderAttributes = []string{"AWSTraceHeader", "DeadLetterQueueSourceArn", "SenderId", "SentTimestamp"}

func checkSQS(r *record) error {
	size := len(r.Body)
	for name, value := range r.MessageAttributes {
		size += len(name) + len(value) + len("String")
	}
	switch {
	case r.Body == "":
		return fmt.Errorf("the body is empty, and SQS refuses such a message")
	case size > maxSQSBody:
		return fmt.Errorf("the message has %d bytes, and SQS takes %d", size, maxSQSBody)
	case utf8.RuneCountInString(r.Group) > maxGroup:
		return fmt.Errorf("the group has more than %d characters", maxGroup)
	case utf8.RuneCountInString(r.Dedup) > maxGroup:
		return fmt.Errorf("the deduplication id has more than %d characters", maxGroup)
	}
	for _, c := range r.Body {
		if c < ' ' && !strings.ContainsRune("\t\n\r", c) || c == utf8.RuneError || c == '\ufffe' || c == '\uffff' {
			return fmt.Errorf("the body has the character %U, and SQS refuses it", c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Attributes)) {
		if !slices.Contains(senderAttributes, name) {
			return fmt.Errorf("the attribute %q is set by the queue; a message may have %s", name, strings.Join(senderAttributes, ", "))
		}
	}
	return nil
}

// checkChange checks a change, completes it, and removes white space.
func checkChange(c *Change) error {
	for _, part := range []struct {
		name string
		item *json.RawMessage
	}{{"keys", &c.Keys}, {"new", &c.New}, {"old", &c.Old}} {
		if *part.item == nil && part.name != "keys" {
			continue
		}
		var item map[string]json.RawMessage
		if json.Unmarshal(*part.item, &item) != nil || len(item) == 0 {
			return fmt.Errorf("%s is not an object of attribute values", part.name)
		}
		for _, name := range slices.Sorted(maps.Keys(item)) {
			if !isAttributeValue(item[name]) {
				return fmt.Errorf(`%s: %q is not an attribute value, such as {"S":"text"} or {"N":"1"}`, part.name, name)
			}
		}
		*part.item = json.RawMessage(compact(*part.item))
	}
	switch {
	case c.Event == "" && c.New == nil && c.Old == nil:
		return fmt.Errorf("event is missing, and neither new nor old tells it")
	case c.Event == "":
		c.Event = "MODIFY"
		if c.Old == nil {
			c.Event = "INSERT"
		}
		if c.New == nil {
			c.Event = "REMOVE"
		}
	case c.Event != "INSERT" && c.Event != "MODIFY" && c.Event != "REMOVE":
		return fmt.Errorf("event is %q, not INSERT, MODIFY or REMOVE", c.Event)
	case c.Event == "INSERT" && c.Old != nil, c.Event == "REMOVE" && c.New != nil:
		return fmt.Errorf("an item has no such image at %s", c.Event)
	}
	return nil
}

// isAttributeValue reports whether value is an object with one member that is named after a type
// of DynamoDB and has its form.
func isAttributeValue(value json.RawMessage) bool {
	var v map[string]json.RawMessage
	if json.Unmarshal(value, &v) != nil || len(v) != 1 {
		return false
	}
	for kind, x := range v {
		switch kind {
		case "S", "N", "B":
			var s *string
			return json.Unmarshal(x, &s) == nil && s != nil
		case "BOOL", "NULL":
			var b *bool
			return json.Unmarshal(x, &b) == nil && b != nil
		case "SS", "NS", "BS":
			var list []string
			return json.Unmarshal(x, &list) == nil && len(list) > 0
		case "L":
			var list []json.RawMessage
			if json.Unmarshal(x, &list) != nil || list == nil {
				return false
			}
			return !slices.ContainsFunc(list, func(e json.RawMessage) bool { return !isAttributeValue(e) })
		case "M":
			var members map[string]json.RawMessage
			if json.Unmarshal(x, &members) != nil || members == nil {
				return false
			}
			for _, e := range members {
				if !isAttributeValue(e) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// where names a message in an error.
func (r *record) where() string {
	if r.Line > 0 {
		return fmt.Sprintf("line %d", r.Line)
	}
	return fmt.Sprintf("message %d", r.index+1)
}
