package xraysdk

import (
	"bytes"
	"encoding/json"
	"math"
	"time"

	sdk "github.com/aws/aws-xray-sdk-go/v2/xray"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// End implements trace.Span. It adds the data of the span to the subsegment and closes the
// subsegment. Data that was added with the SDK stays.
func (s *span) End(opts ...trace.SpanEndOption) {
	if !s.Lock() {
		return
	}
	s.Finish(opts, time.Now)
	s.Unlock() // an ended span does not change
	document, _ := new(xray.Config).AppendDocument(nil, &s.Data)
	var recorded sdk.Segment
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber() // metadata may contain numbers that do not fit into a float64
	if d.Decode(&recorded) == nil {
		s.seg.Lock()
		merge(s.seg, &recorded)
		s.seg.Unlock()
	}
	s.seg.Close(nil)
}

// merge adds the data of from to seg. Both describe the same subsegment.
func merge(seg, from *sdk.Segment) {
	seg.Name = from.Name
	seg.Fault = seg.Fault || from.Fault
	seg.Error = seg.Error || from.Error
	seg.Throttle = seg.Throttle || from.Throttle
	if from.Namespace != "" {
		seg.Namespace = from.Namespace
	}
	if from.HTTP != nil {
		seg.HTTP = from.HTTP
	}
	if from.SQL != nil {
		seg.SQL = from.SQL
	}
	if from.Cause != nil {
		cause := seg.GetCause()
		cause.WorkingDirectory = from.Cause.WorkingDirectory
		cause.Exceptions = append(cause.Exceptions, from.Cause.Exceptions...)
	}
	for k, v := range from.AWS {
		seg.GetAWS()[k] = v
	}
	if seg.Annotations == nil {
		seg.Annotations = from.Annotations
	}
	for k, v := range from.Annotations {
		seg.Annotations[k] = v
	}
	if seg.Metadata == nil {
		seg.Metadata = from.Metadata
	}
	for ns, values := range from.Metadata {
		if seg.Metadata[ns] == nil {
			seg.Metadata[ns] = values
		}
		for k, v := range values {
			seg.Metadata[ns][k] = v
		}
	}
}

func toSeconds(t time.Time) float64 { return float64(t.UnixNano()) / float64(time.Second) }

func fromSeconds(s float64) time.Time {
	whole, frac := math.Modf(s)
	return time.Unix(int64(whole), int64(frac*1e9))
}
