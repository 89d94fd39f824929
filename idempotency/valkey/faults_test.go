package valkey_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	valkeyclient "github.com/valkey-io/valkey-go"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
	"github.com/lambdakit/lambdakit/idempotency/valkey/valkeygo"
	"github.com/lambdakit/lambdakit/internal/faulttest"
)

// stores returns a store of each client for a server.
func stores(t *testing.T, address string) map[string]idempotency.Store {
	client, err := valkeyclient.NewClient(valkeyclient.ClientOption{
		InitAddress: []string{address}, DisableCache: true, ForceSingleClient: true,
		ConnWriteTimeout: time.Second, // after which a connection that hangs is given up
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return map[string]idempotency.Store{
		"go-redis":  valkey.New(goredis.New(redisClient(t, address)), nil),
		"valkey-go": valkey.New(valkeygo.New(client), nil),
	}
}

// faults runs keys through a proxy in front of a server, for each client and fault. valkey-go
// has one connection for all requests, so that one that hangs holds up all others.
func faults(t *testing.T, address string, kinds []faulttest.Fault, keys, calls int) {
	direct := valkey.New(goredis.New(redisClient(t, address)), nil)
	for _, client := range []string{"go-redis", "valkey-go"} {
		for _, fault := range kinds {
			t.Run(client+"/"+string(fault), func(t *testing.T) {
				proxy := faulttest.NewProxy(t, address, faulttest.Redis)
				o := faulttest.Options{
					Proxy: proxy, Store: stores(t, proxy.Addr)[client], Direct: direct,
					Fault: fault, Rate: 0.2, Keys: keys, Calls: calls, Timeout: 10 * time.Second,
				}
				if client == "valkey-go" && (fault == faulttest.Hanging || fault == faulttest.LostHanging) {
					o.Keys, o.Calls, o.Timeout = keys/4, 4, 30*time.Second
				}
				faulttest.Check(t, "20 % "+string(fault), faulttest.Run(t, o))
			})
		}
	}
}

// Work is done once although one of five requests fails. The tests with a real server try many
// more keys, and requests that hang.
func TestFaults_WorkIsDoneOnce(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetTime(time.Now())
	faults(t, server.Addr(), faulttest.QuickFaults(), 40, 8)
}
