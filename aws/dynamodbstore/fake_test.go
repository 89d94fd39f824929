package dynamodbstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// fake is a DynamoDB with one table in memory. It refuses what DynamoDB refuses: keys that
// are none, placeholders without a use, numbers and items that are too large.
type fake struct {
	t     testing.TB
	table string
	keys  []string // attributes of the primary key

	mu     sync.Mutex
	items  map[string]item
	rules  []serverRule
	counts map[string]int  // of requests by operation
	record func(*request)  // is told of each request, before it is answered
	closed bool            // answers nothing any more
	codes  map[string]bool // of errors that were answered
}

// serverRule makes the fake misbehave.
type serverRule struct {
	On  string
	Nth int // counts from 1; 0 is all of them

	Error *struct {
		Status        int
		Type, Message string
	}
	OmitItem     bool `json:"omit_item"` // from the error of a failed condition
	Empty        bool // GetItem finds nothing
	ConflictItem item `json:"conflict_item"` // fails the condition, and is what is there
}

// request is one on the wire, with the placeholders of its expressions resolved.
type request struct {
	op, table  string
	key        item // the primary key
	item       item // PutItem's
	condition  *condition
	set        item // UpdateItem's
	remove     []string
	returnItem bool // with the error of a failed condition
	consistent bool
	raw        string // its expressions as they were sent

	applied bool   // it was answered without an error
	code    string // of the error
	ruled   bool   // the error was that of a serverRule
	want    *request
}

func (r *request) String() string {
	s := fmt.Sprintf("%s %s %s", r.op, r.table, r.key)
	if r.item != nil {
		s += "\n  item " + r.item.String()
	}
	if r.set != nil || r.remove != nil {
		s += fmt.Sprintf("\n  set %s, remove %q", r.set, r.remove)
	}
	return s + fmt.Sprintf("\n  if %v; returns the item: %v; consistent: %v", r.condition, r.returnItem, r.consistent)
}

func newFake(t testing.TB, keys ...string) *fake {
	if len(keys) == 0 {
		keys = []string{"id"}
	}
	return &fake{t: t, table: "idem", keys: keys, items: map[string]item{}, counts: map[string]int{}, codes: map[string]bool{}, record: func(*request) {}}
}

// client serves the fake until the test ends, and returns the SDK's client of it. It does
// not wait between attempts.
func (f *fake) client(transport http.RoundTripper) *sdk.Client {
	server := httptest.NewServer(f)
	f.t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		}),
		HTTPClient: &http.Client{Transport: transport},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		f.answer(w, 400, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException"})
		return
	}
	status, out := f.do(op, body)
	f.answer(w, status, out)
}

// answer sends the checksum as well, without which the SDK does not close the body well.
func (f *fake) answer(w http.ResponseWriter, status int, out map[string]any) {
	body := []byte(text(out))
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	w.Write(body)
}

func (f *fake) do(op string, body []byte) (status int, out map[string]any) {
	var r *request
	refuse := func(status int, code, message string, it item) (int, map[string]any) {
		if r != nil {
			r.applied, r.code = false, code
		}
		f.codes[code] = true
		out := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": message}
		if it != nil {
			out["Item"] = it
		}
		return status, out
	}
	defer func() {
		if v := recover(); v != nil {
			message, ok := v.(invalid)
			if !ok {
				panic(v)
			}
			status, out = refuse(400, "ValidationException", string(message), nil)
		}
	}()
	r = parseRequest(op, body, f.keys)
	f.counts[op]++
	f.record(r)
	var conflict item
	omit, empty := false, false
	for _, rule := range f.rules {
		if !rule.applies(op, f.counts[op]) {
			continue
		}
		if rule.Error != nil {
			r.ruled = true
			return refuse(rule.Error.Status, rule.Error.Type, rule.Error.Message, nil)
		}
		omit, empty = omit || rule.OmitItem, empty || rule.Empty
		if rule.ConflictItem != nil {
			conflict = maps.Clone(rule.ConflictItem)
			maps.Copy(conflict, r.key)
		}
	}
	if r.table != f.table {
		return refuse(400, "ResourceNotFoundException", "Requested resource not found", nil)
	}
	existing := f.items[r.key.String()]
	if op == "GetItem" {
		r.applied = true
		if existing == nil || empty {
			return 200, map[string]any{}
		}
		return 200, map[string]any{"Item": existing}
	}
	if conflict != nil || !r.condition.holds(existing) {
		if conflict != nil {
			existing = conflict
		}
		if !r.returnItem || omit {
			existing = nil
		}
		return refuse(400, "ConditionalCheckFailedException", "The conditional request failed", existing)
	}
	r.apply(f.items)
	r.applied = true
	return 200, map[string]any{}
}

