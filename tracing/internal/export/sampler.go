package export

import (
	"encoding/binary"
	"errors"
	"os"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// Always records every trace.
type Always struct{}

// Sample implements Sampler.
func (Always) Sample(trace.SpanContext, trace.TraceID) bool { return true }

// Never records no trace.
type Never struct{}

// Sample implements Sampler.
func (Never) Sample(trace.SpanContext, trace.TraceID) bool { return false }

// Ratio records traces whose id is below a bound, as the OpenTelemetry SDK does.
type Ratio struct{ bound uint64 }

// NewRatio returns a Ratio that records a part of all traces, from 0 to 1.
func NewRatio(part float64) Ratio {
	const all = 1 << 63
	switch {
	case part >= 1:
		return Ratio{all}
	case part > 0:
		return Ratio{uint64(part * all)}
	}
	return Ratio{}
}

// Sample implements Sampler.
func (r Ratio) Sample(_ trace.SpanContext, id trace.TraceID) bool {
	return binary.BigEndian.Uint64(id[8:])>>1 < r.bound
}

// ParentBased follows the decision of the parent. Root decides about a span without a parent.
type ParentBased struct{ Root Sampler }

// Sample implements Sampler.
func (p ParentBased) Sample(parent trace.SpanContext, id trace.TraceID) bool {
	if parent.IsValid() {
		return parent.IsSampled()
	}
	return p.Root.Sample(parent, id)
}

// SamplerFromEnvironment returns the sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG
// name. If they are wrong, it also returns an error.
func SamplerFromEnvironment() (Sampler, error) {
	switch name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER"))); name {
	case "", "parentbased_always_on":
		return ParentBased{Always{}}, nil
	case "parentbased_always_off":
		return ParentBased{Never{}}, nil
	case "parentbased_traceidratio":
		r, err := ratioFromEnvironment()
		return ParentBased{r}, err
	case "traceidratio":
		return ratioFromEnvironment()
	case "always_on":
		return Always{}, nil
	case "always_off":
		return Never{}, nil
	}
	return ParentBased{Always{}}, errors.New("OTEL_TRACES_SAMPLER names a sampler that is not supported; using parentbased_always_on")
}

func ratioFromEnvironment() (Sampler, error) {
	text := strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if text == "" {
		return NewRatio(1), nil
	}
	part, err := strconv.ParseFloat(text, 64)
	if err != nil || !(part >= 0 && part <= 1) {
		return NewRatio(1), errors.New("OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1; using 1")
	}
	return NewRatio(part), nil
}
