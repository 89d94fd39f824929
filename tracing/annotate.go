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

// Annotation lists the types of values that X-Ray can index.
type Annotation interface {
	~string | ~bool | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~float32 | ~float64
}

// Annotate adds an annotation to the span in ctx. X-Ray can search traces by annotations.
// Annotate does nothing if ctx has no recorded span. A second call with the same key replaces
// the value.
//
//   - X-Ray indexes 50 annotations in a trace.
//   - A key consists of letters, digits and underscores. Other characters become underscores.
//   - A string has at most 1,000 characters.
//   - NaN, infinities and an empty key are reported and left out.
//
// A span of another provider gets an attribute instead. The key is also listed in the attribute
// aws.xray.annotations, so that exporters for X-Ray convert the attribute to an annotation.
func Annotate[T Annotation](ctx context.Context, key string, value T) {
	sp := trace.SpanFromContext(ctx)
	r, ok := sp.(recorder)
	if !ok && !sp.IsRecording() {
		return
	}
	a := attribute.KeyValue{Key: attribute.Key(key), Value: attributeValue(value)}
	s, own := sp.(*span)
	toXRay := !own || !s.scope.provider.sampled
	if f := a.Value; toXRay && f.Type() == attribute.FLOAT64 && (math.IsNaN(f.AsFloat64()) || math.IsInf(f.AsFloat64(), 0)) {
		problem(ctx, "annotation "+key, "annotation %.60q is %v, which X-Ray does not accept; it is left out", key, f.AsFloat64())
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
	if toXRay {
		a.Key = xray.Key(key)
	}
	r.Annotate(a)
}

// recorder is a span of this package or of package xraysdk, which become segment documents.
type recorder interface {
	Annotate(attribute.KeyValue)
	AddMetadata(xray.Metadata)
	AddExceptions([]xray.Exception)
}

// problem reports to the Provider of the invocation.
func problem(ctx context.Context, key, format string, args ...any) {
	if s := currentScope(ctx); s != nil {
		s.provider.problem(key, format, args...)
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

// annotating guards the lists of keys of all spans while one is read and written.
var annotating sync.Mutex

// annotateForeign adds an attribute to a span of another provider, and its key to the list of
// annotations if the span is readable, as in the OpenTelemetry SDK.
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

// AddMetadata adds a value to the span in ctx. X-Ray shows metadata and does not index it. AddMetadata
// does nothing if ctx has no recorded span. A second call with the same key replaces the value.
//
// The value can be anything that encoding/json encodes, and is encoded immediately. A value that
// cannot be encoded is reported and left out. The namespace is Options.Service, or "default" if
// unset.
//
// A span of another provider gets the JSON text as an attribute instead.
func AddMetadata(ctx context.Context, key string, value any) { AddMetadataIn(ctx, "", key, value) }

// AddMetadataIn is [AddMetadata] with a namespace. X-Ray reserves namespaces that begin with "AWS.", so
// AWS.x becomes AWS_x. An empty namespace means the default of AddMetadata.
func AddMetadataIn(ctx context.Context, namespace, key string, value any) {
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
			namespace = s.provider.namespace()
		}
	}
	putMetadata(sp, xray.Metadata{Namespace: namespace, Key: key, JSON: text})
}

// marshal encodes value. A panic of its MarshalJSON method becomes an error.
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
