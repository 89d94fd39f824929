// Package storetest checks that a store keeps the contract of idempotency.Store.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, newStore(t), nil)
//	}
//
// Keys are random, so the checks can run against a shared server. Times are close to now, because
// servers may remove expired records.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// Options lists the parts of the contract that a store does not keep. A nil *Options: it keeps all.
type Options struct {
	// Values means that the store keeps data as a JSON value: it returns the same value, but
	// maybe not the same bytes, and data must be JSON.
	Values bool
}

// Run checks store in subtests of t.
func Run(t *testing.T, store idempotency.Store, o *Options) {
	if o == nil {
		o = new(Options)
	}
	for _, check := range []struct {
		name string
		do   func(*suite)
	}{
		{"a first call begins, a second finds it", (*suite).begins},
		{"beginning twice is like beginning once", (*suite).beginsAgain},
		{"a completed record is found with its result", (*suite).completes},
		{"only the owner completes", (*suite).completesOwn},
		{"only the owner extends", (*suite).extends},
		{"only the owner deletes", (*suite).deletes},
		{"a lease that has run out is taken over", (*suite).takesOver},
		{"a record without a lease stands until it expires", (*suite).hasNoLease},
		{"a result that has expired is replaced", (*suite).expires},
		{"results of every kind", (*suite).keepsResults},
		{"keys of every kind", (*suite).keepsKeys},
		{"one of many wins", (*suite).races},
		{"one of many takes over", (*suite).racesForLease},
		{"a late run and its successor", (*suite).racesToComplete},
	} {
		t.Run(check.name, func(t *testing.T) {
			check.do(&suite{T: t, store: store, o: *o, ctx: t.Context(), base: time.Now().Truncate(time.Second), id: rand.Text()})
		})
	}
}

// suite is one check.
type suite struct {
	*testing.T
	store idempotency.Store
	o     Options
	ctx   context.Context
	base  time.Time // about now, a whole second
	id    string    // unique
}

// Times in records, after suite.base.
const (
	lease      = 30*time.Second + 123*time.Millisecond
	expiration = time.Hour
)

// record returns a record in progress.
func (s *suite) record(key, owner string) *idempotency.Record {
	return &idempotency.Record{
		Key: s.id + "#" + key, Status: idempotency.InProgress, Owner: owner, Validation: "v-" + key,
		Lease: s.base.Add(lease), Expiration: s.base.Add(expiration),
	}
}

// completed returns r completed with data.
func completed(r *idempotency.Record, data []byte) *idempotency.Record {
	c := *r
	c.Status, c.Lease, c.Data = idempotency.Completed, time.Time{}, data
	return &c
}

// begin calls Begin at a time after base, and returns the existing record.
func (s *suite) begin(r *idempotency.Record, after time.Duration) *idempotency.Record {
	s.Helper()
	sent := *r
	existing, err := s.store.Begin(s.ctx, r, s.base.Add(after))
	if err != nil {
		s.Fatalf("Begin: %v", err)
	}
	if !reflect.DeepEqual(sent, *r) {
		s.Errorf("Begin: got its argument changed from %+v to %+v", sent, *r)
	}
	return existing
}

func (s *suite) mustBegin(r *idempotency.Record, after time.Duration) {
	s.Helper()
	if existing := s.begin(r, after); existing != nil {
		s.Fatalf("Begin of %s: got %+v, want no live record", r.Owner, existing)
	}
}

// expect fails if the live record differs from want.
func (s *suite) expect(want *idempotency.Record, after time.Duration) {
	s.Helper()
	probe := *want
	probe.Owner, probe.Status = "probe", idempotency.InProgress
	probe.Data = nil
	probe.Lease, probe.Expiration = s.base.Add(after), s.base.Add(after+time.Hour)
	got := s.begin(&probe, after)
	if got == nil {
		s.Fatalf("Begin: got no record, want the record of %s", want.Owner)
	}
	if got.Key != want.Key || got.Status != want.Status || got.Owner != want.Owner || got.Validation != want.Validation {
		s.Errorf("Begin: got %+v, want %+v", got, want)
	}
	if !got.Expiration.Equal(want.Expiration) || want.Status == idempotency.InProgress && !got.Lease.Equal(want.Lease) {
		s.Errorf("Begin: got lease %v and expiration %v, want %v and %v", got.Lease, got.Expiration, want.Lease, want.Expiration)
	}
	if !s.same(got.Data, want.Data) {
		s.Errorf("Begin: got data %.80q, want %.80q", got.Data, want.Data)
	}
}

func (s *suite) same(got, want []byte) bool {
	if !s.o.Values || len(want) == 0 {
		return bytes.Equal(got, want)
	}
	var a, b any
	return json.Unmarshal(got, &a) == nil && json.Unmarshal(want, &b) == nil && reflect.DeepEqual(a, b)
}

func (s *suite) ok(what string, err error) {
	s.Helper()
	if err != nil {
		s.Errorf("%s: got %v, want no error", what, err)
	}
}

func (s *suite) lost(what string, err error) {
	s.Helper()
	if !errors.Is(err, idempotency.ErrLeaseLost) {
		s.Errorf("%s: got %v, want an ErrLeaseLost", what, err)
	}
}

func (s *suite) begins() {
	r := s.record("k", "a")
	s.mustBegin(r, 0)
	s.expect(r, 0)
	s.expect(r, lease) // the last moment of the lease
}

func (s *suite) beginsAgain() {
	r := s.record("k", "a")
	s.mustBegin(r, 0)
	if existing := s.begin(r, time.Millisecond); existing != nil && existing.Owner != "a" {
		s.Errorf("Begin: got %+v, want no record or the one of the same owner", existing)
	}
	s.expect(r, 0)
}

