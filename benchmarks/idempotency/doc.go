// Package idempotency measures two keys, the key of a whole event of 1 KB and the key of a path
// in that event, beside ways to compute them without this toolkit. It also measures replays from
// memory.
package idempotency
