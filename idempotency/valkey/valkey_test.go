package valkey_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	valkeyclient "github.com/valkey-io/valkey-go"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
	"github.com/lambdakit/lambdakit/idempotency/valkey/valkeygo"
)

func redisClient(t *testing.T, address string) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: address})
	t.Cleanup(func() { c.Close() })
	return c
}

func valkeyClient(t *testing.T, address string) valkeyclient.Client {
	c, err := valkeyclient.NewClient(valkeyclient.ClientOption{InitAddress: []string{address}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestStore(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetTime(time.Now())
	t.Run("go-redis", func(t *testing.T) {
		storetest.Run(t, valkey.New(goredis.New(redisClient(t, server.Addr())), nil), nil)
	})
	t.Run("valkey-go", func(t *testing.T) {
		storetest.Run(t, valkey.New(valkeygo.New(valkeyClient(t, server.Addr())), nil), nil)
	})
}

func TestRecordsOfOtherLibraries(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	store := valkey.New(goredis.New(redisClient(t, server.Addr())), nil)
	now := time.UnixMilli(1_700_000_000_123)
	for name, c := range map[string]struct {
		text string
		want idempotency.Record
		free bool
	}{
		"data as JSON in a string": {
			text: `{"status":"COMPLETED","expiration":1700003600,"data":"{\"a\": 1}","validation":"v"}`,
			want: idempotency.Record{Status: idempotency.Completed, Data: []byte(`{"a": 1}`), Validation: "v", Expiration: time.Unix(1700003600, 0)},
		},
		"data as it is": {
			text: `{"status":"COMPLETED","expiration":1700003600,"data":{"a":1}}`,
			want: idempotency.Record{Status: idempotency.Completed, Data: []byte(`{"a":1}`), Expiration: time.Unix(1700003600, 0)},
		},
		"data that is text": {
			text: `{"status":"COMPLETED","expiration":1700003600,"data":"ok"}`,
			want: idempotency.Record{Status: idempotency.Completed, Data: []byte(`"ok"`), Expiration: time.Unix(1700003600, 0)},
		},
		"no data": {
			text: `{"status":"COMPLETED","expiration":1700003600}`,
			want: idempotency.Record{Status: idempotency.Completed, Expiration: time.Unix(1700003600, 0)},
		},
		"in progress": {
			text: `{"status":"INPROGRESS","expiration":1700003600,"in_progress_expiration":1700000000123}`,
			want: idempotency.Record{Status: idempotency.InProgress, Lease: now, Expiration: time.Unix(1700003600, 0)},
		},
		"in progress without a lease": {
			text: `{"status":"INPROGRESS","expiration":1700003600}`,
			want: idempotency.Record{Status: idempotency.InProgress, Expiration: time.Unix(1700003600, 0)},
		},
		"a lease that ran out":  {text: `{"status":"INPROGRESS","expiration":1700003600,"in_progress_expiration":1700000000122}`, free: true},
		"a result that expired": {text: `{"status":"COMPLETED","expiration":1700000000,"data":"1"}`, free: true},
	} {
		t.Run(name, func(t *testing.T) {
			server.Set(name, c.text)
			r := &idempotency.Record{Key: name, Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: time.Now().Add(time.Hour)}
			got, err := store.Begin(context.Background(), r, now)
			if err != nil {
				t.Fatal(err)
			}
			if c.free {
				if got != nil {
					t.Errorf("found %+v, want it to be replaced", got)
				}
				return
			}
			if got == nil {
				t.Fatal("got no record, want the existing one")
			}
			if got.Status != c.want.Status || string(got.Data) != string(c.want.Data) || got.Validation != c.want.Validation ||
				!got.Expiration.Equal(c.want.Expiration) || !got.Lease.Equal(c.want.Lease) || got.Owner != "" {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if err := store.Complete(context.Background(), r); !errors.Is(err, idempotency.ErrLeaseLost) {
				t.Errorf("Complete of a record of another library: got %v, want an ErrLeaseLost", err)
			}
		})
	}
}

func TestWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	store := valkey.New(goredis.New(redisClient(t, server.Addr())), nil)
	r := &idempotency.Record{Key: "k", Status: idempotency.InProgress, Owner: "o", Expiration: time.Now().Add(time.Hour)}
	for _, text := range []string{"garbage", "12", `"text"`, "", "[1]", `{"status":7}`} {
		server.Set("k", text)
		if existing, err := store.Begin(context.Background(), r, time.Now()); err == nil && existing.Status == idempotency.Completed {
			t.Errorf("%q: got %+v, want no completed record", text, existing)
		} else if err != nil && !errors.Is(err, idempotency.ErrInconsistent) {
			t.Errorf("%q: %v, want ErrInconsistent", text, err)
		}
		if got, _ := server.Get("k"); got != text {
			t.Errorf("got %q stored, want %q", got, text)
		}
	}
}

func TestRecordsAreRemovedByTheServer(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	start := time.Now()
	server.SetTime(start)
	store := valkey.New(goredis.New(redisClient(t, server.Addr())), nil)
	r := &idempotency.Record{Key: "k", Status: idempotency.InProgress, Owner: "o", Expiration: start.Truncate(time.Second).Add(time.Hour)}
	if _, err := store.Begin(context.Background(), r, start); err != nil {
		t.Fatal(err)
	}
	if ttl := server.TTL("k"); ttl < time.Hour || ttl > time.Hour+time.Minute {
		t.Errorf("got a time to live of %v, want between 1h and 1h1m", ttl)
	}
	r.Status, r.Data, r.Expiration = idempotency.Completed, []byte("1"), r.Expiration.Add(time.Hour)
	if err := store.Complete(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if ttl := server.TTL("k"); ttl < 2*time.Hour || ttl > 2*time.Hour+time.Minute {
		t.Errorf("got a time to live of %v for the completed record, want between 2h and 2h1m", ttl)
	}
}

func TestNativeData(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	store := valkey.New(goredis.New(redisClient(t, server.Addr())), &valkey.Options{NativeData: true})
	t.Run("store", func(t *testing.T) { storetest.Run(t, store, &storetest.Options{Values: true}) })

	now := time.Now()
	r := &idempotency.Record{Key: "k", Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour)}
	server.Set("k", fmt.Sprintf(`{"status":"COMPLETED","expiration":%d,"data":"12345"}`, now.Unix()+60))
	if got, err := store.Begin(context.Background(), r, now); err != nil || string(got.Data) != `"12345"` {
		t.Errorf("a text of digits: got %+v, %v, want the text in quotes", got, err)
	}
}

// TestClocksFarFromTheServers has callers whose clock is hours behind the server's.
func TestClocksFarFromTheServers(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	store := valkey.New(goredis.New(redisClient(t, server.Addr())), nil)
	for _, off := range []time.Duration{-1000 * time.Hour, 1000 * time.Hour} {
		now := time.Now().Add(off).Truncate(time.Second)
		key := fmt.Sprint("k", off)
		r := &idempotency.Record{Key: key, Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour)}
		for step, do := range []func() error{
			func() error { _, err := store.Begin(context.Background(), r, now); return err },
			func() error {
				longer := *r
				longer.Lease, longer.Expiration = now.Add(2*time.Hour), now.Add(2*time.Hour)
				return store.Extend(context.Background(), &longer)
			},
			func() error {
				done := *r
				done.Status, done.Data, done.Expiration = idempotency.Completed, []byte("1"), now.Add(90*time.Minute)
				return store.Complete(context.Background(), &done)
			},
		} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
			want := []time.Duration{time.Hour, 2 * time.Hour, 90 * time.Minute}[step]
			if ttl := server.TTL(key); ttl < want || ttl > want+time.Minute {
				t.Errorf("%v off, step %d: the server keeps the record for %v, want %v and a minute", off, step, ttl, want)
			}
		}
	}
}

// nativeResults checks results as they are in a record, on a server: each is found again.
func nativeResults(t *testing.T, address string) {
	store := valkey.New(goredis.New(redisClient(t, address)), &valkey.Options{NativeData: true})
	now := time.Now().Truncate(time.Millisecond)
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for i, result := range []string{
		`{"a":"<b>&"}`, "{\"a\":\"\u2028\"}", `"plain"`, `"\"{[\\"`, `"\u0000"`, `null`, `12345678901234567890123`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\ud83d\ude00"`, `{"\ud83d":1}`, `"\ud83d\n"`,
		nested(400), nested(900), nested(1200), `"` + nested(1200) + `"`,
	} {
		r := idempotency.Record{
			Key: fmt.Sprintf("native-%d-%d", now.UnixNano(), i), Status: idempotency.InProgress, Owner: "me",
			Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour).Truncate(time.Second),
		}
		if existing, err := store.Begin(t.Context(), &r, now); existing != nil || err != nil {
			t.Fatalf("Begin: got %+v, %v, want no record, no error", existing, err)
		}
		done := r
		done.Status, done.Lease, done.Data = idempotency.Completed, time.Time{}, []byte(result)
		if err := store.Complete(t.Context(), &done); err != nil {
			t.Errorf("Complete of %.40s: got %v, want no error", result, err)
		}
		if existing, err := store.Begin(t.Context(), &r, now); err != nil || existing == nil || string(existing.Data) != result {
			t.Errorf("Begin: got %+v, %v, want the result %.40s", existing, err, result)
		}
	}
}

func TestNativeResults(t *testing.T) {
	t.Parallel()
	nativeResults(t, miniredis.RunT(t).Addr())
}
