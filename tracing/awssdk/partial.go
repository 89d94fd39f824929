package awssdk

import (
	"reflect"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// failedEntries is the attribute that counts the entries of a batch that failed.
const failedEntries = attribute.Key("aws.failed_entries")

// These members of outputs report failures although the response has the status 200. They have
// the same meaning in all services.
var (
	// Numbers of entries that failed: of PutEvents, PutRecords and PutRecordBatch.
	countMembers = [...]string{"FailedEntryCount", "FailedRecordCount", "FailedPutCount"}

	// Lists and maps with an element for each entry that failed: of SendMessageBatch,
	// PublishBatch, DeleteObjects, RunTask, DeleteFleets, BatchWriteItem and BatchGetItem.
	failureMembers = [...]string{"Failed", "Errors", "Failures", "Unsuccessful", "UnprocessedItems", "UnprocessedKeys"}

	// Lists with an element for each entry, whose member Error is set if it failed: of
	// BatchExecuteStatement and SendBulkEmail.
	resultMembers = [...]string{"Responses", "BulkEmailEntryResults"}
)

// functionError is the member that reports that the function called by Invoke failed.
const functionError = "FunctionError"

// outcome holds the indexes of those members in the output type of an operation.
type outcome struct {
	failures, results []int // fields that count or list failures, and lists of results
	errorOf           []int // for each of results: the field Error of its elements
	function          int   // the field FunctionError; -1: none
}

var outcomes sync.Map // of reflect.Type

// setPartial marks the span of a successful call as failed if some entries or the invoked function
// failed.
func setPartial(sp trace.Span, output any) {
	v := reflect.ValueOf(output)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return
	}
	v = v.Elem()
	o := outcomeOf(v.Type())
	if o.function >= 0 {
		if kind := v.Field(o.function); !kind.IsNil() {
			fail(sp, kind.Elem().String(), "the invoked function failed")
		}
	}
	n := 0
	for _, i := range o.failures {
		n += entries(v.Field(i))
	}
	for i, field := range o.results {
		for list, j := v.Field(field), 0; j < list.Len(); j++ {
			if !list.Index(j).Field(o.errorOf[i]).IsNil() {
				n++
			}
		}
	}
	if n > 0 {
		sp.SetAttributes(failedEntries.Int(n))
		fail(sp, "PartialFailure", strconv.Itoa(n)+" of the entries failed")
	}
}

func fail(sp trace.Span, kind, description string) {
	sp.SetAttributes(attribute.String("error.type", kind))
	sp.SetStatus(codes.Error, description)
}

func outcomeOf(t reflect.Type) *outcome {
	if known, ok := outcomes.Load(t); ok {
		return known.(*outcome)
	}
	o := &outcome{function: -1}
	add := func(name string, fits func(reflect.Type) bool) {
		if f, ok := t.FieldByName(name); ok && len(f.Index) == 1 && fits(f.Type) {
			o.failures = append(o.failures, f.Index[0])
		}
	}
	for _, name := range countMembers {
		add(name, isNumber)
	}
	for _, name := range failureMembers {
		add(name, isCollection)
	}
	for _, name := range resultMembers {
		f, ok := t.FieldByName(name)
		if !ok || len(f.Index) > 1 || f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.Struct {
			continue
		}
		if failure, ok := f.Type.Elem().FieldByName("Error"); ok && len(failure.Index) == 1 && failure.Type.Kind() == reflect.Pointer {
			o.results, o.errorOf = append(o.results, f.Index[0]), append(o.errorOf, failure.Index[0])
		}
	}
	if f, ok := t.FieldByName(functionError); ok && len(f.Index) == 1 && f.Type == reflect.TypeFor[*string]() {
		o.function = f.Index[0]
	}
	outcomes.Store(t, o)
	return o
}

func isNumber(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Int32 || t.Kind() == reflect.Int64
}

func isCollection(t reflect.Type) bool { return t.Kind() == reflect.Slice || t.Kind() == reflect.Map }

// entries returns how many failed entries a member counts or lists.
func entries(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return 0
		}
		return entries(v.Elem())
	case reflect.Slice:
		return v.Len()
	case reflect.Map: // from table to entries
		n := 0
		for it := v.MapRange(); it.Next(); {
			n += entriesOfTable(it.Value())
		}
		return n
	}
	return int(v.Int())
}

func entriesOfTable(v reflect.Value) int {
	if v.Kind() == reflect.Struct { // KeysAndAttributes
		v = v.FieldByName("Keys")
	}
	if v.Kind() == reflect.Slice {
		return v.Len()
	}
	return 1
}
