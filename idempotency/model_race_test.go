//go:build race

package idempotency_test

func init() { simSlow = true }
