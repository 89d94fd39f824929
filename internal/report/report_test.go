package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDefaultIsOneJSONLineAndLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		r := New(nil)
		r.stderr = &b
		for i := range 25 {
			r.Report(fmt.Errorf("bad \"thing\" %d", i))
		}
		time.Sleep(windowLen)
		r.Report(errors.New("later"))
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) != maxLines+1 {
			t.Fatalf("%d lines", len(lines))
		}
		var last map[string]any
		if err := json.Unmarshal([]byte(lines[maxLines]), &last); err != nil {
			t.Fatal(err)
		}
		if last["level"] != "WARN" || last["message"] != "later" || last["reports_dropped"] != 15.0 || last["timestamp"] == nil {
			t.Errorf("%v", last)
		}
	})
}

func TestOnceAndOnError(t *testing.T) {
	t.Parallel()
	var got []string
	r := New(func(err error) { got = append(got, err.Error()) })
	for range 3 {
		r.Once("a", errors.New("first"))
		r.Once("b", errors.New("second"))
	}
	if fmt.Sprint(got) != "[first second]" {
		t.Errorf("%v", got)
	}
}

func TestOnErrorCannotTakeTheFunctionDown(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var r *Reporter
	calls := 0
	r = New(func(error) {
		calls++
		r.Report(errors.New("nested")) // a logger that fails, say
		panic("OnError")
	})
	r.stderr = &b
	r.Report(errors.New("outer"))
	r.Report(errors.New("again"))
	if calls != 2 || strings.Count(b.String(), "nested") != 2 || strings.Count(b.String(), "OnError panicked") != 2 {
		t.Errorf("%d calls, stderr:\n%s", calls, &b)
	}
}