func (rule serverRule) applies(op string, n int) bool {
	return rule.On == op && (rule.Nth == 0 || rule.Nth == n)
}

// apply does what the request asks to the items of a table.
func (r *request) apply(items map[string]item) {
	id := r.key.String()
	next := items[id]
	switch r.op {
	case "PutItem":
		next = r.item
	case "DeleteItem":
		delete(items, id)
		return
	case "UpdateItem":
		next = maps.Clone(next)
		if next == nil {
			next = maps.Clone(r.key)
		}
		maps.Copy(next, r.set)
		for _, name := range r.remove {
			delete(next, name)
		}
	}
	if next.size() > 400<<10 {
		fail("Item size to update has exceeded the maximum allowed size")
	}
	items[id] = next
}

// parseRequest reads the body of a request. It panics with an invalid where DynamoDB would
// refuse it.
func parseRequest(op string, body []byte, keys []string) *request {
	var in struct {
		TableName                           string
		Key, Item                           item
		ConditionExpression                 *string
		UpdateExpression                    *string
		ExpressionAttributeNames            map[string]string
		ExpressionAttributeValues           item
		ReturnValuesOnConditionCheckFailure string
		ConsistentRead                      bool
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		fail("the body: %v", err)
	}
	r := &request{
		op: op, table: in.TableName, key: in.Key, item: in.Item, consistent: in.ConsistentRead,
		returnItem: in.ReturnValuesOnConditionCheckFailure == "ALL_OLD",
	}
	r.raw = text([]any{in.ConditionExpression, in.UpdateExpression, in.ExpressionAttributeNames})
	if op == "PutItem" {
		r.key = item{}
		for _, name := range keys {
			r.key[name] = in.Item[name]
		}
	}
	checkItems(r, keys, in.ExpressionAttributeValues)
	p := &parser{names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, used: map[string]bool{}}
	if in.ConditionExpression != nil {
		r.condition = p.condition(*in.ConditionExpression)
	}
	if in.UpdateExpression != nil {
		r.set, r.remove = p.update(*in.UpdateExpression)
	}
	p.unused()
	for _, name := range keys {
		if r.set[name] != nil || slices.Contains(r.remove, name) {
			fail("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return r
}

func checkItems(r *request, keys []string, values item) {
	if !slices.Contains([]string{"PutItem", "GetItem", "UpdateItem", "DeleteItem"}, r.op) {
		fail("no such operation: %q", r.op)
	}
	if len(r.key) != len(keys) || (r.op == "PutItem") != (r.item != nil) {
		fail("The provided key element does not match the schema: %v", r.key)
	}
	for _, name := range keys {
		if s := r.key[name].str(); s == "" || len(s) > 2048 {
			fail("One or more parameter values were invalid: the key attribute %s is %v", name, r.key[name])
		}
	}
	for _, it := range []item{r.item, values} {
		for _, v := range it {
			v.check(0)
		}
	}
	if r.item.size() > 400<<10 {
		fail("Item size has exceeded the maximum allowed size")
	}
}
