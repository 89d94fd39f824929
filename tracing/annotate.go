package tracing

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Annotation is a value that X-Ray indexes.
type Annotation interface {
	~string | ~bool | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~float32 | ~float64
}

// Annotate gives the span that ctx carries an annotation: a value that traces can be
// searched for. X-Ray indexes 50 of a trace; strings may have 1,000 characters, keys
// letters, digits and underscores, which take the place of other characters. A key that
// is there already gets the new value. NaN and infinities are reported and left out.
// Where ctx carries no span that is recorded, nothing happens.
//
// On spans of another provider it is an attribute, and its key is listed in the attribute
// aws.xray.annotations, which the exporters for X-Ray go by.
func Annotate[T Annotation](ctx context.Context, key string, value T) {
	sp := trace.SpanFromContext(ctx)
	r, ok := sp.(recorder)
	if !ok && !sp.IsRecording() {
		return
	}
	a := attribute.KeyValue{Key: attribute.Key(key), Value: attributeValue(value)}
	if f := a.Value; f.Type() == attribute.FLOAT64 && (math.IsNaN(f.AsFloat64()) || math.IsInf(f.AsFloat64(), 0)) {
		problem(ctx, "annotation "+key, "annotation %.60q is %v, which is no number to X-Ray; it is left out", key, f.AsFloat64())
		return
	}
	if key == "" {
		problem(ctx, "annotation", "an annotation without a key is left out")
		return
	}
	if !ok {
		annotateForeign(sp, a)
		return
	}
	a.Key = xray.Key(key)
	r.Annotate(a)
}

// recorder is a span that writes documents itself, of this package or of xraysdk.
type recorder interface {
	Annotate(attribute.KeyValue)
	AddMetadata(xray.Metadata)
	AddExceptions([]xray.Exception)
}

// problem reports through the Tracer of the invocation.
func problem(ctx context.Context, key, format string, args ...any) {
	if s := currentScope(ctx); s != nil {
		s.tracer.problem(key, format, args...)
	}
}

func attributeValue[T Annotation](value T) attribute.Value {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return attribute.StringValue(v.String())
	case reflect.Bool:
		return attribute.BoolValue(v.Bool())
	case reflect.Float32, reflect.Float64:
		return attribute.Float64Value(v.Float())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return attribute.Int64Value(int64(v.Uint()))
	default:
		return attribute.Int64Value(v.Int())
	}
}

func annotationKeys(keys []string) attribute.KeyValue { return xray.Annotations.StringSlice(keys) }

// annotating is held while a list of keys is read and written.
var annotating sync.Mutex

// annotateForeign adds to the list of keys that a span of the OpenTelemetry SDK has.
func annotateForeign(sp trace.Span, a attribute.KeyValue) {
	annotating.Lock()
	defer annotating.Unlock()
	var keys []string
	if r, ok := sp.(interface{ Attributes() []attribute.KeyValue }); ok {
		for _, old := range r.Attributes() {
			if old.Key == xray.Annotations && old.Value.Type() == attribute.STRINGSLICE {
				keys = old.Value.AsStringSlice()
			}
		}
	}
	for _, k := range keys {
		if k == string(a.Key) {
			sp.SetAttributes(a)
			return
		}
	}
	sp.SetAttributes(a, annotationKeys(append(keys, string(a.Key))))
}

// Metadata gives the span that ctx carries a value that X-Ray shows and does not index:
// anything that encoding/json encodes, now. Its namespace is the service of Options, else
// "default". A key that is there already gets the new value. Where ctx carries no span that
// is recorded, nothing happens.
//
// On spans of another provider it is an attribute that holds the JSON text.
func Metadata(ctx context.Context, key string, value any) { MetadataIn(ctx, "", key, value) }

// MetadataIn is Metadata in a namespace of its own. X-Ray keeps those that begin with
// "AWS." to itself: AWS.x becomes AWS_x.
func MetadataIn(ctx context.Context, namespace, key string, value any) {
	sp := trace.SpanFromContext(ctx)
	if _, ok := sp.(recorder); !ok && !sp.IsRecording() {
		return
	}
	text, err := marshal(value)
	if err != nil {
		problem(ctx, "metadata "+key, "metadata %.60q is left out: %w", key, err)
		return
	}
	if namespace == "" {
		namespace = "default"
		if s := currentScope(ctx); s != nil {
			namespace = s.tracer.namespace()
		}
	}
	putMetadata(sp, xray.Metadata{Namespace: namespace, Key: key, JSON: text})
}

// marshal encodes value, whatever its MarshalJSON method does.
func marshal(value any) (text []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("encoding a %T panicked", value)
		}
	}()
	return json.Marshal(value)
}

func putMetadata(sp trace.Span, m xray.Metadata) {
	if r, ok := sp.(recorder); ok {
		r.AddMetadata(m)
		return
	}
	key := m.Key
	if m.Namespace != "default" {
		key = m.Namespace + "." + m.Key
	}
	sp.SetAttributes(attribute.String(key, string(m.JSON)))
}
