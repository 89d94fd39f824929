//go:build integration

package valkey_test

import (
	"os"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/storetest"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
	"github.com/lambdakit/lambdakit/idempotency/valkey/valkeygo"
	"github.com/lambdakit/lambdakit/internal/faulttest"
	"github.com/lambdakit/lambdakit/internal/killtest"
)

// serverAddress is host and port of a Valkey or Redis whose database may be written to.
func serverAddress(t *testing.T) string {
	address := os.Getenv(addressVariable)
	if address == "" {
		t.Fatalf("%s is not set: these tests need a server", addressVariable)
	}
	return address
}

func TestServerIsAStore(t *testing.T) {
	address := serverAddress(t)
	t.Run("go-redis", func(t *testing.T) {
		storetest.Run(t, valkey.New(goredis.New(redisClient(t, address)), nil), nil)
	})
	t.Run("valkey-go", func(t *testing.T) {
		storetest.Run(t, valkey.New(valkeygo.New(valkeyClient(t, address)), nil), nil)
	})
}

func TestNativeResultsOnServer(t *testing.T) { nativeResults(t, serverAddress(t)) }

func TestKilledProcessesOnServer(t *testing.T) {
	serverAddress(t)
	rounds := killtest.Rounds(1000)
	killtest.Run(t, killtest.Options{Workers: 16, Rounds: rounds, Duplicates: 200, Kills: rounds / 10})
}

func TestFaultsOnServer(t *testing.T) {
	faults(t, serverAddress(t), faulttest.Faults(), faulttest.Keys(100), 32)
}
