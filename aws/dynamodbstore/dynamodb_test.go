package dynamodbstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
)

func TestStoreIsAStore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		keys []string
		o    dynamodbstore.Options
		omit bool
	}{
		{name: "one key"},
		{name: "the server does not return items", omit: true},
		{name: "composite key", keys: []string{"id", "sk"}, o: dynamodbstore.Options{SortKeyAttr: "sk", StaticPKValue: "all"}},
		{name: "native data", o: dynamodbstore.Options{NativeData: true}},
		{name: "native data, and the server does not return items", o: dynamodbstore.Options{NativeData: true}, omit: true},
		{name: "other names", keys: []string{"k"}, o: dynamodbstore.Options{
			KeyAttr: "k", ExpiryAttr: "ttl", InProgressExpiryAttr: "lock", StatusAttr: "st", DataAttr: "res", ValidationAttr: "val", OwnerAttr: "own",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := fakedynamodb.New(t, test.keys...)
			if test.omit {
				f.Rules = []fakedynamodb.Rule{{On: "PutItem", OmitItem: true}}
			}
			storetest.Run(t, dynamodbstore.New(f.Client(nil), f.Table, &test.o), &storetest.Options{Values: test.o.NativeData})
			if f.Codes["ValidationException"] {
				t.Error("got a ValidationException, want none")
			}
		})
	}
}

// base is a whole second.
var base = time.Unix(1_700_000_000, 0)

func record(key string) *idempotency.Record {
	return &idempotency.Record{
		Key: key, Status: idempotency.InProgress, Owner: "me", Validation: "v",
		Lease: base.Add(30*time.Second + 123*time.Millisecond), Expiration: base.Add(time.Hour),
	}
}

func completed(key string, data []byte) *idempotency.Record {
	r := record(key)
	r.Status, r.Lease, r.Data = idempotency.Completed, time.Time{}, data
	return r
}

// begun returns a fake and a store of it in which a run of the key "k" has begun.
func begun(t *testing.T, o *dynamodbstore.Options) (*fakedynamodb.Server, *dynamodbstore.Store) {
	t.Helper()
	f := fakedynamodb.New(t)
	s := dynamodbstore.New(f.Client(nil), f.Table, o)
	if existing, err := s.Begin(t.Context(), record("k"), base); existing != nil || err != nil {
		t.Fatalf("Begin: got %+v, %v, want no record, no error", existing, err)
	}
	return f, s
}

// read returns what a call finds at the key "k".
func read(t *testing.T, s *dynamodbstore.Store) (*idempotency.Record, error) {
	t.Helper()
	probe := record("k")
	probe.Owner = "probe"
	return s.Begin(t.Context(), probe, base)
}

// stored returns the record that a call finds at the key "k".
func stored(t *testing.T, s *dynamodbstore.Store) *idempotency.Record {
	t.Helper()
	r, err := read(t, s)
	if r == nil || err != nil {
		t.Fatalf("got %+v, %v, want a record", r, err)
	}
	return r
}

func TestItems(t *testing.T) {
	t.Parallel()
	f, s := begun(t, nil)
	key := fakedynamodb.Item{"id": {"S": "k"}}
	want := fakedynamodb.Item{
		"id": {"S": "k"}, "status": {"S": "INPROGRESS"}, "owner": {"S": "me"}, "validation": {"S": "v"},
		"expiration": {"N": "1700003600"}, "in_progress_expiration": {"N": "1700000030123"},
	}
	if got := f.ItemOf(key); !got.Equal(want) {
		t.Errorf("a record in progress is %s, want %s", got, want)
	}
	longer := record("k")
	longer.Lease, longer.Expiration = base.Add(time.Hour), base.Add(2*time.Hour)
	if err := s.Extend(t.Context(), longer); err != nil {
		t.Fatal(err)
	}
	want["expiration"], want["in_progress_expiration"] = fakedynamodb.Attribute{"N": "1700007200"}, fakedynamodb.Attribute{"N": "1700003600000"}
	if got := f.ItemOf(key); !got.Equal(want) {
		t.Errorf("an extended record is %s, want %s", got, want)
	}
	if err := s.Complete(t.Context(), completed("k", []byte(`{"b": 1, "a":"é"}`))); err != nil {
		t.Fatal(err)
	}
	want["status"], want["expiration"], want["data"] = fakedynamodb.Attribute{"S": "COMPLETED"}, fakedynamodb.Attribute{"N": "1700003600"}, fakedynamodb.Attribute{"S": `{"b": 1, "a":"é"}`}
	if got := f.ItemOf(key); !got.Equal(want) {
		t.Errorf("a completed record is %s, want %s", got, want)
	}
	if err := s.Delete(t.Context(), record("k")); err != nil || f.ItemOf(key) != nil {
		t.Errorf("Delete: got %v and the item %s, want no error and no item", err, f.ItemOf(key))
	}
}

