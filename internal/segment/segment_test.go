package segment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/segment"
)

func TestRead(t *testing.T) {
	t.Parallel()
	d, err := segment.Read([]byte(`{"id":"a","parent_id":"p","trace_id":"1-x","name":"n","namespace":"aws","type":"subsegment","start_time":1.5,` +
		`"end_time":2.000001,"error":true,"throttle":true,"fault":true,"http":{"request":{"method":"GET"},"response":{"status":404}},` +
		`"aws":{"operation":"GetItem","table_name":"orders"},"cause":{"exceptions":[{"id":"e","message":"m","type":"T","cause":"f"}]},` +
		`"annotations":{"k":"v"},"metadata":{"default":{"m":[1]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := d.Metadata()
	got := fmt.Sprintln(d.ID, d.ParentID, d.TraceID, d.Name, d.Namespace, d.Type, d.StartTime, d.EndTime, d.InProgress, d.Error, d.Throttle, d.Fault,
		d.HTTP, d.AWS, d.Cause, d.Annotations, metadata, err)
	const want = `a p 1-x n aws subsegment 1.5 2.000001 false true true true {{GET} {404}} {GetItem orders} { [{e m T f [] }]} map[k:v] map[default:map[m:[1]]] <nil>` + "\n"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRead_CauseInAnotherDocument(t *testing.T) {
	t.Parallel()
	d, err := segment.Read([]byte(`{"cause":"70de5b6f19ff9a01"}`))
	if err != nil || d.Cause.ExceptionID != "70de5b6f19ff9a01" || d.Cause.Exceptions != nil {
		t.Errorf("got %+v and the error %v, want the id of an exception", d.Cause, err)
	}
}

func TestRead_OddDocuments(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `[]`, `{"id":1}`, `{"cause":1}`, `{"annotations":[]}`, `{"start_time":"1"}`} {
		if d, err := segment.Read([]byte(text)); err == nil {
			t.Errorf("%s: got %+v, want an error", text, d)
		}
	}
	d, err := segment.Read([]byte(`{"metadata":{"default":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	if metadata, err := d.Metadata(); err == nil {
		t.Errorf("got the metadata %v, want an error", metadata)
	}
}

func TestDocument_WithoutMetadata(t *testing.T) {
	t.Parallel()
	if metadata, err := new(segment.Document).Metadata(); metadata != nil || err != nil {
		t.Errorf("got %v and %v, want none", metadata, err)
	}
}

func TestReadDatagram(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]bool{
		"{\"format\":\"json\",\"version\":1}\n{\"id\":\"a\"}":    true,
		"{\"format\": \"json\", \"version\": 1}\n{\"id\":\"a\"}": true,
		"": false, "\n": false, "{}": false, "x\n{}": false,
		"{\"format\":\"json\"}\n": false, "{\"format\":\"json\"}\n{\"id\":1}": false,
	} {
		if d, ok := segment.ReadDatagram([]byte(data)); ok != want || ok && d.ID != "a" {
			t.Errorf("%q: got %+v and %v, want %v", data, d, ok, want)
		}
	}
}

func TestAll_SubsegmentsHaveIDs(t *testing.T) {
	t.Parallel()
	d := segment.Document{ID: "a", TraceID: "t", ParentID: "p", Subsegments: []segment.Document{
		{ID: "b", Subsegments: []segment.Document{{ID: "c"}}}, {ID: "d", ParentID: "p"},
	}}
	var got string
	for _, d := range d.All() {
		got += fmt.Sprintf("%s %s %s %s; ", d.ID, d.TraceID, d.ParentID, d.Type)
	}
	if want := "a t p ; b t a subsegment; c t b subsegment; d t a subsegment; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	if got := segment.Time(1.500001); !got.Equal(time.Unix(1, 500_001_000)) {
		t.Errorf("got %v, want 1.500001 s after 1970", got)
	}
	if got := segment.Time(0); !got.IsZero() {
		t.Errorf("got %v, want the zero time", got)
	}
}
