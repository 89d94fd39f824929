// Package fakedynamodb is a DynamoDB server in memory for tests.
package fakedynamodb

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

// Server is a DynamoDB with one table in memory. It refuses the requests that DynamoDB refuses:
// invalid keys, unused placeholders, and numbers and items that are too large. Set the exported
// fields before the first request, or hold the lock.
type Server struct {
	t     testing.TB
	Table string   // name of the table
	Keys  []string // attributes of the primary key

	sync.Mutex
	Items  map[string]Item // by the JSON of the key
	Rules  []Rule
	Counts map[string]int  // requests by operation
	Record func(*Request)  // called with each request before the answer
	Codes  map[string]bool // codes of the errors that were sent
	closed bool
}

// Rule makes the server misbehave.
type Rule struct {
	On  string // operation
	Nth int    // the request that it applies to, from 1; 0: all requests

	Error *struct {
		Status        int
		Type, Message string
	}
	OmitItem     bool `json:"omit_item"` // leaves the item out of the error of a failed condition
	Empty        bool // GetItem finds nothing
	ConflictItem Item `json:"conflict_item"` // the condition fails, and this is the item
}

// Request is a request with the placeholders of its expressions replaced by their values.
type Request struct {
	Op, Table  string
	Key        Item // primary key
	Item       Item // of PutItem
	Condition  *Condition
	Set        Item // of UpdateItem
	Remove     []string
	ReturnItem bool // with the error of a failed condition
	Consistent bool
	Raw        string // the expressions as they were sent

	Applied bool   // the answer was not an error
	Code    string // of the error
	Ruled   bool   // the error comes from a Rule
}

func (r *Request) String() string {
	s := fmt.Sprintf("%s %s %s", r.Op, r.Table, r.Key)
	if r.Item != nil {
		s += "\n  item " + r.Item.String()
	}
	if r.Set != nil || r.Remove != nil {
		s += fmt.Sprintf("\n  set %s, remove %q", r.Set, r.Remove)
	}
	return s + fmt.Sprintf("\n  if %v; returns the item: %v; consistent: %v", r.Condition, r.ReturnItem, r.Consistent)
}

// Equal compares everything except Raw and the answer.
func (r *Request) Equal(o *Request) bool {
	return r.Op == o.Op && r.Table == o.Table && r.Key.Equal(o.Key) && r.Item.Equal(o.Item) && r.Set.Equal(o.Set) &&
		slices.Equal(r.Remove, o.Remove) && r.Condition.Equal(o.Condition) &&
		r.ReturnItem == o.ReturnItem && r.Consistent == o.Consistent
}

// New returns a server with an empty table "idem". keys are the attributes of the primary key.
// Default: "id".
func New(t testing.TB, keys ...string) *Server {
	if len(keys) == 0 {
		keys = []string{"id"}
	}
	return &Server{t: t, Table: "idem", Keys: keys, Items: map[string]Item{}, Counts: map[string]int{}, Codes: map[string]bool{}, Record: func(*Request) {}}
}

