package goredis_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lambdakit/lambdakit/idempotency/valkey/goredis"
)

// silent returns the address of a server that takes connections and never answers.
func silent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l.Addr().String()
}

// The client's own timeout is a minute: if the context does not end the request, the test does.
func TestEval_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, enabled := range map[string]bool{"as it comes": false, "with ContextTimeoutEnabled": true} {
		client := redis.NewClient(&redis.Options{
			Addr: silent(t), ReadTimeout: time.Minute, WriteTimeout: time.Minute, DialTimeout: time.Minute, ContextTimeoutEnabled: enabled,
		})
		t.Cleanup(func() { client.Close() })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		done := make(chan error, 1)
		go func() {
			_, err := goredis.New(client).Eval(ctx, "return ''", "k", nil)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil {
				t.Errorf("%s: got no error, want one of a timeout", name)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s: got no answer within 20 s, want one at the end of the context", name)
		}
	}
}