func TestNewPanics(t *testing.T) {
	t.Parallel()
	f := fakedynamodb.New(t)
	client := f.Client(nil)
	for name, make := range map[string]func(){
		"no table":           func() { dynamodbstore.New(client, "", nil) },
		"two keys":           func() { dynamodbstore.New(client, "t", &dynamodbstore.Options{SortKeyAttr: "id"}) },
		"two attributes":     func() { dynamodbstore.New(client, "t", &dynamodbstore.Options{DataAttr: "x", StatusAttr: "x"}) },
		"one has a default":  func() { dynamodbstore.New(client, "t", &dynamodbstore.Options{DataAttr: "owner"}) },
		"the default itself": func() { dynamodbstore.New(client, "t", &dynamodbstore.Options{OwnerAttr: "validation"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if v := recover(); v == nil || !strings.HasPrefix(fmt.Sprint(v), "dynamodbstore: ") {
					t.Errorf("New: got panic %v, want one of dynamodb", v)
				}
			}()
			make()
		})
	}
}

func TestClientOfTheEnvironment(t *testing.T) {
	f := fakedynamodb.New(t)
	server := httptest.NewServer(f)
	defer server.Close()
	for name, v := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_LAMBDA_FUNCTION_NAME": "fn",
	} {
		t.Setenv(name, v)
	}
	f.Keys = []string{"id", "sk"}
	s := dynamodbstore.New(nil, f.Table, &dynamodbstore.Options{SortKeyAttr: "sk"})
	if _, err := s.Begin(t.Context(), record("k"), base); err != nil {
		t.Fatal(err)
	}
	if it := f.ItemOf(fakedynamodb.Item{"id": {"S": "idempotency#fn"}, "sk": {"S": "k"}}); it == nil {
		t.Errorf("got the items %v, want one with both keys", f.Items)
	}
}

// maxItem is that of DynamoDB.
const maxItem = 400 << 10

func TestResultsUpToTheLimit(t *testing.T) {
	t.Parallel()
	f, s := begun(t, nil)
	result := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	low, high := maxItem-1000, maxItem
	for low+1 < high { // low fits, high does not
		n := (low + high) / 2
		switch err := s.Complete(t.Context(), completed("k", result(n))); {
		case err == nil:
			low = n
		case errors.Is(err, idempotency.ErrTooLarge):
			high = n
		default:
			t.Fatal(err)
		}
	}
	if size := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}}).Size(); size > maxItem || size < maxItem-150 {
		t.Errorf("got %d bytes for the largest item, want %d at most, and less by 150 at most", size, maxItem)
	}
	if f.Codes["ValidationException"] {
		t.Error("got a ValidationException, want none")
	}
	if r := stored(t, s); len(r.Data) != low {
		t.Errorf("got %d bytes stored, want the largest result that fits, %d", len(r.Data), low)
	}
}

// TestResultsThatTheServerRefuses are too large in ways that the store does not see itself.
func TestResultsThatTheServerRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a large list": "[" + strings.Repeat("1,", maxItem/2) + "1]",
		"deep":         strings.Repeat("[", 33) + strings.Repeat("]", 33),
		"deeper":       strings.Repeat("[", 40) + strings.Repeat("]", 40),
		"tiny":         "1e-200",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := begun(t, &dynamodbstore.Options{NativeData: true})
			before := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}})
			if err := s.Complete(t.Context(), completed("k", []byte(data))); !errors.Is(err, idempotency.ErrTooLarge) {
				t.Errorf("%v, want an ErrTooLarge", err)
			}
			if after := f.ItemOf(fakedynamodb.Item{"id": {"S": "k"}}); !after.Equal(before) {
				t.Errorf("got the record changed to %.300s, want no change", after)
			}
		})
	}
}