// Client serves requests until the test ends, and returns a client of the SDK. The client does not
// pause between attempts. If transport is nil, the client has connections of its own: the end of
// another test's server closes those of [http.DefaultTransport].
func (f *Server) Client(transport http.RoundTripper) *sdk.Client {
	server := httptest.NewServer(f)
	f.t.Cleanup(server.Close)
	if transport == nil {
		transport = server.Client().Transport
	}
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

func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	f.Lock()
	defer f.Unlock()
	if f.closed {
		f.answer(w, 400, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException"})
		return
	}
	status, out := f.do(op, body)
	f.answer(w, status, out)
}

// answer sends the checksum too. Without it the SDK reports an error when it closes the body.
func (f *Server) answer(w http.ResponseWriter, status int, out map[string]any) {
	body := []byte(JSON(out))
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	w.Write(body)
}

func (f *Server) do(op string, body []byte) (status int, out map[string]any) {
	var r *Request
	refuse := func(status int, code, message string, it Item) (int, map[string]any) {
		if r != nil {
			r.Applied, r.Code = false, code
		}
		f.Codes[code] = true
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
	f.Counts[op]++ // also of a request that is not valid
	r = ParseRequest(op, body, f.Keys)
	f.Record(r)
	var conflict Item
	omit, empty := false, false
	for _, rule := range f.Rules {
		if !rule.Applies(op, f.Counts[op]) {
			continue
		}
		if rule.Error != nil {
			r.Ruled = true
			return refuse(rule.Error.Status, rule.Error.Type, rule.Error.Message, nil)
		}
		omit, empty = omit || rule.OmitItem, empty || rule.Empty
		if rule.ConflictItem != nil {
			conflict = maps.Clone(rule.ConflictItem)
			maps.Copy(conflict, r.Key)
		}
	}
	if r.Table != f.Table {
		return refuse(400, "ResourceNotFoundException", "Requested resource not found", nil)
	}
	existing := f.Items[r.Key.String()]
	if op == "GetItem" {
		r.Applied = true
		if existing == nil || empty {
			return 200, map[string]any{}
		}
		return 200, map[string]any{"Item": existing}
	}
	if conflict != nil || !r.Condition.Holds(existing) {
		if conflict != nil {
			existing = conflict
		}
		if !r.ReturnItem || omit {
			existing = nil
		}
		return refuse(400, "ConditionalCheckFailedException", "The conditional request failed", existing)
	}
	r.Apply(f.Items)
	r.Applied = true
	return 200, map[string]any{}
}

// Applies reports whether the rule applies to the nth request of an operation.
func (rule Rule) Applies(op string, n int) bool {
	return rule.On == op && (rule.Nth == 0 || rule.Nth == n)
}

// Apply applies the request to the items of a table.
func (r *Request) Apply(items map[string]Item) {
	id := r.Key.String()
	next := items[id]
	switch r.Op {
	case "PutItem":
		next = r.Item
	case "DeleteItem":
		delete(items, id)
		return
	case "UpdateItem":
		next = maps.Clone(next)
		if next == nil {
			next = maps.Clone(r.Key)
		}
		maps.Copy(next, r.Set)
		for _, name := range r.Remove {
			delete(next, name)
		}
	}
	if next.Size() > 400<<10 {
		fail("Item size to update has exceeded the maximum allowed size")
	}
	items[id] = next
}

// ParseRequest decodes the body of a request. It panics with a message if DynamoDB would refuse it.
func ParseRequest(op string, body []byte, keys []string) *Request {
	var in struct {
		TableName                           string
		Key, Item                           Item
		ConditionExpression                 *string
		UpdateExpression                    *string
		ExpressionAttributeNames            map[string]string
		ExpressionAttributeValues           Item
		ReturnValuesOnConditionCheckFailure string
		ConsistentRead                      bool
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		fail("the body: %v", err)
	}
	r := &Request{
		Op: op, Table: in.TableName, Key: in.Key, Item: in.Item, Consistent: in.ConsistentRead,
		ReturnItem: in.ReturnValuesOnConditionCheckFailure == "ALL_OLD",
	}
	r.Raw = JSON([]any{in.ConditionExpression, in.UpdateExpression, in.ExpressionAttributeNames})
	if op == "PutItem" {
		r.Key = Item{}
		for _, name := range keys {
			r.Key[name] = in.Item[name]
		}
	}
	checkItems(r, keys, in.ExpressionAttributeValues)
	p := &parser{names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, used: map[string]bool{}}
	if in.ConditionExpression != nil {
		r.Condition = p.condition(*in.ConditionExpression)
	}
	if in.UpdateExpression != nil {
		r.Set, r.Remove = p.update(*in.UpdateExpression)
	}
	p.unused()
	for _, name := range keys {
		if r.Set[name] != nil || slices.Contains(r.Remove, name) {
			fail("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return r
}

func checkItems(r *Request, keys []string, values Item) {
	if !slices.Contains([]string{"PutItem", "GetItem", "UpdateItem", "DeleteItem"}, r.Op) {
		fail("no such operation: %q", r.Op)
	}
	if len(r.Key) != len(keys) || (r.Op == "PutItem") != (r.Item != nil) {
		fail("The provided key element does not match the schema: %v", r.Key)
	}
	for _, name := range keys {
		if s := r.Key[name].Text(); s == "" || len(s) > 2048 {
			fail("One or more parameter values were invalid: the key Attribute %s is %v", name, r.Key[name])
		}
	}
	for _, it := range []Item{r.Item, values} {
		for _, v := range it {
			v.check(0)
		}
	}
	if r.Item.Size() > 400<<10 {
		fail("Item size has exceeded the maximum allowed size")
	}
}

// Close makes the server refuse all further requests.
func (f *Server) Close() {
	f.Lock()
	defer f.Unlock()
	f.closed = true
}

// ItemOf returns the item with this primary key, or nil.
func (f *Server) ItemOf(key Item) Item {
	f.Lock()
	defer f.Unlock()
	return f.Items[key.String()]
}

// OwnerOf returns the attribute "owner" of the item with this primary key.
func (f *Server) OwnerOf(key Item) string { return f.ItemOf(key)["owner"].Text() }
