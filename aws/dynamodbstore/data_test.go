package dynamodbstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
)

// decoded reads an attribute as the wire has it.
func decoded(text string) fakedynamodb.Attribute {
	v, err := fakedynamodb.DecodeNumbers([]byte(text))
	if err != nil {
		panic(err)
	}
	return v.(map[string]any)
}

func TestNativeData(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`null`:                                   `{"NULL":true}`,
		`true`:                                   `{"BOOL":true}`,
		`false`:                                  `{"BOOL":false}`,
		`"text"`:                                 `{"S":"text"}`,
		`""`:                                     `{"S":""}`,
		`"\u003cé\u2028"`:                        `{"S":"<é\u2028"}`,
		`-12.50`:                                 `{"N":"-12.5"}`,
		`1E3`:                                    `{"N":"1000"}`,
		`1e-7`:                                   `{"N":"1e-7"}`,
		`9.9e125`:                                `{"N":"9.9e125"}`,
		`12345678901234567890123456789012345678`: `{"N":"12345678901234567890123456789012345678"}`,
		`0.00000000000000000000000000000000000000000001`: `{"N":"1e-44"}`,
		`1000000000000000000000000000000000000000000000`: `{"N":"1e45"}`,
		`[]`:                    `{"L":[]}`,
		`{}`:                    `{"M":{}}`,
		`[1,"a",null,[true]]`:   `{"L":[{"N":"1"},{"S":"a"},{"NULL":true},{"L":[{"BOOL":true}]}]}`,
		`{"b":{"":1},"a":[{}]}`: `{"M":{"b":{"M":{"":{"N":"1"}}},"a":{"L":[{"M":{}}]}}}`,
		strings.Repeat("[", 32) + "1" + strings.Repeat("]", 32): strings.Repeat(`{"L":[`, 32) + `{"N":"1"}` + strings.Repeat(`]}`, 32),
		strings.Repeat("[", 32) + strings.Repeat("]", 32):       strings.Repeat(`{"L":[`, 31) + `{"L":[]}` + strings.Repeat(`]}`, 31),
	} {
		f, s := begun(t, &dynamodbstore.Options{NativeData: true})
		if err := s.Complete(t.Context(), completed("k", []byte(data))); err != nil {
			t.Errorf("Complete of %s: got %v, want no error", data, err)
			continue
		}
		if got := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}})["data"]; !got.Equal(decoded(want)) {
			t.Errorf("%s is stored as %s, want %s", data, got, want)
		}
		if r := stored(t, s); !fakedynamodb.SameJSON(r.Data, []byte(data)) {
			t.Errorf("got %s, want the value %s", r.Data, data)
		}
	}
}

// TestNumbersBeyondDynamoDB are told as too large without asking the server.
func TestNumbersBeyondDynamoDB(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"123456789012345678901234567890123456789", // 39 digits
		"0.123456789012345678901234567890123456789", "-1e126", "1e126", "1e999", `{"a":[1e400]}`,
		strings.Repeat("[", 34) + strings.Repeat("]", 34), strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33),
	} {
		f, s := begun(t, &dynamodbstore.Options{NativeData: true})
		if err := s.Complete(t.Context(), completed("k", []byte(data))); !errors.Is(err, idempotency.ErrTooLarge) {
			t.Errorf("%s: %v, want an ErrTooLarge", data, err)
		}
		if f.Counts["UpdateItem"] != 0 {
			t.Errorf("%s: got an UpdateItem, want none", data)
		}
		if _, s := begun(t, nil); s.Complete(t.Context(), completed("k", []byte(data))) != nil {
			t.Errorf("%s in a String: got an error, want none", data)
		}
	}
}

// TestResultsThatAreNoJSON are those of a Codec.
func TestResultsThatAreNoJSON(t *testing.T) {
	t.Parallel()
	for _, native := range []bool{false, true} {
		for _, data := range []string{"\x00\xff", "", "text", `{"half":`, "\"\xff\""} {
			f, s := begun(t, &dynamodbstore.Options{NativeData: native})
			if err := s.Complete(t.Context(), completed("k", []byte(data))); err != nil {
				t.Errorf("Complete of %q: got %v, want no error", data, err)
				continue
			}
			if stored := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}})["data"]; stored["B"] == nil {
				t.Errorf("%q: got %s stored, want a Binary", data, stored)
			}
			if r := stored(t, s); string(r.Data) != data {
				t.Errorf("got %q, want %q", r.Data, data)
			}
		}
	}
}