func TestResultThatDoesNotFitIsLost(t *testing.T) {
	t.Parallel()
	f := fakedynamodb.New(t)
	var reports []error
	once, err := idempotency.New(dynamodbstore.New(f.Client(nil), f.Table, nil), &idempotency.Options{
		Prefix: "p", OnError: func(err error) { reports = append(reports, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", maxItem)
	work := func(context.Context) (string, error) { return large, nil }
	if got, err := idempotency.Call(t.Context(), once, "k", work); err != nil || got != large {
		t.Errorf("first call: got %d bytes, %v, want %d bytes, no error", len(got), err, len(large))
	}
	if _, err := idempotency.Call(t.Context(), once, "k", work); !errors.Is(err, idempotency.ErrResultLost) {
		t.Errorf("the second call: %v, want an ErrResultLost", err)
	}
	if len(reports) != 1 || !errors.Is(reports[0], idempotency.ErrTooLarge) {
		t.Errorf("got reports %v, want one ErrTooLarge", reports)
	}
}

// TestErrorsOfTheServer looks at what a caller finds in them.
func TestErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(ctx context.Context, s *dynamodbstore.Store) error{
		"Begin": func(ctx context.Context, s *dynamodbstore.Store) error {
			_, err := s.Begin(ctx, record("k"), base)
			return err
		},
		"Complete": func(ctx context.Context, s *dynamodbstore.Store) error {
			return s.Complete(ctx, completed("k", []byte("1")))
		},
		"Extend": func(ctx context.Context, s *dynamodbstore.Store) error { return s.Extend(ctx, record("k")) },
		"Delete": func(ctx context.Context, s *dynamodbstore.Store) error { return s.Delete(ctx, record("k")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fakedynamodb.New(t)
			err := do(t.Context(), dynamodbstore.New(f.Client(nil), "other", nil))
			if !errors.As(err, new(*types.ResourceNotFoundException)) || errors.Is(err, idempotency.ErrTooLarge) || errors.Is(err, idempotency.ErrLeaseLost) {
				t.Errorf("no table: got %v, want a ResourceNotFoundException", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := do(ctx, dynamodbstore.New(f.Client(nil), f.Table, nil)); !errors.Is(err, context.Canceled) {
				t.Errorf("a context that has ended: got %v, want context.Canceled", err)
			}
		})
	}
}

// TestItemThatVanishes has an item fail the condition and be gone when it is read.
func TestItemThatVanishes(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]string{
		2: "PutItem GetItem PutItem GetItem PutItem GetItem",
		3: "PutItem GetItem PutItem GetItem PutItem GetItem",
	} {
		t.Run(fmt.Sprint(times, " times"), func(t *testing.T) {
			t.Parallel()
			f, s := begun(t, nil)
			f.Rules = []fakedynamodb.Rule{{On: "PutItem", OmitItem: true}}
			for n := range times {
				f.Rules = append(f.Rules, fakedynamodb.Rule{On: "GetItem", Nth: n + 1, Empty: true})
			}
			var ops []string
			f.Record = func(r *fakedynamodb.Request) {
				if ops = append(ops, r.Op); r.Op == "GetItem" && !r.Consistent {
					t.Error("got a GetItem that is not consistent, want a consistent one")
				}
			}
			r, err := read(t, s)
			if found := err == nil && r != nil && r.Owner == "me"; found != (times < 3) || !found && !errors.Is(err, idempotency.ErrInconsistent) {
				t.Errorf("got %+v, %v, want the record found: %v", r, err, times < 3)
			}
			if got := strings.Join(ops, " "); got != want {
				t.Errorf("requests %s, want %s", got, want)
			}
		})
	}
}

// TestReplayIsExact has a response of the handler's own making come back byte by byte.
func TestReplayIsExact(t *testing.T) {
	t.Parallel()
	data := []byte("{\"z\":1.0,\n \"a\":\"\\u003c\\/\", \"a\":2}")
	_, s := begun(t, nil)
	if err := s.Complete(t.Context(), completed("k", data)); err != nil {
		t.Fatal(err)
	}
	if r := stored(t, s); !bytes.Equal(r.Data, data) {
		t.Errorf("got %s, want %s", r.Data, data)
	}
}
