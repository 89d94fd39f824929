package eventstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/internal/eventfile"
)

// Golden checks the recorded events of a definition, a file for each version, in the folder
// testdata/events of the package under test. Bytes of the source and the type other than letters,
// digits, hyphens, underscores and dots are %XX in the file names.
//
// If the file of the current version is missing, Golden writes it with sample as its data, and fails.
// Golden also fails if
//
//   - the file of an older version is missing,
//   - the definition cannot decode a file, or
//   - sample lacks a member that the file of the current version has, or has another value there.
//
// So sample must be the same in each run. It may get members that the file does not have, because
// such a change needs no new version.
func Golden[T any](t testing.TB, d *events.Definition[T], sample T) {
	t.Helper()
	event, err := record(d, sample)
	if err != nil {
		t.Errorf("eventstest: publish the sample of %s: %v", d.Type(), err)
		return
	}
	for v := 1; v <= d.Version(); v++ {
		path := filepath.Join("testdata", "events", eventfile.Name(d.Source(), d.Type(), v))
		recorded, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && v == d.Version():
			if err := write(path, event); err != nil {
				t.Errorf("eventstest: %v", err)
				continue
			}
			t.Errorf("eventstest: %s was missing and is written now: commit it, and keep it as long as events of version %d may exist", path, v)
		case errors.Is(err, fs.ErrNotExist):
			t.Errorf("eventstest: %s is missing: restore it from the history of the repository, or write an event as version %d had it", path, v)
		case err != nil:
			t.Errorf("eventstest: %v", err)
		default:
			check(t, d, v, path, recorded, event)
		}
	}
}

// recording is a file.
type recording struct {
	Metadata *events.Metadata `json:"metadata"`
	Data     any              `json:"data"`
}

// check checks the file of a version. event is the recording of the current version.
func check[T any](t testing.TB, d *events.Definition[T], version int, path string, recorded, event []byte) {
	t.Helper()
	before, err := read(recorded)
	if err != nil || before.Metadata == nil || before.Metadata.Version != version {
		t.Errorf("eventstest: %s is not an event of version %d: restore it from the history of the repository", path, version)
		return
	}
	if _, err := d.Decode(recorded); err != nil {
		t.Errorf("eventstest: %s cannot be read: correct the type, or the Upcast of version %d: %v", path, version, err)
		return
	}
	if version < d.Version() {
		return
	}
	now, err := read(event)
	if err != nil {
		t.Errorf("eventstest: read the sample: %v", err)
		return
	}
	for _, problem := range changes(nil, "data", before.Data, now.Data) {
		t.Errorf("eventstest: %s: %s: restore it in the type and the sample, or define version %d with an Upcast of version %d",
			path, problem, version+1, version)
	}
}

// record returns the event of a sample, as a Bus publishes it.
func record[T any](d *events.Definition[T], sample T) ([]byte, error) {
	var r recorder
	bus := events.New(&r, &events.Options{Now: func() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }})
	if err := bus.Publish(context.Background(), d.New("golden", sample)); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, r.body, "", "  "); err != nil {
		return nil, err
	}
	text.WriteByte('\n')
	return text.Bytes(), nil
}

// recorder is a Sender that keeps the last event.
type recorder struct{ body []byte }

func (r *recorder) Limits() events.Limits { return events.Limits{} }

func (r *recorder) Send(_ context.Context, entries []events.Entry) []error {
	r.body = entries[len(entries)-1].Body
	return nil
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

func read(text []byte) (r recording, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return r, d.Decode(&r)
}

// changes appends the members of before that now lacks, or has with another value.
func changes(list []string, at string, before, now any) []string {
	switch b := before.(type) {
	case map[string]any:
		n, ok := now.(map[string]any)
		if !ok {
			break
		}
		names := make([]string, 0, len(b))
		for name := range b {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			value, ok := n[name]
			if !ok {
				list = append(list, fmt.Sprintf("the sample has no member %s.%s", at, name))
				continue
			}
			list = changes(list, at+"."+name, b[name], value)
		}
		return list
	case []any:
		n, ok := now.([]any)
		if !ok || len(n) != len(b) {
			break
		}
		for i := range b {
			list = changes(list, fmt.Sprintf("%s[%d]", at, i), b[i], n[i])
		}
		return list
	default:
		if before == now {
			return list
		}
	}
	was, _ := json.Marshal(before)
	is, _ := json.Marshal(now)
	return append(list, fmt.Sprintf("%s was %.100s, and is %.100s in the sample", at, was, is))
}
