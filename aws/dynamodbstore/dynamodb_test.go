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
			f := newFake(t, test.keys...)
			if test.omit {
				f.rules = []serverRule{{On: "PutItem", OmitItem: true}}
			}
			storetest.Run(t, dynamodbstore.New(f.client(nil), f.table, &test.o), &storetest.Options{Values: test.o.NativeData})
			if f.codes["ValidationException"] {
				t.Error("the server refused a request as invalid")
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
func begun(t *testing.T, o *dynamodbstore.Options) (*fake, *dynamodbstore.Store) {
	t.Helper()
	f := newFake(t)
	s := dynamodbstore.New(f.client(nil), f.table, o)
	if existing, err := s.Begin(t.Context(), record("k"), base); existing != nil || err != nil {
		t.Fatal(existing, err)
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

func TestItems(t *testing.T) {
	t.Parallel()
	f, s := begun(t, nil)
	key := item{"id": {"S": "k"}}
	want := item{
		"id": {"S": "k"}, "status": {"S": "INPROGRESS"}, "owner": {"S": "me"}, "validation": {"S": "v"},
		"expiration": {"N": "1700003600"}, "in_progress_expiration": {"N": "1700000030123"},
	}
	if got := f.item(key); !got.equal(want) {
		t.Errorf("a record in progress is %s, want %s", got, want)
	}
	longer := record("k")
	longer.Lease, longer.Expiration = base.Add(time.Hour), base.Add(2*time.Hour)
	if err := s.Extend(t.Context(), longer); err != nil {
		t.Fatal(err)
	}
	want["expiration"], want["in_progress_expiration"] = attribute{"N": "1700007200"}, attribute{"N": "1700003600000"}
	if got := f.item(key); !got.equal(want) {
		t.Errorf("an extended record is %s, want %s", got, want)
	}
	if err := s.Complete(t.Context(), completed("k", []byte(`{"b": 1, "a":"é"}`))); err != nil {
		t.Fatal(err)
	}
	want["status"], want["expiration"], want["data"] = attribute{"S": "COMPLETED"}, attribute{"N": "1700003600"}, attribute{"S": `{"b": 1, "a":"é"}`}
	if got := f.item(key); !got.equal(want) {
		t.Errorf("a completed record is %s, want %s", got, want)
	}
	if err := s.Delete(t.Context(), record("k")); err != nil || f.item(key) != nil {
		t.Errorf("Delete: %v; left is %s", err, f.item(key))
	}
}

func TestNewPanics(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	client := f.client(nil)
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
					t.Errorf("New panicked with %v", v)
				}
			}()
			make()
		})
	}
}

func TestClientOfTheEnvironment(t *testing.T) {
	f := newFake(t)
	server := httptest.NewServer(f)
	defer server.Close()
	for name, v := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_LAMBDA_FUNCTION_NAME": "fn",
	} {
		t.Setenv(name, v)
	}
	f.keys = []string{"id", "sk"}
	s := dynamodbstore.New(nil, f.table, &dynamodbstore.Options{SortKeyAttr: "sk"})
	if _, err := s.Begin(t.Context(), record("k"), base); err != nil {
		t.Fatal(err)
	}
	if it := f.item(item{"id": {"S": "idempotency#fn"}, "sk": {"S": "k"}}); it == nil {
		t.Errorf("the table has %v", f.items)
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
	if size := f.item(item{"id": {"S": "k"}}).size(); size > maxItem || size < maxItem-150 {
		t.Errorf("the largest item that is stored has %d bytes", size)
	}
	if f.codes["ValidationException"] {
		t.Error("the server had to refuse an item")
	}
	if r, err := read(t, s); err != nil || len(r.Data) != low {
		t.Errorf("what is stored has %d bytes, want the largest that fits, %d: %v", len(r.Data), low, err)
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
			before := f.item(item{"id": {"S": "k"}})
			if err := s.Complete(t.Context(), completed("k", []byte(data))); !errors.Is(err, idempotency.ErrTooLarge) {
				t.Errorf("%v, want an ErrTooLarge", err)
			}
			if after := f.item(item{"id": {"S": "k"}}); !after.equal(before) {
				t.Errorf("it changed the record to %.300s", after)
			}
		})
	}
}

func TestResultThatDoesNotFitIsLost(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var reports []error
	once, err := idempotency.New(dynamodbstore.New(f.client(nil), f.table, nil), &idempotency.Options{
		Prefix: "p", OnError: func(err error) { reports = append(reports, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", maxItem)
	work := func(context.Context) (string, error) { return large, nil }
	if got, err := idempotency.Call(t.Context(), once, "k", work); err != nil || got != large {
		t.Errorf("the first call: %d bytes, %v", len(got), err)
	}
	if _, err := idempotency.Call(t.Context(), once, "k", work); !errors.Is(err, idempotency.ErrResultLost) {
		t.Errorf("the second call: %v, want an ErrResultLost", err)
	}
	if len(reports) != 1 || !errors.Is(reports[0], idempotency.ErrTooLarge) {
		t.Errorf("OnError was told %v", reports)
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
			f := newFake(t)
			err := do(t.Context(), dynamodbstore.New(f.client(nil), "other", nil))
			if !errors.As(err, new(*types.ResourceNotFoundException)) || errors.Is(err, idempotency.ErrTooLarge) || errors.Is(err, idempotency.ErrLeaseLost) {
				t.Errorf("no table: %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := do(ctx, dynamodbstore.New(f.client(nil), f.table, nil)); !errors.Is(err, context.Canceled) {
				t.Errorf("a context that is done: %v", err)
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
			f.rules = []serverRule{{On: "PutItem", OmitItem: true}}
			for n := range times {
				f.rules = append(f.rules, serverRule{On: "GetItem", Nth: n + 1, Empty: true})
			}
			var ops []string
			f.record = func(r *request) {
				if ops = append(ops, r.op); r.op == "GetItem" && !r.consistent {
					t.Error("a GetItem that is not consistent")
				}
			}
			r, err := read(t, s)
			if found := err == nil && r != nil && r.Owner == "me"; found != (times < 3) || !found && !errors.Is(err, idempotency.ErrInconsistent) {
				t.Errorf("%+v, %v", r, err)
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
	if r, err := read(t, s); err != nil || !bytes.Equal(r.Data, data) {
		t.Errorf("%s, %v", r.Data, err)
	}
}
