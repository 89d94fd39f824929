package eventsource_test

import (
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/eventsource"
)

// TestAnswers plays each answer to a batch of the messages a and b. ID stands for the identifier
// of b.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const (
		success = "done"
		partial = "b again"
		whole   = "all again"
	)
	for _, c := range []struct{ answer, want, reason string }{
		{``, success, ""},
		{` `, success, ""},
		{`""`, success, ""},
		{`null`, success, ""},
		{`[]`, success, ""},
		{` [ ] `, success, ""},
		{`{}`, success, ""},
		{`{"other":1}`, success, ""},
		{`{"batchItemFailures":[]}`, success, ""},
		{`{"batchItemFailures":null}`, success, ""},
		{`{"BatchItemFailures":[{"itemIdentifier":ID}]}`, success, ""}, // names match in case

		{`{"batchItemFailures":[{"itemIdentifier":ID}]}`, partial, "reported in batchItemFailures"},
		{`{"batchItemFailures":[{"itemIdentifier":ID},{"itemIdentifier":ID}],"other":1}`, partial, "reported in batchItemFailures"},
		{`{"batchItemFailures":[{"itemIdentifier":ID,"other":1}]}`, partial, "reported in batchItemFailures"},

		{`{"batchItemFailures":`, whole, "the answer is not JSON"},
		{`ok`, whole, "the answer is not JSON"},
		{`"ok"`, whole, "the answer is not an object with batchItemFailures"},
		{`[1]`, whole, "the answer is not an object with batchItemFailures"},
		{`1`, whole, "the answer is not an object with batchItemFailures"},
		{`true`, whole, "the answer is not an object with batchItemFailures"},
		{`{"batchItemFailures":"x"}`, whole, "batchItemFailures is not a list"},
		{`{"batchItemFailures":{}}`, whole, "batchItemFailures is not a list"},
		{`{"batchItemFailures":[null]}`, whole, "batchItemFailures[0] is not an object"},
		{`{"batchItemFailures":[ID]}`, whole, ""},
		{`{"batchItemFailures":[{}]}`, whole, "batchItemFailures[0] has no itemIdentifier"},
		{`{"batchItemFailures":[{"id":ID}]}`, whole, "batchItemFailures[0] has no itemIdentifier"},
		{`{"batchItemFailures":[{"ItemIdentifier":ID}]}`, whole, "batchItemFailures[0] has no itemIdentifier"},
		{`{"batchItemFailures":[{"itemIdentifier":ID},{"itemIdentifier":null}]}`, whole, "batchItemFailures[1]: the itemIdentifier is null"},
		{`{"batchItemFailures":[{"itemIdentifier":""},{"itemIdentifier":ID}]}`, whole, `batchItemFailures[0]: the itemIdentifier is ""`},
		{`{"batchItemFailures":[{"itemIdentifier":ID},{"itemIdentifier":"unknown"}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":123}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-1","offset":1}}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0","offset":7}}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":{"topic-partition":"orders-0","offset":1}}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0"}}]}`, whole, ""},
		{`{"batchItemFailures":[{"itemIdentifier":"orders-0:1"}]}`, whole, ""},
	} {
		for kind := eventsource.SQS; kind <= eventsource.Kafka; kind++ {
			m := newMapping(t, kind, "a b", eventsource.Options{ReportFailures: true})
			var batches []string
			m.Run(start, func(event []byte) ([]byte, error) {
				list := items(t, event)
				batches = append(batches, strings.Repeat("x", len(list)))
				if len(batches) > 1 {
					return nil, nil
				}
				return []byte(strings.ReplaceAll(c.answer, "ID", list[1].identifier)), nil
			})
			want := map[string]string{success: "xx", partial: "xx|x", whole: "xx|xx"}[c.want]
			if got := strings.Join(batches, "|"); got != want {
				t.Errorf("%v, %s: got batches %s, want %s", kind, c.answer, got, want)
			}
			if reason := m.Outcomes()[1].Reason; c.reason != "" && reason != c.reason {
				t.Errorf("%v, %s: got reason %q, want %q", kind, c.answer, reason, c.reason)
			}
		}
	}
}

func TestAnswers_AreIgnoredWithoutTheSwitch(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{"batchItemFailures":[{"itemIdentifier":"id-a"}]}`, `{"batchItemFailures":[{"itemIdentifier":null}]}`, `no JSON`} {
		m := newMapping(t, eventsource.SQS, "a", eventsource.Options{})
		m.Run(start, func([]byte) ([]byte, error) { return []byte(answer), nil })
		wantEqual(t, answer, outcomes(m), "done*1")
	}
}