// TestDataOfOtherLibraries reads what they and people may have written.
func TestDataOfOtherLibraries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		native     bool
		data, want string
	}{
		{false, `{"S":"{\"a\": 1.0}"}`, `{"a": 1.0}`},
		{false, `{"S":"null"}`, `null`},
		{false, `{"S":"not JSON"}`, `"not JSON"`},
		{false, `{"S":""}`, `""`},
		{false, `{"M":{"a":{"N":"1"}}}`, `{"a":1}`},
		{false, `{"NULL":true}`, `null`},
		{true, `{"S":"{\"a\": 1.0}"}`, `"{\"a\": 1.0}"`},
		{true, `{"S":"null"}`, `"null"`},
		{true, `{"NS":["1","2.5"]}`, `[1,2.5]`},
		{true, `{"SS":["a","<b>"]}`, `["a","<b>"]`},
		{true, `{"BS":["AQI=","Aw=="]}`, `["AQI=","Aw=="]`},
		{true, `{"M":{"b":{"B":"AQI="},"s":{"SS":["x"]},"a":{"L":[{"NULL":true}]}}}`, `{"a":[null],"b":"AQI=","s":["x"]}`},
		{true, `{"N":"0.0000001"}`, `0.0000001`},
	} {
		f, s := begun(t, &dynamodbstore.Options{NativeData: test.native})
		it := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}})
		it["status"], it["data"] = fakedynamodb.Attribute{"S": "COMPLETED"}, decoded(test.data)
		r, err := read(t, s)
		if err != nil {
			t.Errorf("native: %v, %s: got error %v, want %s", test.native, test.data, err, test.want)
		} else if string(r.Data) != test.want {
			t.Errorf("native: %v, %s is %s, want %s", test.native, test.data, r.Data, test.want)
		}
	}
}

// TestRecordsOfOtherLibraries have less and more in them than ours.
func TestRecordsOfOtherLibraries(t *testing.T) {
	t.Parallel()
	begin := func(change func(fakedynamodb.Item)) (*idempotency.Record, error) {
		f, s := begun(t, nil)
		change(f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}}))
		return read(t, s)
	}
	r, err := begin(func(it fakedynamodb.Item) {
		delete(it, "owner")
		delete(it, "validation")
		it["other"] = fakedynamodb.Attribute{"L": []any{}}
	})
	if err != nil || r.Owner != "" || r.Validation != "" || r.Status != idempotency.InProgress || r.Data != nil || !r.Lease.Equal(record("k").Lease) {
		t.Errorf("without owner and validation: got %+v, %v, want a record in progress with its lease", r, err)
	}
	r, err = begin(func(it fakedynamodb.Item) {
		it["status"] = fakedynamodb.Attribute{"S": "COMPLETED"}
		delete(it, "expiration")
	})
	if err != nil || !r.Expiration.IsZero() || !r.Lease.IsZero() || !r.Live(base.AddDate(100, 0, 0)) {
		t.Errorf("completed without expiration: got %+v, %v, want a record that never expires", r, err)
	}
	r, err = begin(func(it fakedynamodb.Item) { it["expiration"] = fakedynamodb.Attribute{"N": "1700003600.5"} })
	if err != nil || r.Expiration.UnixMilli() != 1700003600500 {
		t.Errorf("an expiration with a fraction: got %+v, %v, want it to the millisecond", r, err)
	}
	r, err = begin(func(it fakedynamodb.Item) { delete(it, "in_progress_expiration") })
	if err != nil || !r.Lease.IsZero() || !r.Live(base) {
		t.Errorf("without a lease: got %+v, %v, want a live record", r, err)
	}
	r, err = begin(func(it fakedynamodb.Item) { it["status"] = fakedynamodb.Attribute{"S": "WEIRD"} })
	if err != nil || r.Status != "WEIRD" {
		t.Errorf("another status: got %+v, %v, want the status WEIRD", r, err)
	}
}

func TestMalformedItems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attr  string
		value fakedynamodb.Attribute
	}{
		{"expiration", fakedynamodb.Attribute{"S": "1700003600"}},
		{"expiration", fakedynamodb.Attribute{"M": map[string]any{}}},
		{"expiration", fakedynamodb.Attribute{"N": "1e30"}},
		{"in_progress_expiration", fakedynamodb.Attribute{"S": "soon"}},
		{"in_progress_expiration", fakedynamodb.Attribute{"N": "9999999999999999999"}},
	} {
		f, s := begun(t, nil)
		f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}})[test.attr] = test.value
		if r, err := read(t, s); !errors.Is(err, idempotency.ErrInconsistent) {
			t.Errorf("%s is %s: %+v, %v, want an ErrInconsistent", test.attr, test.value, r, err)
		}
	}
}