func (s *suite) completes() {
	r := s.record("k", "a")
	s.mustBegin(r, 0)
	c := completed(r, []byte(`{"id":"p-1"}`))
	c.Expiration = s.base.Add(2 * time.Hour)
	for range 2 { // the answer to the first may be lost
		s.ok("Complete", s.store.Complete(s.ctx, c))
		s.expect(c, 0)
	}
	s.expect(c, 2*time.Hour) // the last moment
}

func (s *suite) completesOwn() {
	r := s.record("k", "a")
	s.lost("Complete of nothing", s.store.Complete(s.ctx, completed(r, []byte("1"))))
	s.mustBegin(r, 0)
	other := completed(r, []byte("2"))
	other.Owner = "b"
	s.lost("Complete of another's", s.store.Complete(s.ctx, other))
	s.expect(r, 0)
	s.ok("Complete", s.store.Complete(s.ctx, completed(r, []byte("1"))))
	s.lost("Complete of another's", s.store.Complete(s.ctx, other))
	s.expect(completed(r, []byte("1")), 0)
}

func (s *suite) extends() {
	r := s.record("k", "a")
	s.lost("Extend of nothing", s.store.Extend(s.ctx, r))
	s.mustBegin(r, 0)
	longer := *r
	longer.Lease, longer.Expiration = s.base.Add(2*time.Hour+7*time.Millisecond), s.base.Add(3*time.Hour)
	other := longer
	other.Owner = "b"
	s.lost("Extend of another's", s.store.Extend(s.ctx, &other))
	s.expect(r, 0)
	for range 2 {
		s.ok("Extend", s.store.Extend(s.ctx, &longer))
	}
	s.expect(&longer, 90*time.Minute)
	s.ok("Extend that comes late", s.store.Extend(s.ctx, r)) // a copy of an earlier one
	s.expect(&longer, 90*time.Minute)
	s.ok("Complete", s.store.Complete(s.ctx, completed(&longer, []byte("1"))))
	s.lost("Extend of a completed record", s.store.Extend(s.ctx, &longer))
	s.expect(completed(&longer, []byte("1")), 0)
}

func (s *suite) deletes() {
	r := s.record("k", "a")
	s.ok("Delete of nothing", s.store.Delete(s.ctx, r))
	s.mustBegin(r, 0)
	other := *r
	other.Owner = "b"
	s.lost("Delete of another's", s.store.Delete(s.ctx, &other))
	s.expect(r, 0)
	for range 2 {
		s.ok("Delete", s.store.Delete(s.ctx, r))
	}
	s.lost("Complete after Delete", s.store.Complete(s.ctx, completed(r, []byte("1"))))
	s.mustBegin(&other, 0)
	s.lost("Delete of the successor's", s.store.Delete(s.ctx, r))
	s.expect(&other, 0)
}

func (s *suite) takesOver() {
	first := s.record("k", "a")
	s.mustBegin(first, 0)
	second := s.record("k", "b")
	second.Lease, second.Validation = s.base.Add(2*lease), "other"
	s.mustBegin(second, lease+time.Millisecond)
	s.lost("Complete of a late run", s.store.Complete(s.ctx, completed(first, []byte("1"))))
	s.lost("Extend of a late run", s.store.Extend(s.ctx, first))
	s.lost("Delete of a late run", s.store.Delete(s.ctx, first))
	s.expect(second, lease+time.Millisecond)
	s.ok("Complete", s.store.Complete(s.ctx, completed(second, []byte("2"))))
	s.lost("Complete of a late run", s.store.Complete(s.ctx, completed(first, []byte("1"))))
	s.expect(completed(second, []byte("2")), 3*lease) // a completed record has no lease
}

func (s *suite) hasNoLease() {
	r := s.record("k", "a")
	r.Lease = time.Time{}
	s.mustBegin(r, 0)
	s.expect(r, expiration)
	s.mustBegin(s.record("k", "b"), expiration+time.Second)
}

func (s *suite) expires() {
	r := s.record("k", "a")
	s.mustBegin(r, 0)
	s.ok("Complete", s.store.Complete(s.ctx, completed(r, []byte("1"))))
	next := s.record("k", "b")
	next.Lease, next.Expiration, next.Validation = s.base.Add(expiration+lease), s.base.Add(2*expiration), ""
	s.mustBegin(next, expiration+time.Millisecond)
	s.expect(next, expiration+time.Millisecond)
	s.lost("Complete of an expired run", s.store.Complete(s.ctx, completed(r, []byte("1"))))
}

func (s *suite) keepsResults() {
	results := []string{
		`null`, `true`, `""`, `"héllo <&> \u2028"`, `"1"`, `12.5`, `-0`, `[]`, `{}`, `{"z":{"n":null,"e":"","l":[],"m":{}},"a":[0.1,-5,1e-7]}`,
		`{"$lambdakit":{"lost":"x"}}`, `"` + strings.Repeat("x", 300_000) + `"`,
	}
	if !s.o.Values {
		results = append(results, `1.0`, `{ "b" : 1, "a" : 2 }`, `12345678901234567890`, "not JSON", "", "\xff\x00\xfe", "{\"half\":", "\"caf\xe9\"")
	}
	for i, data := range results {
		r := s.record(fmt.Sprint("k", i), "a")
		s.mustBegin(r, 0)
		c := completed(r, []byte(data))
		s.ok("Complete", s.store.Complete(s.ctx, c))
		s.expect(c, 0)
	}
}

func (s *suite) keepsKeys() {
	for i, key := range []string{"a b", "é😀", `"'\`, "a#b#c", "{}", "%s\n\t", strings.Repeat("k", 900)} {
		r := s.record(key, fmt.Sprint("o", i))
		s.mustBegin(r, 0)
		s.expect(r, 0)
	}
}
