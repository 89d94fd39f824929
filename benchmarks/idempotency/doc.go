// Package idempotency measures keys of events, of 1 KB and of a path in it, beside the ways
// without this toolkit, and replays from memory.
package idempotency
