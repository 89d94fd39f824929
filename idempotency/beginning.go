package idempotency

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// beginning is the request for a record, with its retries. If the call does not run with the record, the
// record is deleted, also if a request writes it late: otherwise it would lock the key until its lease ends.
type beginning struct {
	x      *Execution
	record Record

	written   atomic.Bool // a request has written the record
	abandoned atomic.Bool // the call does not run with it
}

// send asks the store for the record.
func (b *beginning) send(ctx context.Context, now, until time.Time) (existing *Record, err error) {
	g := b.x.guard
	if g.inMemory {
		return g.store.Begin(ctx, &b.record, now)
	}
	return request(ctx, g, until, func(ctx context.Context) (*Record, error) {
		existing, err := g.store.Begin(ctx, &b.record, now)
		if b.isOwn(existing) && err == nil {
			b.written.Store(true)
		}
		if b.abandoned.Load() { // the answer is too late
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.options.StoreTimeout)
			defer cancel()
			g.store.Delete(late, b.deletion())
		}
		return existing, err
	})
}

// isOwn reports whether the call may run with an answer of the store. The answer is the own record if the
// first answer was lost.
func (b *beginning) isOwn(existing *Record) bool {
	return existing == nil || existing.Owner == b.record.Owner
}

func (b *beginning) deletion() *Record {
	return &Record{Key: b.record.Key, Status: InProgress, Owner: b.record.Owner, Validation: b.record.Validation}
}

// failed deletes the record after an error: the store may have written it. This is also true of a refusal,
// because a client may have retried below the Store, and its first request may have succeeded. If Delete
// fails too, OnError gets the error.
func (b *beginning) failed(ctx context.Context) {
	b.abandoned.Store(true)
	g := b.x.guard
	until := earlier(b.x.cleanupDeadline(ctx), g.now().Add(deleteTimeouts*g.options.StoreTimeout))
	err := g.change(context.WithoutCancel(ctx), until, g.store.Delete, b.deletion())
	if err != nil && !errors.Is(err, ErrLeaseLost) && !errors.Is(err, ErrRefused) {
		g.report.Report(keyError(b.record.Key, fmt.Errorf("delete, after Begin failed: %w; if the record was written, the key is locked until %s",
			err, b.record.Lease.UTC().Format(time.RFC3339))))
	}
}

// lost is called after the answer was the record of another call. A request that had no answer in time may
// have written the record since.
func (b *beginning) lost(ctx context.Context) {
	b.abandoned.Store(true)
	if b.written.Load() {
		b.failed(ctx)
	}
}
