package eventsource

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// verdict is the meaning of an answer.
type verdict struct {
	whole    string           // why the whole batch failed; empty: it did not
	reported map[*record]bool // otherwise: these failed
	ignored  bool             // the answer reports failures, and the mapping does not look at them
}

func (m *Mapping) judge(b *batch, response []byte, err error) verdict {
	if err != nil {
		return verdict{whole: err.Error()}
	}
	ids, err := identifiers(response)
	if !m.opts.ReportFailures {
		return verdict{ignored: err == nil && len(ids) > 0}
	}
	if err != nil {
		return verdict{whole: err.Error()}
	}
	v := verdict{reported: make(map[*record]bool, len(ids))}
	known := make(map[string]*record, len(b.records))
	for _, r := range b.records {
		known[m.identifier(r)] = r
	}
	for i, id := range ids {
		text, err := m.normal(id)
		if err != nil {
			return verdict{whole: fmt.Sprintf("batchItemFailures[%d]: %v", i, err)}
		}
		r := known[text]
		if r == nil {
			return verdict{whole: fmt.Sprintf("batchItemFailures[%d]: %s is not in the batch", i, text)}
		}
		v.reported[r] = true
	}
	return v
}

// identifiers returns the values of itemIdentifier of an answer. Names match in case, as in
// Lambda.
func identifiers(response []byte) ([]json.RawMessage, error) {
	response = bytes.TrimSpace(response)
	if len(response) == 0 {
		return nil, nil
	}
	if !json.Valid(response) {
		return nil, fmt.Errorf("the answer is not JSON")
	}
	var answer map[string]json.RawMessage
	if json.Unmarshal(response, &answer) != nil {
		if compact(response) == `""` || compact(response) == "[]" {
			return nil, nil
		}
		return nil, fmt.Errorf("the answer is not an object with batchItemFailures")
	}
	raw, ok := answer["batchItemFailures"]
	if !ok {
		return nil, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, fmt.Errorf("batchItemFailures is not a list")
	}
	for i, element := range list {
		var item map[string]json.RawMessage
		if json.Unmarshal(element, &item) != nil || item == nil {
			return nil, fmt.Errorf("batchItemFailures[%d] is not an object", i)
		}
		id, ok := item["itemIdentifier"]
		switch text := string(id); {
		case !ok:
			return nil, fmt.Errorf("batchItemFailures[%d] has no itemIdentifier", i)
		case text == "null" || text == `""`:
			return nil, fmt.Errorf("batchItemFailures[%d]: the itemIdentifier is %s", i, text)
		}
		list[i] = id
	}
	return list, nil
}

// identifier returns the text of the identifier of a record.
func (m *Mapping) identifier(r *record) string {
	if m.kind == Kafka {
		return fmt.Sprintf(`{"partition":%q,"offset":%d}`, m.partition(r), r.offset)
	}
	return r.id
}

// normal returns an identifier of an answer in the form of identifier.
func (m *Mapping) normal(id json.RawMessage) (string, error) {
	if m.kind != Kafka {
		var text string
		if json.Unmarshal(id, &text) != nil {
			return "", fmt.Errorf("the itemIdentifier %s is not a string", id)
		}
		return text, nil
	}
	var members map[string]json.RawMessage
	var partition string
	var offset int64
	if json.Unmarshal(id, &members) != nil ||
		json.Unmarshal(members["partition"], &partition) != nil || json.Unmarshal(members["offset"], &offset) != nil {
		return "", fmt.Errorf(`the itemIdentifier %s is not like {"partition":"TOPIC-0","offset":0}`, id)
	}
	return fmt.Sprintf(`{"partition":%q,"offset":%d}`, partition, offset), nil
}

// compact returns a JSON text without white space.
func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}
