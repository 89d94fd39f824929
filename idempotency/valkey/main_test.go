package valkey_test

import (
	"os"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/valkey"
	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
	"github.com/lambdakit/lambdakit/internal/killtest"
)

// addressVariable tells processes that compete for keys of the server.
const addressVariable = "REDIS_ADDR"

func TestMain(m *testing.M) {
	killtest.Main(m, func() idempotency.Store {
		return valkey.New(goredis.New(redis.NewClient(&redis.Options{Addr: os.Getenv(addressVariable)})), nil)
	})
}

func TestKilledProcesses(t *testing.T) {
	t.Setenv(addressVariable, miniredis.RunT(t).Addr())
	killtest.Run(t, killtest.Options{Workers: 4, Rounds: 40, Duplicates: 20, Kills: 8})
}
