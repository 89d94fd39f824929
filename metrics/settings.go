package metrics

import (
	"context"
	"slices"
	"time"
)

// settings are the dimensions and the timestamp that an invocation gives to the metrics
// recorded from some moment on. They do not change: later metrics get other settings.
type settings struct {
	dimensions []dimension
	sets       [][]dimension // of AddDimensionSet
	timestamp  time.Time     // zero for the time of writing
}

// noSettings add nothing to metrics.
var noSettings = new(settings)

func (s *settings) equal(o *settings) bool {
	return s.timestamp.Equal(o.timestamp) && slices.Equal(s.dimensions, o.dimensions) && slices.EqualFunc(s.sets, o.sets, slices.Equal)
}

// AddDimensions adds dimensions, pairs of name and value, to the metrics that are recorded
// from now on in the invocation that ctx belongs to. Metrics that were recorded before keep
// their dimensions. If ctx belongs to no invocation, AddDimensions uses the invocation that
// is running, provided that exactly one is; otherwise it does nothing.
func AddDimensions(ctx context.Context, pairs ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		added := sc.meter.checkedSet(sc.meter.appendPairs(nil, pairs))
		full := sc.change(func(s *settings) (full bool) {
			s.dimensions = slices.Clone(s.dimensions)
			for _, d := range added {
				i := slices.IndexFunc(s.dimensions, func(o dimension) bool { return o.name == d.name })
				switch {
				case i >= 0:
					s.dimensions[i] = d
				case len(s.dimensions) < maxDimensions:
					s.dimensions = append(s.dimensions, d)
				default:
					full = true
				}
			}
			return full
		})
		if full {
			sc.meter.problem("dimensions", "AddDimensions: a set has at most %d dimensions (EMF specification); the rest is left out", maxDimensions)
		}
	}
}

// maxSets limits the sets of an invocation: CloudWatch makes metrics for each set.
const maxSets = 10

// AddDimensionSet adds a set of dimensions to all metrics that are recorded from now on in the
// invocation that ctx belongs to; see [AddDimensions] for the choice of the invocation. The set
// has the given pairs of name and value and the default dimensions.
//
//   - If the invocation or With has dimensions, the metrics have them as one set, and this set
//     in addition.
//   - Otherwise the first set replaces the set with the default dimensions alone.
//   - Without pairs, the set has the default dimensions alone: the metric over all values of
//     the other dimensions.
//
// CloudWatch makes, and charges, a metric for each set. An invocation has at most ten sets;
// further ones are left out and reported.
func AddDimensionSet(ctx context.Context, pairs ...string) {
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		set := sc.meter.checkedSet(sc.meter.appendPairs(nil, pairs))
		if len(set) == 0 && len(pairs) > 0 {
			continue // all pairs are bad and reported
		}
		full := sc.change(func(s *settings) bool {
			if slices.ContainsFunc(s.sets, func(o []dimension) bool { return sameSet(o, set) }) {
				return false
			}
			if len(s.sets) == maxSets {
				return true
			}
			s.sets = append(slices.Clip(s.sets), set)
			return false
		})
		if full {
			sc.meter.problem("sets", "AddDimensionSet: an invocation has more than %d sets of dimensions; the rest is left out", maxSets)
		}
	}
}

// SetTimestamp sets the time of the metrics that are recorded from now on in the invocation
// that ctx belongs to; see [AddDimensions] for the choice of the invocation. By default the
// time is the time of writing. CloudWatch takes times from two weeks ago to two hours ahead.
// SetTimestamp reports any other time and returns to the default.
func SetTimestamp(ctx context.Context, t time.Time) {
	age := time.Since(t).Hours()
	bad := age > maxPast || age < -maxFuture
	for sc := scopes(ctx); sc != nil; sc = sc.next {
		if bad {
			sc.meter.problem("timestamp", "timestamp %v is more than two weeks ago or two hours ahead (PutMetricData); the time of writing is used", t.UTC())
		}
		sc.change(func(s *settings) bool {
			s.timestamp = t
			if bad {
				s.timestamp = time.Time{}
			}
			return false
		})
	}
}

// maxEarlierSettings limits the earlier settings of an invocation that are compared and reused.
const maxEarlierSettings = 64

// change replaces the settings by a changed copy, or by earlier settings that are equal to it,
// so that metrics recorded under both share their documents. f must not report anything, since
// it runs under the lock.
func (sc *scope) change(f func(*settings) bool) bool {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	s := *sc.settings
	result := f(&s)
	if s.equal(sc.settings) {
		return result
	}
	if i := slices.IndexFunc(sc.earlier, s.equal); i >= 0 {
		sc.settings = sc.earlier[i]
		return result
	}
	if len(sc.earlier) == maxEarlierSettings {
		sc.earlier = sc.earlier[:0]
	}
	sc.settings = &s
	sc.earlier = append(sc.earlier, &s)
	return result
}
